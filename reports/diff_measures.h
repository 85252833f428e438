/* SPDX-License-Identifier: MIT */
/*
 * diff_measures.h - the measured figures of two generations, with what chance can do
 */
#ifndef REPORTS_DIFF_MEASURES_H
#define REPORTS_DIFF_MEASURES_H

#include "diff_bench.h"

/*
 * Medians of free-running counts of one image lie up to this far apart, in percent of each
 * other. A smaller difference is no difference, however often it is counted.
 *
 * In one session, measured in turn: runs of one generation were within 0.7 % (README, "The same
 * image, better"); timer interrupts and the layout of memory are a boot's, not an image's.
 */
#define DIFF_EQUIVALENT_PERCENT 0.7

/*
 * In different sessions: the busier the machine, the more packets a guest finds waiting at an
 * interrupt, and the fewer instructions it needs for each; that moved one image's by up to 4 %.
 */
#define DIFF_EQUIVALENT_ACROSS_PERCENT 5.0

/*
 * The same of modelled misses: how much work lies between two interrupts also decides what is
 * still in the cache when the next begins, so they move further than instructions do.
 */
#define DIFF_EQUIVALENT_MISSES_ACROSS_PERCENT 15.0

/* With three runs on both sides no order of them has p <= 0.05; fewer a side are not judged. */
enum { DIFF_LEAST_RUNS = 4 };

/*
 * Set the record's measures[]: { name, title, unit, kind, group, part, from, to, delta, percent,
 * n: [from, to], p, noise_percent, significant, lower_is_better, emulated, deterministic }. What
 * one side or both lack is in not_compared[], a group of figures at a time, with the reason that
 * bench wrote down. And set measures_note: a sentence about all free-running counts, or null.
 *
 *   kind     "exact": counted or modelled; "wall": by a clock; "size": bytes
 *   part     "kernel", "libc", ... of the measure `of`; null for the whole
 *   percent  of `from`; null if that is 0
 *   p        two-sided, by Mann and Whitney; null below four runs a side
 *   n        runs that have this figure
 *   noise_percent  of free-running counts: one of the three constants above; null of others
 *   significant  p <= 0.05 and, of free-running counts, more than noise_percent; of
 *                deterministic figures (one run, the same again at any time): they differ
 */
void diff_measures(json_t *record, const struct diff_benches *benches);

#endif
