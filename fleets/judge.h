/* SPDX-License-Identifier: MIT */
/*
 * judge.h - which recordings of a fleet count, and how much
 *
 * In this order, each step without what the steps before refused:
 *
 *   unreadable   what the scan refused
 *   duplicate    at least as like an earlier one of the same build as JUDGE_DUPLICATE
 *   peak         one place has more than JUDGE_PEAK of the counts, and JUDGE_PEAK_TIMES what is
 *                usual there
 *   outlier      far less like the median than the others are, and no others like it
 *   unwanted     the weights leave nothing for its load
 *
 * What is usual is asked of the smallest set with at least JUDGE_SET recordings: those of the
 * same build and load, of the same build, all. docs/fleets.md has the formulas and the reasons.
 */
#ifndef FLEETS_JUDGE_H
#define FLEETS_JUDGE_H

#include <stdbool.h>

#include "weights.h"

enum { JUDGE_SET = 5, JUDGE_SUPPORTERS = 3 };

#define JUDGE_DUPLICATE 0.999
#define JUDGE_PEAK 0.25
#define JUDGE_PEAK_TIMES 10.0
#define JUDGE_DEVIATIONS 5.0

struct verdict {
	const struct sketch *sketch;
	const char *why; /* NULL: it counts; or one of the words above */
	char *reason;	 /* then a sentence */
	char *note;	 /* NULL, or what is strange about one that counts */
	double likeness; /* to the median of its set; -1 if there was no set */
	double weight, share;
};

struct judgement {
	struct verdict *v; /* by label */
	size_t n, counting;
	struct caps caps;
	struct strlist unmet_loads;
};

/*
 * Sorts the sketches, and drops one that is there twice. Dies if two with the same label differ,
 * or if they are of different builds of the same number.
 */
void judge(struct judgement *j, struct sketches *all, const struct wishes *w, bool keep_outliers);

/* Are they of the same build, with counts of the same kind? */
bool judge_same_group(const struct sketch *a, const struct sketch *b);

#endif
