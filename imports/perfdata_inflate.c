/* SPDX-License-Identifier: MIT */
/*
 * perfdata_inflate.c - records that perf compressed (perf record -z)
 *
 * All compressed records of a file are one stream of zstd, flushed at the end of each; a
 * record inside may begin in one and end in the next.
 */
#include "perfdata.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zstd.h>

#include "../pipeline/lib/util.h"

enum { INFLATED_BYTES = 1 << 18 }; /* more than a record */

struct perfdata_inflater {
	ZSTD_DStream *stream;
	size_t filled;
	uint8_t bytes[INFLATED_BYTES];
};

/* Take whole records from the front; what is left of one is moved there. */
static bool take_records(struct perfdata *d, struct perfdata_inflater *f)
{
	size_t at = 0;

	while (f->filled - at >= 8) {
		struct perfcursor c = { f->bytes + at + 6, f->bytes + at + 8, false };
		size_t bytes = perfcursor_u16(&c);

		if (bytes < 8)
			return perfdata_fail(d,
					     "what is compressed at byte %" PRIu64 " is damaged: "
					     "a record of %zu bytes",
					     d->offset, bytes);
		if (bytes > f->filled - at)
			break;
		if (!perfdata_record(d, f->bytes + at, bytes))
			return false;
		at += bytes;
	}
	memmove(f->bytes, f->bytes + at, f->filled - at);
	f->filled -= at;
	return true;
}

bool perfdata_inflate(struct perfdata *d, const uint8_t *packed, size_t bytes)
{
	ZSTD_inBuffer in = { packed, bytes, 0 };
	struct perfdata_inflater *f = d->inflater;
	ZSTD_outBuffer out;

	if (!f) {
		f = d->inflater = xcalloc(1, sizeof(*f));
		f->stream = ZSTD_createDStream();
		if (!f->stream)
			die("out of memory");
	}
	do {
		size_t status;

		out = (ZSTD_outBuffer){ f->bytes, sizeof(f->bytes), f->filled };
		status = ZSTD_decompressStream(f->stream, &out, &in);
		if (ZSTD_isError(status))
			return perfdata_fail(
				d, "what is compressed at byte %" PRIu64 " is damaged: %s",
				d->offset, ZSTD_getErrorName(status));
		f->filled = out.pos;
		if (!take_records(d, f))
			return false;
	} while (in.pos < in.size || out.pos == out.size);
	return true;
}

bool perfdata_inflate_is_done(const struct perfdata *d)
{
	return !d->inflater || !d->inflater->filled;
}

void perfdata_inflate_release(struct perfdata *d)
{
	if (d->inflater)
		ZSTD_freeDStream(d->inflater->stream);
	free(d->inflater);
	d->inflater = NULL;
}
