/* SPDX-License-Identifier: MIT */
/*
 * diff_bench.h - what was measured of two generations, and whether that can be compared
 */
#ifndef REPORTS_DIFF_BENCH_H
#define REPORTS_DIFF_BENCH_H

#include <stdbool.h>

#include "diff_side.h"

struct diff_benches {
	json_t *from, *to;   /* bench.json of both, or both NULL */
	bool is_one_session; /* the counts: measured in turn, by one run of bench */
	char *command;	     /* that measures both in turn */
	char *wall_why;	     /* why the wall clock's figures are not compared, or NULL */
};

/*
 * Read what was measured under `load`, or under the recipe's own if it is NULL. Files that
 * are missing, damaged, unfinished, of another schema, of another image or made under
 * conditions that matter to exact counts are refused with a reason in the record's not_compared[].
 */
void diff_benches_open(struct diff_benches *b, json_t *record, const struct diff_sides *sides,
		       const char *load);

#endif
