/* SPDX-License-Identifier: MIT */
/*
 * perfdata_sample.c - one sample: address, process, branches
 *
 * What is in a sample, and in which order, is perf_event.h's comment on PERF_RECORD_SAMPLE.
 * Nothing is needed of what lies behind the branches (registers, stack, weight, ...), so
 * a kernel newer than this file may put there what it likes.
 */
#include "perfdata.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* linux/perf_event.h from 5.7 and 6.0 on */
#define BRANCH_HAS_INDEX (1u << 17) /* PERF_SAMPLE_BRANCH_HW_INDEX */
#define READ_LOST (1u << 4)	    /* PERF_FORMAT_LOST */

enum { BRANCH_BYTES = 24, MOST_BRANCHES = UINT16_MAX / BRANCH_BYTES };

/* The counter values that PERF_SAMPLE_READ puts into a sample. */
static void skip_read(struct perfcursor *c, uint64_t format)
{
	uint64_t values = 1, words = 1; /* words a value has */
	uint64_t times = !!(format & PERF_FORMAT_TOTAL_TIME_ENABLED) +
			 !!(format & PERF_FORMAT_TOTAL_TIME_RUNNING);

	words += !!(format & PERF_FORMAT_ID) + !!(format & READ_LOST);
	if (format & PERF_FORMAT_GROUP)
		values = perfcursor_u64(c);
	if (values > UINT16_MAX)
		c->bad = true;
	else
		perfcursor_skip(c, 8 * (times + values * words));
}

static void skip_words(struct perfcursor *c)
{
	uint64_t words = perfcursor_u64(c);

	if (words > UINT16_MAX)
		c->bad = true;
	else
		perfcursor_skip(c, 8 * words);
}

static void read_branches(struct perfdata *d, struct perfcursor *c, uint64_t filter,
			  struct perf_sample *s)
{
	uint64_t n = perfcursor_u64(c);

	if (filter & BRANCH_HAS_INDEX)
		perfcursor_u64(c);
	if (c->bad || n > (size_t)(c->end - c->at) / BRANCH_BYTES || n > MOST_BRANCHES) {
		c->bad = true;
		return;
	}
	if (!d->branches)
		d->branches = xcalloc(MOST_BRANCHES, sizeof(*d->branches));
	for (size_t i = 0; i < n; i++) {
		struct perf_branch *b = &d->branches[i];
		uint64_t flags;

		b->from = perfcursor_u64(c);
		b->to = perfcursor_u64(c);
		flags = perfcursor_u64(c); /* mispredicted, predicted, in a transaction, aborted */
		b->mispredicted = flags & 1;
		b->predicted = flags & 2;
		b->aborted = flags & 8;
	}
	s->branches = d->branches;
	s->branch_count = n;
}

static void read_parts(struct perfdata *d, struct perfcursor *c, const struct perfdata_layout *l,
		       struct perf_sample *s)
{
	uint64_t type = l->sample_type;

	if (type & PERF_SAMPLE_IDENTIFIER)
		perfcursor_u64(c);
	if (type & PERF_SAMPLE_IP)
		s->address = perfcursor_u64(c);
	if (type & PERF_SAMPLE_TID) {
		s->pid = (int32_t)perfcursor_u32(c);
		s->tid = (int32_t)perfcursor_u32(c);
	}
	if (type & PERF_SAMPLE_TIME)
		perfcursor_u64(c);
	if (type & PERF_SAMPLE_ADDR)
		perfcursor_u64(c);
	if (type & PERF_SAMPLE_ID)
		perfcursor_u64(c);
	if (type & PERF_SAMPLE_STREAM_ID)
		perfcursor_u64(c);
	if (type & PERF_SAMPLE_CPU)
		perfcursor_u64(c);
	if (type & PERF_SAMPLE_PERIOD)
		s->period = perfcursor_u64(c);
	if (type & PERF_SAMPLE_READ)
		skip_read(c, l->read_format);
	if (type & PERF_SAMPLE_CALLCHAIN)
		skip_words(c);
	if (type & PERF_SAMPLE_RAW)
		perfcursor_skip(c, perfcursor_u32(c));
	if (type & PERF_SAMPLE_BRANCH_STACK)
		read_branches(d, c, l->branch_filter, s);
}

/* The id is looked at before the event is known, so by the layout they all share. */
static bool event_of(struct perfdata *d, const uint8_t *body, size_t bytes, size_t *event)
{
	struct perfcursor c = { body, body + bytes, false };
	uint64_t type = d->layouts[0].sample_type;

	*event = 0;
	if (d->facts->event_count == 1)
		return true;
	if (!(type & PERF_SAMPLE_IDENTIFIER)) {
		uint64_t before = type & (PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
					  PERF_SAMPLE_ADDR);

		perfcursor_skip(&c, 8 * (uint64_t)__builtin_popcountll(before));
	}
	return perfdata_find_event(d, perfcursor_u64(&c), event) && !c.bad;
}

enum perf_mode perfdata_mode(uint16_t misc)
{
	static const enum perf_mode modes[8] = { PERF_MODE_UNKNOWN,	 PERF_MODE_KERNEL,
						 PERF_MODE_USER,	 PERF_MODE_HYPERVISOR,
						 PERF_MODE_GUEST_KERNEL, PERF_MODE_GUEST_USER };

	return modes[misc & PERF_RECORD_MISC_CPUMODE_MASK];
}

bool perfdata_sample(struct perfdata *d, const uint8_t *body, size_t bytes, uint16_t misc)
{
	struct perfcursor c = { body, body + bytes, false };
	struct perf_sample s = { .pid = -1, .tid = -1, .count = 1, .mode = perfdata_mode(misc) };

	if (!perfdata_check_layouts(d))
		return false;
	if (!event_of(d, body, bytes, &s.event)) {
		d->facts->unknown++;
		return true;
	}
	/* who needs no samples need not wait for them */
	if (d->handlers->sample) {
		const struct perf_event_kind *e = &d->facts->events[s.event];

		if (!e->is_frequency)
			s.period = e->period_or_frequency;
		read_parts(d, &c, &d->layouts[s.event], &s);
		if (c.bad)
			return perfdata_fail(d,
					     "the sample at byte %" PRIu64 " is damaged: it is too "
					     "short for what it is said to hold",
					     d->offset);
		d->handlers->sample(d->handlers->user, &s);
	}
	d->facts->samples++;
	return true;
}
