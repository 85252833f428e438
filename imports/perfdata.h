/* SPDX-License-Identifier: MIT */
/*
 * perfdata.h - the format of perf.data, as far as it is read
 *
 * Little endian throughout. A file begins with a header (magic, sizes, where the parts
 * are, which features there are), then come the ids of the events, the events
 * (perf_event_attr and where its ids are), the records, and behind these the features.
 * A stream (perf record -o -) begins with magic and 16; events and features are records.
 * A record is a header (type, misc, size) and a body; what ends with the id of a
 * sample (sample_id_all) is only ever read from its front.
 *
 * Sources: linux/perf_event.h, and of Linux's tools/perf
 * Documentation/perf.data-file-format.txt. Numbers that linux/perf_event.h of Debian 12
 * has not yet got are given here.
 */
#ifndef IMPORTS_PERFDATA_H
#define IMPORTS_PERFDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "perfcursor.h"
#include "perfevent.h"
#include "perfinput.h"

#define PERFDATA_MAGIC 0x32454c4946524550u /* "PERFILE2" */

/* Records that perf writes itself, and their misc bits. */
enum {
	PERFDATA_HEADER_ATTR = 64,
	PERFDATA_TRACING_DATA = 66,
	PERFDATA_BUILD_ID = 67,
	PERFDATA_AUXTRACE = 71,
	PERFDATA_EVENT_UPDATE = 78,
	PERFDATA_FEATURE = 80,
	PERFDATA_COMPRESSED = 81,
	PERFDATA_COMPRESSED2 = 83, /* from Linux 6.16 on */
};

/* Features: bits of the header. HOSTNAME (3) and CMDLINE (11) are not even looked at. */
enum {
	PERFDATA_FEATURE_BUILD_ID = 2,
	PERFDATA_FEATURE_ARCH = 6,
	PERFDATA_FEATURE_CPUDESC = 8,
	PERFDATA_FEATURE_CPUID = 9,
	PERFDATA_FEATURE_EVENT_DESC = 12,
	PERFDATA_FEATURES = 256,
};

enum {
	PERFDATA_MOST_FEATURE_BYTES = 16 << 20, /* a feature larger than this is no feature */
	PERFDATA_MOST_EVENTS = 4096,
	PERFDATA_MOST_IDS = 1 << 20,
};

/* What of an event decides how its samples are laid out. */
struct perfdata_layout {
	uint64_t sample_type, read_format, branch_filter;
};

struct perfdata_id {
	uint64_t id;
	size_t event;
};

struct perfdata_inflater;

struct perfdata {
	struct perfinput in;
	const struct perf_handlers *handlers;
	struct perf_facts *facts;
	struct perfdata_layout *layouts; /* as facts->events */
	struct perfdata_id *ids;
	size_t id_count, id_room;
	bool ids_sorted;
	size_t last_id; /* where the last one was found */
	bool is_stream;
	bool layouts_checked;
	bool is_inflating;		    /* what is read now was compressed */
	uint64_t offset;		    /* of the record that is being read */
	struct perfdata_inflater *inflater; /* NULL until something is compressed */
	struct perf_branch *branches;	    /* of one sample */
	char *error;			    /* the first sentence */
};

/* Remember this sentence, if it is the first. False, so that it can be returned. */
bool perfdata_fail(struct perfdata *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * perfdata_attr.c: events. One perf_event_attr of `bytes` bytes; the ids of an event;
 * which event an id is of (false if of none). Layouts must be such that a sample's id
 * can be found before its event is known.
 */
bool perfdata_add_event(struct perfdata *d, const uint8_t *attr, size_t bytes);
bool perfdata_add_id(struct perfdata *d, uint64_t id, size_t event);
bool perfdata_find_event(struct perfdata *d, uint64_t id, size_t *event);
bool perfdata_check_layouts(struct perfdata *d);
/* "cycles", "cpu-clock", ... of events that nobody named */
void perfdata_name_events(struct perf_facts *facts);

/* perfdata_sample.c: what the processor was in; the body of a sample, handed out. */
enum perf_mode perfdata_mode(uint16_t misc);
bool perfdata_sample(struct perfdata *d, const uint8_t *body, size_t bytes, uint16_t misc);

/* perfdata_header.c: the file's header, events and features; the extent of its records. */
bool perfdata_header(struct perfdata *d, uint64_t *start, uint64_t *end);
/* One feature's bytes; unknown ones are left alone. */
bool perfdata_feature(struct perfdata *d, unsigned int feature, const uint8_t *body, size_t bytes);
/* A build id's record, as of the feature and of a stream. */
bool perfdata_build_id(struct perfdata *d, const uint8_t *body, size_t bytes, uint16_t misc);

/* perfdata_inflate.c: a compressed record's bytes, as records; then, if bytes are left over */
bool perfdata_inflate(struct perfdata *d, const uint8_t *packed, size_t bytes);
bool perfdata_inflate_is_done(const struct perfdata *d);
void perfdata_inflate_release(struct perfdata *d);

/* perfdata_record.c: one record, of any kind, of `bytes` bytes, header included. */
bool perfdata_record(struct perfdata *d, const uint8_t *record, size_t bytes);

#endif
