/* SPDX-License-Identifier: MIT */
/*
 * advice.h - the perf command that would have brought better counts on that processor
 *
 * Events as in the kernel's Documentation/dev-tools/autofdo.rst; periods are primes, so that
 * they do not fall into step with a loop.
 */
#ifndef IMPORTS_ADVICE_H
#define IMPORTS_ADVICE_H

#include "choice.h"

/*
 * One line; the caller frees. `c` may be without a generation; `density` is 0 if it is not known.
 */
char *advice_better(const struct choice *c, const struct perf_facts *facts, double density,
		    const struct builds *builds);

#endif
