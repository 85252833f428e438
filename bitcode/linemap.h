/* SPDX-License-Identifier: MIT */
/*
 * linemap.h - where the lines of a function are in a newer version of it
 *
 * The longest common subsequence of the lines' signatures (Wagner and Fischer, "The
 * string-to-string correction problem", 1974) says which are the same. Lines between two such, as many
 * as there are in the newer version, were changed in place and are taken for each other; others are lost.
 */
#ifndef BITCODE_LINEMAP_H
#define BITCODE_LINEMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "bodies.h"

struct linemap {
	struct linemap_line {
		unsigned from, to;
		bool found;
	} *v; /* by `from` */
	size_t n;
	double similarity; /* equal lines of all, 0 to 1 */
};

/* Release it. */
void linemap_make(struct linemap *m, const struct body *from, const struct body *to);

/*
 * False: the line is lost. One that had no code of its own (a macro's, a declaration's) goes where the
 * code before it went.
 */
bool linemap_find(const struct linemap *m, unsigned from, unsigned *to);

/* Has the older version code of its own on that line, or is nothing known of it? */
bool linemap_has(const struct linemap *m, unsigned from);

void linemap_release(struct linemap *m);

#endif
