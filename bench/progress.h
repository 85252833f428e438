/* SPDX-License-Identifier: MIT */
/*
 * progress.h - which run is under way, and how long all will take
 *
 * Lines on standard error, "  [ 7/34] exact 2 of 5, generation 7      about 1 min 50 s left": on a
 * terminal one line that is rewritten, elsewhere a line a run. What is left is the sum over the
 * runs to come of what runs of their kind took so far.
 */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include <stddef.h>

enum { PROGRESS_KINDS = 8 };

struct progress {
	size_t total, done;
	size_t left[PROGRESS_KINDS];	/* runs to come */
	double spent_s[PROGRESS_KINDS]; /* by those that ended */
	size_t ended[PROGRESS_KINDS];
	double guess_s[PROGRESS_KINDS]; /* for one run, until one ended */
	double began_s;			/* the current one, clock_s() */
};

/* One more run of `kind` is planned. */
void progress_plan(struct progress *p, unsigned kind);

void progress_begin(struct progress *p, const char *title);
void progress_end(struct progress *p, unsigned kind);

/* Seconds until all is done, guessed. */
double progress_left_s(const struct progress *p);

/* The rewritten line ends; something else may be said. */
void progress_interrupt(void);

#endif
