/* SPDX-License-Identifier: MIT */
/*
 * optimize.h - the per-module passes over a unit's bitcode, cached by content
 *
 * Raw bitcode -> marked for the target -> clang's pre-link pipeline of -O2 ->
 * bitcode ready for whole-program LTO. This is where a profile works best,
 * before the first pass; and a kernel's build-time assertions only fold here.
 */
#ifndef BITCODE_OPTIMIZE_H
#define BITCODE_OPTIMIZE_H

#include <jansson.h>
#include <stddef.h>

#include "march.h"

struct optimize {
	const char *cache; /* objects are kept below CACHE/objects */
	struct march march;
	const char *flags; /* more of them, separated by spaces, or NULL */
	unsigned jobs;
};

/*
 * Paths of the objects for a unit's modules, in order (a native module stays
 * what it is). `*made` counts those that were not in the cache. Dies with the
 * compiler's message if a module does not compile.
 */
void xoptimize(const struct optimize *o, const json_t *modules, struct strlist *objects,
	       size_t *made);

#endif
