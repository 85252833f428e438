/* SPDX-License-Identifier: MIT */
/*
 * likeness.h - how alike two recordings are, and what is usual among many
 *
 * The likeness of two histograms p and q of shares is the sum of min(p[i], q[i]) over all
 * buckets: 1 for the same, 0 for nothing in common; it is 1 - the total variation distance.
 * LLVM's "llvm-profdata overlap" sums up the same for counters (OverlapStats::score in
 * llvm/ProfileData/InstrProf.h).
 */
#ifndef FLEETS_LIKENESS_H
#define FLEETS_LIKENESS_H

#include <stddef.h>
#include <stdint.h>

/* From 0 to 1, of two histograms in parts of SKETCH_ONE. */
double likeness(const uint32_t *a, const uint32_t *b, size_t n);

/*
 * The weighted median: half of the weight is at values up to it. They are put
 * in another order. 0 if there are none.
 */
struct weighted {
	double value, weight;
};
double weighted_median(struct weighted *v, size_t n);

/*
 * Bucket by bucket the weighted median of `n` histograms of `buckets` buckets, scaled so that
 * all together are SKETCH_ONE: less than half of the weight cannot move it far.
 */
void histogram_median(uint32_t *result, const uint32_t *const *histograms, const double *weights,
		      size_t n, size_t buckets);

#endif
