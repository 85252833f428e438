/* SPDX-License-Identifier: MIT */
/*
 * diff_measures.h - the measured figures of two generations, with what chance can do
 */
#ifndef REPORTS_DIFF_MEASURES_H
#define REPORTS_DIFF_MEASURES_H

#include "diff_bench.h"

/*
 * Medians of free-running counts of one image lie up to this far apart, in percent of each
 * other: runs of one generation were within 0.7 % (README, "The same image, better"). A
 * smaller difference is no difference, however often it is counted: timer interrupts and
 * the layout of memory are a boot's, not an image's.
 */
#define DIFF_EQUIVALENT_PERCENT 0.7

/* With three runs on both sides no order of them has p <= 0.05; fewer a side are not judged. */
enum { DIFF_LEAST_RUNS = 4 };

/*
 * Set the record's measures[]: { name, title, unit, kind, group, part, from, to, delta, percent,
 * n: [from, to], p, significant, lower_is_better, emulated, deterministic }. What one side
 * or both lack is in not_compared[], a group of figures at a time.
 *
 *   kind     "exact": counted or modelled; "wall": by a clock; "size": bytes
 *   part     "kernel", "libc", ... of the measure `of`; null for the whole
 *   percent  of `from`; null if that is 0
 *   p        two-sided, by Mann and Whitney; null below four runs a side
 *   significant  p <= 0.05 and, of exact counts, above DIFF_EQUIVALENT_PERCENT; of deterministic
 *                figures (one run, the same again at any time): they differ
 */
void diff_measures(json_t *record, const struct diff_benches *benches);

#endif
