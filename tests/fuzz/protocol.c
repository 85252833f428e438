/* SPDX-License-Identifier: MIT */
/* The collector's protocol: any bytes as a stream, and as the payload of each type of frame. */
#include <stdlib.h>
#include <string.h>

#include "../../collector/protocol.h"
#include "fuzz.h"

static void read_counts(const struct frame *f)
{
	struct counts_writer w;
	enum unit unit;
	enum count_kind kind;
	size_t entries;

	if (!counts_frame_read(&unit, &kind, &entries, f))
		return;
	counts_writer_begin(&w, unit, kind);
	for (size_t i = 0; i < entries; i++) {
		struct count_entry e;
		bool added;

		counts_frame_entry(&e, f, i);
		added = counts_writer_add(&w, &e);
		fuzz_expect(added);
	}
	fuzz_expect(w.entries == entries && w.bytes == f->payload_bytes);
	fuzz_expect(!memcmp(w.payload, f->payload, w.bytes));
}

/* What can be read is written the same. */
static void read_payload(const struct frame *f)
{
	uint8_t again[FRAME_PAYLOAD_MAX];
	struct status status;
	struct hello hello;
	struct start start;

	if (hello_read(&hello, f)) {
		fuzz_expect(hello_write(again, &hello) == f->payload_bytes);
		fuzz_expect(!memcmp(again, f->payload, f->payload_bytes));
	}
	if (start_read(&start, f)) {
		fuzz_expect(start_write(again, &start) == f->payload_bytes);
		fuzz_expect(!memcmp(again, f->payload, f->payload_bytes));
	}
	if (status_read(&status, f)) {
		fuzz_expect(status_write(again, &status) == f->payload_bytes);
		fuzz_expect(!memcmp(again, f->payload, f->payload_bytes));
	}
	read_counts(f);
}

static void read_stream(const uint8_t *bytes, size_t n)
{
	while (n) {
		struct frame f;
		size_t used;
		int found = frame_read(&f, bytes, n, &used);

		if (!found)
			return;
		fuzz_expect(used && used <= n);
		if (found > 0) {
			fuzz_expect(f.payload_bytes + FRAME_HEADER_BYTES == used);
			read_payload(&f);
		}
		bytes += used;
		n -= used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t whole[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];
	size_t payload_bytes, n;

	read_stream(data, size);
	if (!size)
		return 0;
	/* fuzzing never guesses a CRC */
	payload_bytes = size - 1 < FRAME_PAYLOAD_MAX ? size - 1 : FRAME_PAYLOAD_MAX;
	n = frame_write(whole, data[0], (uint32_t)size, data + 1, payload_bytes);
	read_stream(whole, n);
	return 0;
}
