/* SPDX-License-Identifier: MIT */
/*
 * quality.h - can counts be of an ELF at all, and are they enough to optimize it by?
 *
 * Enough is what LLVM says. The density of a function is its counted instructions' bytes, each
 * as often as it was counted, by the bytes of the function; of a profile it is that of the
 * last function needed, densest first, to have 99 % of what was counted. llvm-profgen asks
 * for more samples below 50 (profile-density-threshold, profile-density-cutoff-hot; first in
 * reviews.llvm.org/D113781: sparse profiles are noise, and MySQL gained with more samples).
 *
 * Plain samples are spread over all of a function, and need fewer: of the functions that have 90 %
 * of them, each is to have 50 (an error of a seventh). Drawn at random from what the tracer counted
 * in nginx under load, 3,000 samples of a unit made a profile 89 % like the exact one, 30,000 97 %,
 * 300,000 99 %.
 */
#ifndef IMPORTS_QUALITY_H
#define IMPORTS_QUALITY_H

#include "counts.h"

struct quality {
	double density;	       /* or, of plain samples, those of the last hot function */
	double misfit_percent; /* of counts: cannot be of this ELF */
	double waiting_percent; /* of plain samples: where the kernel waits; left out of the density */
	uint64_t functions;	/* that have 99 %, or 90 %, of what was counted */
};

/* extern: a test and a sentence for a person use them */
extern const double quality_dense;

/* Of one unit. Dies if the ELF cannot be read. */
void xquality_of(struct quality *q, const char *unit, const char *elf, const struct counts *c);

/* How many samples a profile of `samples` would need to be dense; at least 1. */
uint64_t quality_needed(const struct quality *q, uint64_t samples);

/* "good", "fair" or "poor"; and a sentence of what to expect. */
const char *quality_word(double density, bool with_branches);
const char *quality_sentence(double density, bool with_branches);

#endif
