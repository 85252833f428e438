/* SPDX-License-Identifier: MIT */
/*
 * usual.h - sets of recordings that should be alike, and how alike they are
 */
#ifndef FLEETS_USUAL_H
#define FLEETS_USUAL_H

#include <stdbool.h>

#include "likeness.h"
#include "weights.h"

/* The narrowest first. */
enum usual_level { USUAL_BUILD_AND_LOAD, USUAL_BUILD, USUAL_ALL, USUAL_LEVELS };

struct usual {
	enum usual_level level;
	char *name;	 /* "generation 7, load train"; "all" */
	size_t *members; /* which recordings */
	size_t n;
	uint32_t *median;	 /* of the blocks, or of the functions if the level is USUAL_ALL */
	double middle;		 /* the median likeness to it */
	double strange, refused; /* likeness below which one is */
};

struct usuals {
	struct usual **v;
	size_t n;
	struct usual **of; /* the set of each recording, or NULL */
	double *likeness;  /* of each to the median of its set */
};

/* The smallest set that is large enough, for each of `n`. The caller releases. */
void usuals_make(struct usuals *sets, const struct weighed *v, size_t n);
void usuals_release(struct usuals *sets);

/* How much of the set's counts is where `p` is, from 0 to 1, or a little more. */
double usual_share(const struct usual *u, const struct sketch_peak *p);

/*
 * How many other recordings are as like recording `index` as is expected of the set; and of how
 * many hosts that are known, other than its own.
 */
size_t usual_supporters(const struct usual *u, const struct weighed *v, size_t index,
			size_t *hosts);

#endif
