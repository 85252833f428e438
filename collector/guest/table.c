/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <string.h>

enum {
	KIND_SHIFT = 2 * UNIT_OFFSET_BITS,
	UNIT_SHIFT = KIND_SHIFT + 2,
	USED_SHIFT = UNIT_SHIFT + 2,
};

static const uint64_t offset_mask = (UINT64_C(1) << UNIT_OFFSET_BITS) - 1;

static uint64_t key_of(const struct units *u, const struct place *p)
{
	uint64_t first = u->v[p->unit].first;
	uint64_t to = p->kind == COUNT_ADDRESS ? 0 : p->to - first;

	return UINT64_C(1) << USED_SHIFT | (uint64_t)p->unit << UNIT_SHIFT |
	       (uint64_t)p->kind << KIND_SHIFT | to << UNIT_OFFSET_BITS | (p->from - first);
}

bool table_add(struct table *t, const struct units *u, const struct place *p)
{
	uint64_t key = key_of(u, p);
	/* Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, 6.4 */
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) % TABLE_LINES;

	while (t->keys[i] && t->keys[i] != key)
		i = (i + 1) % TABLE_LINES;
	if (!t->keys[i]) {
		if (t->used == TABLE_MOST)
			return false;
		t->used++;
		t->keys[i] = key;
	}
	if (t->counts[i] != UINT32_MAX)
		t->counts[i]++;
	return true;
}

bool table_line(const struct table *t, const struct units *u, size_t index, struct place *p,
		uint32_t *count)
{
	uint64_t key = t->keys[index], first;

	if (!key)
		return false;
	p->unit = (enum unit)(key >> UNIT_SHIFT & 3);
	p->kind = (enum count_kind)(key >> KIND_SHIFT & 3);
	first = u->v[p->unit].first;
	p->from = first + (key & offset_mask);
	p->to = p->kind == COUNT_ADDRESS ? 0 : first + (key >> UNIT_OFFSET_BITS & offset_mask);
	*count = t->counts[index];
	return true;
}

void table_clear(struct table *t)
{
	if (t->used)
		memset(t, 0, sizeof(*t));
}
