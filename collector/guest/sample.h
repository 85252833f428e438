/* SPDX-License-Identifier: MIT */
/*
 * sample.h - one record of the kernel's, and what is counted of it
 */
#ifndef COLLECTOR_GUEST_SAMPLE_H
#define COLLECTOR_GUEST_SAMPLE_H

#include <linux/perf_event.h>

#include "table.h"

/* What the samples of an event have in them; with PERF_SAMPLE_BRANCH_STACK or without. */
enum { SAMPLE_TYPE = PERF_SAMPLE_IP | PERF_SAMPLE_TID };

/* Code runs straight on for no longer than this; a longer way was put together wrongly. */
enum { RANGE_MOST_BYTES = 1 << 16 };

struct sample {
	uint64_t address;
	uint32_t process;
	size_t branch_count;
	const struct perf_branch_entry *branches; /* newest first, unaligned to the record's end */
};

/* Read a PERF_RECORD_SAMPLE of `bytes`. False if its lengths do not fit. */
bool sample_read(struct sample *s, const struct perf_event_header *record, size_t bytes,
		 bool has_branches);

/*
 * Count it: of branch stacks the branches and what ran between them, else the address. Returns
 * how many counts found no room. What is in no unit (the vDSO, the collector) is not counted;
 * `*taken` is the number that was.
 */
unsigned sample_count(const struct sample *s, const struct units *u, struct table *t,
		      unsigned *taken);

#endif
