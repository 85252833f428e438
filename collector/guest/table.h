/* SPDX-License-Identifier: MIT */
/*
 * table.h - counts of one period, added up in a table of fixed size
 *
 * Open addressing with linear probing; nothing is ever taken out but all at once. A line is 12
 * bytes: where the count is of, as offsets into its unit, and the count.
 */
#ifndef COLLECTOR_GUEST_TABLE_H
#define COLLECTOR_GUEST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../protocol.h"
#include "units.h"

enum {
	TABLE_LINES = 8192,
	TABLE_MOST = TABLE_LINES / 8 * 7, /* the rest keeps probing short */
};

struct table {
	uint64_t keys[TABLE_LINES]; /* 0: free */
	uint32_t counts[TABLE_LINES];
	size_t used;
};

/* Where a count is of: addresses of one unit. */
struct place {
	enum unit unit;
	enum count_kind kind;
	uint64_t from, to; /* `to` is 0 for COUNT_ADDRESS */
};

/* Add one. False: the table is full, and this place is not in it yet. */
bool table_add(struct table *t, const struct units *u, const struct place *p);

/* Line `index` < TABLE_LINES. False: it is free. */
bool table_line(const struct table *t, const struct units *u, size_t index, struct place *p,
		uint32_t *count);

void table_clear(struct table *t);

#endif
