/* SPDX-License-Identifier: MIT */
/*
 * ranges.h - ranges of addresses, with names
 *
 * As an argument a range is "START:END" or "NAME:START:END", in hexadecimal with or without 0x;
 * END is the first address behind it. Ranges of one list may touch, not overlap.
 */
#ifndef PROFILES_RANGES_H
#define PROFILES_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t start, end;
	char *name; /* NULL if it has none */
};

struct ranges {
	struct range *v; /* sorted by address */
	size_t n;
};

/*
 * Add what `text` says; `named`: it begins with a name of letters, digits, '_', '-' and
 * '.', which is used as a file's name. Returns NULL, or a sentence's second half: why not.
 */
const char *ranges_parse(struct ranges *r, const char *text, bool named);

/* NULL, or why the range cannot be added. `name` is copied. */
const char *ranges_add(struct ranges *r, uint64_t start, uint64_t end, const char *name);

/* The range that holds `address`, or NULL. */
const struct range *ranges_find(const struct ranges *r, uint64_t address);

/* A range of the list that has an address in [start, end), or NULL. */
const struct range *ranges_overlapping(const struct ranges *r, uint64_t start, uint64_t end);

void ranges_release(struct ranges *r);

#endif
