/* SPDX-License-Identifier: MIT */
/*
 * exclusions.h - code that a profile must not count: it waits
 *
 * profiles/excluded.rules, one a line; "#" begins a comment:
 *
 *   exclude NAME: reason		NAME of a kernel's symbol; * and ? as a shell has them
 */
#ifndef PROFILES_EXCLUSIONS_H
#define PROFILES_EXCLUSIONS_H

#include "elfmap.h"

struct exclusion {
	uint64_t start, end;
	const char *symbol, *reason;
};

struct exclusions {
	struct exclusion *v; /* by address; none overlap */
	size_t n;
};

/* The rules of the file for the symbols there are. Dies with file and line if it is not understood. */
void xexclusions_read(struct exclusions *e, const char *path, const struct elfmap *m);

/* The one that starts at `start`, or NULL. */
const struct exclusion *exclusions_at(const struct exclusions *e, uint64_t start);

#endif
