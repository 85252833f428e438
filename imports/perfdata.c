/* SPDX-License-Identifier: MIT */
#include "perfdata.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../pipeline/lib/util.h"

enum { PROGRESS_BYTES = 4 << 20 };

bool perfdata_fail(struct perfdata *d, const char *format, ...)
{
	char *what = NULL;
	va_list arguments;

	if (d->error)
		return false;
	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	d->error = xasprintf("%s cannot be read as perf.data: %s", d->in.name, what);
	free(what);
	return false;
}

/* What follows a record and is not part of its size. False if it lies beyond what can be. */
static bool bytes_behind(const uint8_t *record, size_t bytes, uint64_t *behind)
{
	struct perfcursor c = { record, record + bytes, false };
	uint32_t type = perfcursor_u32(&c);

	perfcursor_u32(&c);
	*behind = 0;
	if (type == PERFDATA_AUXTRACE)
		*behind = perfcursor_u64(&c);
	else if (type == PERFDATA_TRACING_DATA)
		*behind = ((uint64_t)perfcursor_u32(&c) + 7) & ~(uint64_t)7;
	return !c.bad && *behind < INT64_MAX;
}

static void show_progress(const struct perfdata *d, uint64_t *shown)
{
	if (!d->handlers->progress || d->offset - *shown < PROGRESS_BYTES)
		return;
	*shown = d->offset;
	d->handlers->progress(d->handlers->user, d->offset, d->in.bytes);
}

/* The record at d->offset. False at the end of the file, at an error, and where it is cut off. */
static bool next_record(struct perfdata *d, uint64_t end)
{
	const uint8_t *at = perfinput_at(&d->in, d->offset, 8);
	struct perfcursor c;
	uint64_t behind;
	size_t bytes;

	if (!at) {
		/* a stream and what a killed perf left have no end that could be missed */
		if (end != UINT64_MAX || perfinput_at(&d->in, d->offset, 1))
			d->facts->truncated = true;
		return false;
	}
	c = (struct perfcursor){ at, at + 8, false };
	perfcursor_skip(&c, 6);
	bytes = perfcursor_u16(&c);
	if (bytes < 8)
		return perfdata_fail(d,
				     "the record at byte %" PRIu64 " is damaged: its size is %zu",
				     d->offset, bytes);
	at = perfinput_at(&d->in, d->offset, bytes);
	if (!at || bytes > end - d->offset) {
		d->facts->truncated = true;
		return false;
	}
	if (!bytes_behind(at, bytes, &behind))
		return perfdata_fail(d, "the record at byte %" PRIu64 " is damaged", d->offset);
	if (!perfdata_record(d, at, bytes))
		return false;
	d->offset += bytes + behind;
	return true;
}

static void read_records(struct perfdata *d, uint64_t start, uint64_t end)
{
	uint64_t shown = 0;

	for (d->offset = start; d->offset < end && d->offset < INT64_MAX;) {
		if (!next_record(d, end))
			break;
		show_progress(d, &shown);
	}
	if (d->in.failed)
		perfdata_fail(d, "%s", strerror(d->in.failed));
	if (!d->facts->event_count)
		perfdata_fail(d, "it ends before any event is described");
	if (!perfdata_inflate_is_done(d))
		d->facts->truncated = true;
}

static char *read_all(struct perfdata *d)
{
	uint64_t start, end;
	char *error;

	d->facts->file_bytes = d->in.bytes;
	if (perfdata_header(d, &start, &end)) {
		perfdata_name_events(d->facts);
		if (d->is_stream || perfdata_check_layouts(d))
			read_records(d, start, end);
	}
	if (d->in.failed)
		perfdata_fail(d, "%s", strerror(d->in.failed));
	if (!d->facts->file_bytes)
		d->facts->file_bytes = d->offset;
	if (d->handlers->progress && !d->error)
		d->handlers->progress(d->handlers->user, d->offset, d->in.bytes);
	perfdata_inflate_release(d);
	error = d->error;
	perfinput_close(&d->in);
	free(d->layouts);
	free(d->ids);
	free(d->branches);
	return error;
}

char *perfdata_read(const char *path, const struct perf_handlers *handlers,
		    struct perf_facts *facts)
{
	struct perfdata d = { .handlers = handlers, .facts = facts };
	char *error;

	*facts = (struct perf_facts){ 0 };
	error = perfinput_open(&d.in, path);
	return error ? error : read_all(&d);
}

char *perfdata_read_memory(const char *name, const uint8_t *data, size_t bytes,
			   const struct perf_handlers *handlers, struct perf_facts *facts)
{
	struct perfdata d = { .handlers = handlers, .facts = facts };

	*facts = (struct perf_facts){ 0 };
	perfinput_memory(&d.in, name, data, bytes);
	return read_all(&d);
}
