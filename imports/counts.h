/* SPDX-License-Identifier: MIT */
/*
 * counts.h - counts of one unit (vmlinux, the app, init) while they are being added up; bounded
 *
 * Lines are kept in hash tables seeded at random, so that no peer can make them slow, and leave
 * sorted. The counts of each kind stay within 63 bits together, as the formats want it
 * (profiles/rawtext.h, imports/addresstext.h).
 */
#ifndef IMPORTS_COUNTS_H
#define IMPORTS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../profiles/rawtext.h"

struct counts_table {
	struct raw_count *v; /* a slot without a count is free */
	size_t n, room;	     /* lines; slots, a power of two or 0 */
	uint64_t total;	     /* of the counts; at most INT64_MAX */
};

struct counts {
	struct counts_table ranges, branches, addresses;
	size_t most_lines; /* of all kinds together; 0: no limit */
	uint64_t refused;  /* how many times something was not taken */
	uint64_t seed;
};

void counts_init(struct counts *c, size_t most_lines);

/*
 * Add to a line: first and last instruction of a range, source and target of a branch, one
 * address. A count of 0 changes nothing. False, and counted in c->refused: it would be a new
 * line beyond the limit, or take the total beyond 63 bits; then nothing has changed.
 */
bool counts_range(struct counts *c, uint64_t first, uint64_t last, uint64_t count);
bool counts_branch(struct counts *c, uint64_t from, uint64_t to, uint64_t count);
bool counts_address(struct counts *c, uint64_t address, uint64_t count);

bool counts_is_empty(const struct counts *c);

/* The lines of a table by address; `from` and `to` of an address are the same. The caller frees `v`. */
struct raw_counts counts_sorted(const struct counts_table *t);

/*
 * UNIT.raw (if there are ranges or branches) and UNIT.addresses (if there are addresses) in
 * `directory`, sorted; nothing if empty. Dies if they cannot be written.
 */
void xcounts_write(struct counts *c, const char *directory, const char *unit);

/* As after counts_init, with the same limit. */
void counts_release(struct counts *c);

#endif
