/* SPDX-License-Identifier: MIT */
/* perfdata_record.c - one record: what it says, to whom it matters */
#include "perfdata.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>

#include "../pipeline/lib/util.h"

/* From 5.12 on: a mapping has its file's build id instead of its inode. */
#define MISC_MAPPING_BUILD_ID (1u << 14)

enum { PROTECTION_EXECUTE = 4, UPDATE_NAME = 2, ID_BYTES = 20, ID_ROOM = 24 };

struct record {
	uint32_t type;
	uint16_t misc;
	const uint8_t *body;
	size_t bytes;
};

static bool damaged(struct perfdata *d, const char *what)
{
	return perfdata_fail(d, "the record at byte %" PRIu64 " is damaged: %s", d->offset, what);
}

/* pid, tid, start, length, offset; of MAPPING2 inode or build id, and protection; the file */
static bool read_mapping(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	struct perf_mapping m = { .mode = perfdata_mode(r->misc) };

	m.pid = (int32_t)perfcursor_u32(&c);
	perfcursor_u32(&c);
	m.start = perfcursor_u64(&c);
	m.bytes = perfcursor_u64(&c);
	m.offset = perfcursor_u64(&c);
	m.executable = !(r->misc & PERF_RECORD_MISC_MMAP_DATA);
	if (r->type == PERF_RECORD_MMAP2) {
		const uint8_t *inode = perfcursor_skip(&c, ID_ROOM);

		if (inode && (r->misc & MISC_MAPPING_BUILD_ID) && inode[0] &&
		    inode[0] <= ID_BYTES) {
			m.build_id = inode + 4;
			m.build_id_bytes = inode[0];
		}
		/* perf itself describes the kernel, and gives no protection then */
		m.executable = (perfcursor_u32(&c) & PROTECTION_EXECUTE) ||
			       m.mode == PERF_MODE_KERNEL || m.mode == PERF_MODE_GUEST_KERNEL;
		perfcursor_u32(&c);
	}
	m.file = perfcursor_text(&c);
	if (c.bad)
		return damaged(d, "a mapping whose file has no end");
	if (d->handlers->mapping)
		d->handlers->mapping(d->handlers->user, &m);
	return true;
}

static bool read_name(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	int32_t pid = (int32_t)perfcursor_u32(&c);
	const char *name;

	if (!(r->misc & PERF_RECORD_MISC_COMM_EXEC))
		return true;
	perfcursor_u32(&c);
	name = perfcursor_text(&c);
	if (c.bad)
		return damaged(d, "a program whose name has no end");
	if (d->handlers->exec)
		d->handlers->exec(d->handlers->user, pid, name);
	return true;
}

static bool read_fork(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	int32_t pid = (int32_t)perfcursor_u32(&c);
	int32_t parent = (int32_t)perfcursor_u32(&c);

	if (c.bad)
		return damaged(d, "a new process without a number");
	if (pid != parent && d->handlers->fork)
		d->handlers->fork(d->handlers->user, pid, parent);
	return true;
}

static bool read_lost(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	uint64_t lost;

	if (r->type == PERF_RECORD_LOST)
		perfcursor_u64(&c);
	lost = perfcursor_u64(&c);
	if (c.bad)
		return damaged(d, "it does not say how many were lost");
	if (__builtin_add_overflow(d->facts->lost, lost, &d->facts->lost))
		d->facts->lost = UINT64_MAX;
	return true;
}

/* An event of a stream: perf_event_attr, as long as it says itself, then ids. */
static bool read_event(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	uint32_t bytes;

	perfcursor_u32(&c);
	bytes = perfcursor_u32(&c);
	if (!bytes)
		bytes = PERF_ATTR_SIZE_VER0;
	c = (struct perfcursor){ r->body, r->body + r->bytes, c.bad };
	if (!perfcursor_skip(&c, bytes))
		return damaged(d, "an event that is longer than its record");
	if (!perfdata_add_event(d, r->body, bytes))
		return false;
	while (c.end - c.at >= 8)
		if (!perfdata_add_id(d, perfcursor_u64(&c), d->facts->event_count - 1))
			return false;
	perfdata_name_events(d->facts);
	return true;
}

static void read_update(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	uint64_t what = perfcursor_u64(&c);
	uint64_t id = perfcursor_u64(&c);
	const char *name = perfcursor_text(&c);
	size_t event;

	if (c.bad || what != UPDATE_NAME || !perfdata_find_event(d, id, &event))
		return;
	free(d->facts->events[event].name);
	d->facts->events[event].name = xstrdup(name);
}

static bool read_feature(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	uint64_t feature = perfcursor_u64(&c);

	if (c.bad || feature >= PERFDATA_FEATURES)
		return true;
	return perfdata_feature(d, (unsigned int)feature, c.at, (size_t)(c.end - c.at));
}

static bool read_compressed(struct perfdata *d, const struct record *r)
{
	struct perfcursor c = { r->body, r->body + r->bytes, false };
	uint64_t bytes = r->bytes;

	if (d->is_inflating)
		return damaged(d, "something compressed within something compressed");
	if (r->type == PERFDATA_COMPRESSED2)
		bytes = perfcursor_u64(&c);
	if (!perfcursor_skip(&c, bytes))
		return damaged(d, "it holds less than it says");
	d->is_inflating = true;
	if (!perfdata_inflate(d, c.at - bytes, bytes))
		return false;
	d->is_inflating = false;
	return true;
}

bool perfdata_record(struct perfdata *d, const uint8_t *record, size_t bytes)
{
	struct perfcursor c = { record, record + bytes, false };
	struct record r = { .type = perfcursor_u32(&c), .misc = perfcursor_u16(&c) };

	r.body = record + 8;
	r.bytes = bytes - 8;
	d->facts->records++;
	switch (r.type) {
	case PERF_RECORD_SAMPLE: return perfdata_sample(d, r.body, r.bytes, r.misc);
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2: return read_mapping(d, &r);
	case PERF_RECORD_COMM: return read_name(d, &r);
	case PERF_RECORD_FORK: return read_fork(d, &r);
	case PERF_RECORD_LOST:
	case PERF_RECORD_LOST_SAMPLES: return read_lost(d, &r);
	case PERF_RECORD_THROTTLE: d->facts->throttled++; return true;
	case PERFDATA_HEADER_ATTR: return read_event(d, &r);
	case PERFDATA_BUILD_ID: return perfdata_build_id(d, r.body, r.bytes, r.misc);
	case PERFDATA_EVENT_UPDATE: read_update(d, &r); return true;
	case PERFDATA_FEATURE: return read_feature(d, &r);
	case PERFDATA_COMPRESSED:
	case PERFDATA_COMPRESSED2: return read_compressed(d, &r);
	default: return true;
	}
}
