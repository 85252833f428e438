/* SPDX-License-Identifier: MIT */
/* perfdata_header.c - what a perf.data says of itself: events, features, build ids */
#include "perfdata.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>

#include "../pipeline/lib/util.h"

/* misc of a build id's record: its length is said (Linux 5.12) */
#define MISC_BUILD_ID_SIZE (1u << 15)

enum { HEADER_BYTES = 104, SECTION_BYTES = 16, ID_BYTES = 20, ID_ROOM = 24 };

struct section {
	uint64_t offset, bytes;
};

static struct section take_section(struct perfcursor *c)
{
	uint64_t offset = perfcursor_u64(c);

	return (struct section){ offset, perfcursor_u64(c) };
}

static uint64_t section_end(const struct section *s)
{
	uint64_t end;

	return __builtin_add_overflow(s->offset, s->bytes, &end) ? UINT64_MAX : end;
}

static bool read_ids(struct perfdata *d, const struct section *s, size_t event)
{
	if (s->bytes / 8 > PERFDATA_MOST_IDS || s->offset > INT64_MAX)
		return perfdata_fail(d, "the ids of event %zu are said to be %" PRIu64 " bytes",
				     event, s->bytes);
	for (uint64_t done = 0; s->bytes - done >= 8; done += 8) {
		const uint8_t *at = perfinput_at(&d->in, s->offset + done, 8);
		struct perfcursor c;

		if (!at)
			return perfdata_fail(d, "it is cut off within the ids of its events");
		c = (struct perfcursor){ at, at + 8, false };
		if (!perfdata_add_id(d, perfcursor_u64(&c), event))
			return false;
	}
	return true;
}

/* The events: perf_event_attr, as large as the perf that wrote it knew it, then its ids' section. */
static bool read_events(struct perfdata *d, const struct section *s, uint64_t entry_bytes)
{
	if (entry_bytes < PERF_ATTR_SIZE_VER0 + SECTION_BYTES || entry_bytes > UINT16_MAX)
		return perfdata_fail(d, "its header is damaged: an event has %" PRIu64 " bytes",
				     entry_bytes);
	if (s->bytes / entry_bytes > PERFDATA_MOST_EVENTS || s->offset > INT64_MAX)
		return perfdata_fail(d, "its header is damaged: %" PRIu64 " bytes of events",
				     s->bytes);
	for (uint64_t done = 0; s->bytes - done >= entry_bytes; done += entry_bytes) {
		const uint8_t *at = perfinput_at(&d->in, s->offset + done, entry_bytes);
		size_t attr_bytes = (size_t)entry_bytes - SECTION_BYTES;
		struct section ids;
		struct perfcursor c;

		if (!at)
			return perfdata_fail(d,
					     "it is cut off within the description of its events");
		c = (struct perfcursor){ at + attr_bytes, at + entry_bytes, false };
		ids = take_section(&c);
		if (!perfdata_add_event(d, at, attr_bytes) ||
		    !read_ids(d, &ids, d->facts->event_count - 1))
			return false;
	}
	return d->facts->event_count || perfdata_fail(d, "it has no events");
}

static void keep(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

static bool read_arch(struct perfdata *d, struct perfcursor *c)
{
	const char *arch = perfcursor_string(c);

	if (!arch)
		return true;
	keep(&d->facts->arch, arch);
	if (strcmp(arch, "x86_64"))
		return perfdata_fail(d,
				     "it was recorded on %.40s; images are built for x86_64, and "
				     "only counts from there can be used",
				     arch);
	return true;
}

/* "GenuineIntel,6,85,7": vendor, then model numbers, which are not kept */
static void read_cpuid(struct perf_facts *facts, struct perfcursor *c)
{
	const char *text = perfcursor_string(c);

	if (!text)
		return;
	keep(&facts->cpu_vendor, text);
	facts->cpu_vendor[strcspn(facts->cpu_vendor, ",")] = 0;
}

/* How many, bytes of each; then each: perf_event_attr, number of ids, name, ids. */
static void read_event_names(struct perf_facts *facts, struct perfcursor *c)
{
	uint32_t n = perfcursor_u32(c);
	uint32_t attr_bytes = perfcursor_u32(c);

	for (uint32_t i = 0; i < n && i < facts->event_count && !c->bad; i++) {
		uint64_t ids;
		const char *name;

		perfcursor_skip(c, attr_bytes);
		ids = perfcursor_u32(c);
		name = perfcursor_string(c);
		perfcursor_skip(c, 8 * ids);
		if (!c->bad)
			keep(&facts->events[i].name, name);
	}
}

static bool read_build_ids(struct perfdata *d, struct perfcursor *c)
{
	while (c->at < c->end) {
		const uint8_t *record = c->at;
		uint16_t misc, bytes;

		perfcursor_u32(c);
		misc = perfcursor_u16(c);
		bytes = perfcursor_u16(c);
		if (bytes < 8 || !perfcursor_skip(c, bytes - 8u))
			return true; /* the ones before are good */
		if (!perfdata_build_id(d, record + 8, bytes - 8u, misc))
			return false;
	}
	return true;
}

bool perfdata_build_id(struct perfdata *d, const uint8_t *body, size_t bytes, uint16_t misc)
{
	struct perfcursor c = { body, body + bytes, false };
	struct perf_facts *facts = d->facts;
	struct perf_build_id b = { .mode = perfdata_mode(misc), .bytes = ID_BYTES };
	const uint8_t *id;
	const char *file;
	size_t n = facts->build_id_count;

	perfcursor_u32(&c); /* process: of the host, or a guest's */
	id = perfcursor_skip(&c, ID_ROOM);
	file = perfcursor_text(&c);
	if (!file || n >= UINT16_MAX)
		return true; /* one less is known */
	if ((misc & MISC_BUILD_ID_SIZE) && id[ID_BYTES] && id[ID_BYTES] <= ID_BYTES)
		b.bytes = id[ID_BYTES];
	memcpy(b.id, id, b.bytes);
	b.file = xstrdup(file);
	if (!(n & (n + 1))) /* room for twice as many, each time one less than a power of two */
		facts->build_ids = xrealloc(facts->build_ids, 2 * (n + 1) * sizeof(b));
	facts->build_ids[facts->build_id_count++] = b;
	return true;
}

bool perfdata_feature(struct perfdata *d, unsigned int feature, const uint8_t *body, size_t bytes)
{
	struct perfcursor c = { body, body + bytes, false };
	const char *text;

	switch (feature) {
	case PERFDATA_FEATURE_BUILD_ID: return read_build_ids(d, &c);
	case PERFDATA_FEATURE_ARCH: return read_arch(d, &c);
	case PERFDATA_FEATURE_CPUDESC:
		text = perfcursor_string(&c);
		if (text)
			keep(&d->facts->cpu_description, text);
		return true;
	case PERFDATA_FEATURE_CPUID: read_cpuid(d->facts, &c); return true;
	case PERFDATA_FEATURE_EVENT_DESC: read_event_names(d->facts, &c); return true;
	default: return true;
	}
}

/* Behind the records: a section for each feature whose bit is set, in that order. */
static bool read_features(struct perfdata *d, const uint64_t bits[4], uint64_t table)
{
	for (unsigned int feature = 0; feature < PERFDATA_FEATURES; feature++) {
		const uint8_t *at;
		struct perfcursor c;
		struct section s;

		if (!(bits[feature / 64] >> feature % 64 & 1))
			continue;
		at = perfinput_at(&d->in, table, SECTION_BYTES);
		if (!at) {
			d->facts->truncated = true;
			return true;
		}
		c = (struct perfcursor){ at, at + SECTION_BYTES, false };
		s = take_section(&c);
		table += SECTION_BYTES;
		if (s.bytes > PERFDATA_MOST_FEATURE_BYTES)
			continue; /* traces of a processor; none of those that are read */
		at = s.bytes ? perfinput_at(&d->in, s.offset, s.bytes) : NULL;
		if (s.bytes && !at)
			d->facts->truncated = true;
		if (at && !perfdata_feature(d, feature, at, s.bytes))
			return false;
	}
	return true;
}

/* The start of a file. Its features are known only if perf came to write how long the records are. */
static bool read_file_header(struct perfdata *d, uint64_t *start, uint64_t *end)
{
	const uint8_t *at = perfinput_at(&d->in, 0, HEADER_BYTES);
	struct perfcursor c;
	struct section events, records;
	uint64_t entry_bytes, bits[4];

	if (!at)
		return perfdata_fail(d, "it is cut off within its header");
	if (!d->in.is_seekable)
		return perfdata_fail(d,
				     "it cannot be read through a pipe; name the file itself, or "
				     "record with -o - to get a stream");
	c = (struct perfcursor){ at + 16, at + HEADER_BYTES, false };
	entry_bytes = perfcursor_u64(&c);
	events = take_section(&c);
	records = take_section(&c);
	take_section(&c); /* types of events, of old */
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		bits[i] = perfcursor_u64(&c);
	if (!read_events(d, &events, entry_bytes))
		return false;
	*start = records.offset;
	*end = section_end(&records);
	if (!records.bytes) { /* perf was killed: whatever comes is records */
		*end = UINT64_MAX;
		d->facts->truncated = true;
		return true;
	}
	if (*end <= d->in.bytes)
		return read_features(d, bits, *end);
	d->facts->truncated = true;
	return true;
}

bool perfdata_header(struct perfdata *d, uint64_t *start, uint64_t *end)
{
	const uint8_t *at = perfinput_at(&d->in, 0, 16);
	struct perfcursor c;
	uint64_t magic, bytes;

	if (!at)
		return perfdata_fail(d, d->in.bytes ? "it is cut off within its header"
						    : "it is empty");
	c = (struct perfcursor){ at, at + 16, false };
	magic = perfcursor_u64(&c);
	bytes = perfcursor_u64(&c);
	if (magic == __builtin_bswap64(PERFDATA_MAGIC))
		return perfdata_fail(d, "it was recorded on a big-endian machine; images are built "
					"for x86_64, and only counts from there can be used");
	if (magic != PERFDATA_MAGIC)
		return perfdata_fail(d, "it does not begin as perf.data does");
	d->is_stream = bytes == 16;
	*start = 16;
	*end = UINT64_MAX;
	if (d->is_stream)
		return true;
	if (bytes < HEADER_BYTES)
		return perfdata_fail(d, "its header is damaged: it says to have %" PRIu64 " bytes",
				     bytes);
	return read_file_header(d, start, end);
}
