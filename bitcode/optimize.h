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

#include "../pipeline/lib/strlist.h"
#include "profile.h"

/*
 * Paths of the objects for a plan's unit, in order (a native module stays what it is),
 * kept below CACHE/objects; `jobs` processes at a time. `*made` counts those that were
 * not in the cache. A module that defines no function of the profile comes out as it does without
 * one. Dies with the compiler's message if a module does not compile.
 */
void xoptimize(const json_t *unit, const char *cache, unsigned jobs, const struct profile *profile,
	       struct strlist *objects, size_t *made);

#endif
