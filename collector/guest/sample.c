/* SPDX-License-Identifier: MIT */
#include "sample.h"

bool sample_read(struct sample *s, const struct perf_record *record, bool has_branches)
{
	const struct perf_sample *plain = (const void *)record;
	size_t bytes = record->bytes;
	const uint64_t *count = (const void *)(plain + 1);

	if (bytes < sizeof(*plain))
		return false;
	*s = (struct sample){ .address = plain->address, .process = plain->process };
	if (!has_branches)
		return true;
	bytes -= sizeof(*plain);
	if (bytes < sizeof(*count) || *count > (bytes - sizeof(*count)) / sizeof(*s->branches))
		return false;
	s->branch_count = (size_t)*count;
	s->branches = (const void *)(count + 1);
	return true;
}

static void add(const struct units *u, struct table *t, const struct place *p, unsigned *taken,
		unsigned *refused)
{
	++*(table_add(t, u, p) ? taken : refused);
}

/* Processors leave entries empty, and guess wrongly: AMD's say so. */
static bool is_sane(const struct perf_branch *b)
{
	return b->from && b->to &&
	       (b->flags >> PERF_BRANCH_SPECULATION_SHIFT & 3) != PERF_BRANCH_WRONG_PATH;
}

unsigned sample_count(const struct sample *s, const struct units *u, struct table *t,
		      unsigned *taken)
{
	unsigned refused = 0, later_unit = UNITS;
	uint64_t later_from = 0;

	*taken = 0;
	if (!s->branches) {
		struct place p = { units_find(u, s->address), COUNT_ADDRESS, s->address, 0 };

		if ((unsigned)p.unit < UNITS)
			add(u, t, &p, taken, &refused);
		return refused;
	}
	for (size_t i = 0; i < s->branch_count; i++) {
		const struct perf_branch *b = &s->branches[i];
		unsigned from, to;

		if (!is_sane(b)) {
			later_unit = UNITS; /* the chain is broken here */
			continue;
		}
		from = units_find(u, b->from);
		to = units_find(u, b->to);
		if (from == to && from < UNITS)
			add(u, t, &(struct place){ from, COUNT_BRANCH, b->from, b->to }, taken,
			    &refused);
		if (to == later_unit && to < UNITS && b->to <= later_from &&
		    later_from - b->to < RANGE_MOST_BYTES)
			add(u, t, &(struct place){ to, COUNT_RANGE, b->to, later_from }, taken,
			    &refused);
		later_unit = from;
		later_from = b->from;
	}
	return refused;
}
