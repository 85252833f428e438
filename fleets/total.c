/* SPDX-License-Identifier: MIT */
#include "total.h"

#include <stdlib.h>

/* What a count is multiplied with: the exact fraction, so that every machine rounds the same. */
struct scale {
	uint64_t instructions, of;
};

static uint64_t scaled(uint64_t count, const struct scale *s)
{
	unsigned __int128 parts =
		(unsigned __int128)count * s->instructions * TOTAL_PARTS + s->of / 2;

	return (uint64_t)(parts / s->of);
}

static int compare(const struct raw_count *a, const struct raw_count *b)
{
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

/* Two sorted lists as one. `scale` is for the counts of `from`; NULL: as they are. */
static void merge(struct raw_counts *to, const struct raw_counts *from, const struct scale *scale)
{
	struct raw_counts result = { 0 };
	size_t a = 0, b = 0;

	while (a < to->n || b < from->n) {
		int order = a == to->n ? 1 : b == from->n ? -1 : compare(&to->v[a], &from->v[b]);
		const struct raw_count *at = order <= 0 ? &to->v[a] : &from->v[b];
		uint64_t count = order <= 0 ? to->v[a].count : 0;

		if (order >= 0)
			count += scale ? scaled(from->v[b].count, scale) : from->v[b].count;
		raw_push(&result, at->from, at->to, count);
		a += order <= 0;
		b += order >= 0;
	}
	free(to->v);
	*to = result;
}

void total_add(struct total *t, const struct reading *r, uint64_t instructions)
{
	struct scale scale = { instructions, r->instructions };

	for (size_t i = 0; i < UNITS; i++) {
		merge(&t->units[i].ranges, &r->units[i].counts.ranges, &scale);
		merge(&t->units[i].branches, &r->units[i].counts.branches, &scale);
	}
}

void total_join(struct raw_profile *to, const struct raw_profile *from)
{
	merge(&to->ranges, &from->ranges, NULL);
	merge(&to->branches, &from->branches, NULL);
}

static void finish(struct raw_counts *c, uint64_t parts_per_count)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		uint64_t parts = c->v[i].count,
			 whole = (parts + parts_per_count / 2) / parts_per_count;

		if (!parts)
			continue;
		c->v[kept] = c->v[i];
		c->v[kept++].count = whole ? whole : 1;
	}
	c->n = kept;
}

void total_finish(struct raw_profile *p, uint64_t instructions_per_count)
{
	finish(&p->ranges, TOTAL_PARTS * instructions_per_count);
	finish(&p->branches, TOTAL_PARTS * instructions_per_count);
}

void total_release(struct total *t)
{
	for (size_t i = 0; i < UNITS; i++)
		raw_release(&t->units[i]);
}
