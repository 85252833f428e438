/* SPDX-License-Identifier: MIT */
/*
 * sample.h - one record of the kernel's, and what is counted of it
 */
#ifndef COLLECTOR_GUEST_SAMPLE_H
#define COLLECTOR_GUEST_SAMPLE_H

#include "perf_abi.h"
#include "table.h"

/* What the samples of an event have in them; with PERF_SAMPLE_BRANCH_STACK or without. */
enum { SAMPLE_TYPE = PERF_SAMPLE_IP | PERF_SAMPLE_TID };

/* Code runs straight on for no longer than this; a longer way was put together wrongly. */
enum { RANGE_MOST_BYTES = 1 << 16 };

struct sample {
	uint64_t address;
	uint32_t process;
	size_t branch_count;
	const struct perf_branch *branches; /* newest first; NULL: there are none */
};

/* Read a PERF_RECORD_SAMPLE. False if its lengths do not fit. */
bool sample_read(struct sample *s, const struct perf_record *record, bool has_branches);

/*
 * Count it: of branch stacks the branches and what ran between them, else the address. Returns
 * how many counts found no room. What is in no unit (the vDSO, the collector) is not counted;
 * `*taken` is the number that was.
 */
unsigned sample_count(const struct sample *s, const struct units *u, struct table *t,
		      unsigned *taken);

#endif
