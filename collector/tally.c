/* SPDX-License-Identifier: MIT */
#include "tally.h"

uint64_t add_saturated(uint64_t a, uint64_t b)
{
	/* JSON's integers have 63 bits */
	return a > INT64_MAX || b > INT64_MAX - a ? INT64_MAX : a + b;
}

void tally_init(struct tally *t, struct build *g, enum collector_event event)
{
	*t = (struct tally){ .generation = g, .event = event };
	for (unsigned u = 0; u < UNITS; u++)
		counts_init(&t->units[u], 0);
}

bool tally_kind_fits(enum collector_event event, enum count_kind kind)
{
	return (event == EVENT_BRANCH_STACKS) == (kind != COUNT_ADDRESS);
}

/* A range lies in one piece of code; both ends of a branch do, each in some. */
static bool is_inside(struct build *g, enum unit unit, enum count_kind kind,
		      const struct count_entry *e)
{
	const struct ranges *code = build_code(g, unit);
	const struct range *from = ranges_find(code, e->from);

	if (!from)
		return false;
	if (kind == COUNT_ADDRESS)
		return true;
	if (kind == COUNT_RANGE)
		return e->to >= e->from && e->to < from->end;
	return ranges_find(code, e->to) != NULL;
}

static size_t lines_of(const struct counts *c)
{
	return c->ranges.n + c->branches.n + c->addresses.n;
}

static bool add(struct counts *c, enum count_kind kind, const struct count_entry *e)
{
	switch (kind) {
	case COUNT_ADDRESS: return counts_address(c, e->from, e->count);
	case COUNT_BRANCH: return counts_branch(c, e->from, e->to, e->count);
	case COUNT_RANGE: return counts_range(c, e->from, e->to, e->count);
	}
	return false;
}

enum tally_answer tally_add(struct tally *t, struct tally_budget *b, size_t *new_lines,
			    enum unit unit, enum count_kind kind, const struct count_entry *e)
{
	struct counts *c = &t->units[unit];
	size_t before = lines_of(c), room = b->most_lines - b->lines;
	bool taken;

	if (!is_inside(t->generation, unit, kind, e))
		return TALLY_OUTSIDE;
	if (room > *new_lines)
		room = *new_lines;
	/* to the sum, no limit at all is what 0 means */
	if (!before && !room)
		return TALLY_NO_ROOM;
	c->most_lines = before + room;
	taken = add(c, kind, e);
	b->lines += lines_of(c) - before;
	*new_lines -= lines_of(c) - before;
	if (!taken)
		return TALLY_NO_ROOM;
	t->inside[unit] = add_saturated(t->inside[unit], e->count);
	return TALLY_TAKEN;
}

uint64_t tally_inside(const struct tally *t)
{
	uint64_t sum = 0;

	for (unsigned u = 0; u < UNITS; u++)
		sum = add_saturated(sum, t->inside[u]);
	return sum;
}

void tally_release(struct tally *t)
{
	for (unsigned u = 0; u < UNITS; u++)
		counts_release(&t->units[u]);
}
