/* SPDX-License-Identifier: MIT */
/*
 * total.h - counts of many recordings of one build, each scaled to its share, added up
 *
 * Sums are whole numbers, of parts of an instruction: TOTAL_PARTS to one. So it does not matter
 * in which order, nor in how many portions, they are added up.
 */
#ifndef FLEETS_TOTAL_H
#define FLEETS_TOTAL_H

#include "reading.h"

enum { TOTAL_PARTS = 1 << 16 };

struct total {
	struct raw_profile units[UNITS]; /* sorted; in parts of an instruction */
};

/*
 * Add the counts of `r`, scaled so that they become `instructions` instructions in the result.
 * `instructions` is at most 2^40.
 */
void total_add(struct total *t, const struct reading *r, uint64_t instructions);

/* Add another sum of the same build; `from` is sorted. */
void total_join(struct raw_profile *to, const struct raw_profile *from);

/*
 * In whole counts, rounded, each worth so many instructions: 1 of ranges and branches, of plain samples
 * what the store takes one for. What was counted at all counts at least one.
 */
void total_finish(struct raw_profile *p, uint64_t instructions_per_count);

void total_release(struct total *t);

#endif
