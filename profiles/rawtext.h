/* SPDX-License-Identifier: MIT */
/*
 * rawtext.h - counts by address, as text: what a recorder writes and llvm-profgen takes
 *
 *   DEC                    how many lines of ranges follow
 *   HEX-HEX:DEC            first instruction, last instruction, times it ran
 *   DEC                    how many lines of branches follow
 *   HEX->HEX:DEC           instruction that branches, target, times taken
 *
 * Addresses are absolute, lower-case hexadecimal without 0x. llvm-profgen accepts a
 * good deal more and believes all of it; here everything else is an error.
 */
#ifndef PROFILES_RAWTEXT_H
#define PROFILES_RAWTEXT_H

#include <stddef.h>
#include <stdint.h>

struct raw_count {
	uint64_t from, to; /* of a range: its first and its last instruction */
	uint64_t count;
};

struct raw_counts {
	struct raw_count *v;
	size_t n, room;
};

struct raw_profile {
	struct raw_counts ranges, branches;
};

/*
 * Read `text`; `name` is for the error. NULL, or a sentence "NAME:LINE: ..." that
 * the caller frees; then `p` is empty. The counts of each kind fit in 63 bits together.
 */
char *raw_parse(struct raw_profile *p, const char *name, const char *text, size_t bytes);

void raw_push(struct raw_counts *c, uint64_t from, uint64_t to, uint64_t count);

/* Ascending by address, counts of the same addresses added up. */
void raw_sort(struct raw_counts *c);

/* The text; the caller frees. */
char *raw_format(const struct raw_profile *p, size_t *bytes);

void raw_release(struct raw_profile *p);

#endif
