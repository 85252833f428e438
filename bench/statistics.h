/* SPDX-License-Identifier: MIT */
/*
 * statistics.h - do two lots of runs differ?
 *
 * Times of runs have long tails and no known distribution, so nothing here supposes one: medians,
 * and a test of ranks.
 */
#ifndef BENCH_STATISTICS_H
#define BENCH_STATISTICS_H

#include <stddef.h>

/* A difference that chance alone would make in fewer cases than this counts as one. */
#define STATISTICS_ALPHA 0.05

/* The middle value, of an even number the mean of the two; NAN if there is none. */
double statistics_median(const double *v, size_t n);

/*
 * The two-sided Mann-Whitney U test (Wilcoxon's rank-sum test): the probability of ranks that are
 * at least as uneven as these if all values come from one distribution. From 0 to 1; 1 if all
 * values are equal, or if a side is empty.
 *
 * Exact for up to 49 values a side without ties, as R's wilcox.test, and for up to 20 with ties;
 * beyond that the normal approximation, corrected for ties and continuity, as R's. With ties and few
 * values that approximation would call 1 1 1 and 2 2 2 different (0.047), where 2 of 20 ways of
 * dealing the values are as uneven as that (0.1).
 *
 * The least value possible is 2 / binomial(na + nb, na). It is 0.1 for 3 and 3, 0.057 for 3 and 4,
 * 0.036 for 3 and 5, 0.029 for 4 and 4: with fewer than four values on both sides nothing is ever
 * below STATISTICS_ALPHA, so measure at least four times, better five (0.008).
 *
 * Sources: Mann and Whitney, On a test of whether one of two random variables is stochastically
 * larger than the other, 1947 (the count by recurrence); Streitberg and Roehmel, Exact distributions
 * for permutation and rank tests, 1986 (the same with ties); Lehmann, Nonparametrics, 1975, 1.3
 * and 1.4 (the approximation).
 */
double statistics_mann_whitney(const double *a, size_t na, const double *b, size_t nb);

#endif
