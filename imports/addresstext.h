/* SPDX-License-Identifier: MIT */
/*
 * addresstext.h - plain samples, as text: how often the program counter was found at an address
 *
 *   DEC                    how many lines follow
 *   HEX:DEC                address, samples
 *
 * Addresses are absolute, lower-case hexadecimal without 0x, each once, ascending; a count is at
 * least 1, and all together fit in 63 bits. Anything else is an error.
 */
#ifndef IMPORTS_ADDRESSTEXT_H
#define IMPORTS_ADDRESSTEXT_H

#include <stddef.h>
#include <stdint.h>

struct address_count {
	uint64_t address, count;
};

struct address_counts {
	struct address_count *v;
	size_t n, room;
};

/*
 * Read `text`; `name` is for the error. NULL, or a sentence "NAME:LINE: ..." that the caller frees;
 * then `a` is empty.
 */
char *addresses_parse(struct address_counts *a, const char *name, const char *text, size_t bytes);

void addresses_push(struct address_counts *a, uint64_t address, uint64_t count);

/* Ascending, counts of the same address added up. */
void addresses_sort(struct address_counts *a);

/* All counts; the caller knows that they fit. */
uint64_t addresses_total(const struct address_counts *a);

/* The text of sorted counts; the caller frees. */
char *addresses_format(const struct address_counts *a, size_t *bytes);

void addresses_release(struct address_counts *a);

#endif
