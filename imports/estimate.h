/* SPDX-License-Identifier: MIT */
/*
 * estimate.h - how often each block and each edge ran, from samples of some of them
 *
 * A function is a Markov chain: each edge of a block is taken with a share, and shares and entries
 * decide how often each block runs, so that what enters a block always leaves it. Sought are
 * the shares and entries that make the samples most likely (penalized maximum likelihood, by
 * multiplicative steps as those of expectation maximization). docs/profiles.md has the formulas.
 *
 * The same input gives the same output.
 */
#ifndef IMPORTS_ESTIMATE_H
#define IMPORTS_ESTIMATE_H

#include <stdbool.h>

#include "blocks.h"

struct estimate {
	const struct blocks *blocks;
	const double *samples; /* of each block */
	bool only_at_starts;   /* they are of its start, and stand for what ran before it */
	double *runs;	       /* result: of each block, in samples for each instruction */
	double *taken;	       /* result: of each edge, in the same unit */
};

/* The caller sets the first three, and releases. */
void estimate_run(struct estimate *e);
void estimate_release(struct estimate *e);

#endif
