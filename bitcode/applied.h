/* SPDX-License-Identifier: MIT */
/*
 * applied.h - what a profile did to a unit: the proof that it was used
 *
 * X.profile.json beside a linked unit, schema 1:
 *   unit
 *   functions, samples		    in the profile
 *   matched_functions, matched_samples	    of those, what the unit's modules define
 *   callsites, stale_callsites,	    LLVM's count of profiled calls, and of those that
 *   callsite_samples, stale_samples	    are not where the profile has them, or are
 *					    indirect with one target (LLVM 19 counts those)
 *   recovered_callsites, recovered_samples of those, what LLVM found again (link_profile.h)
 *   promoted_calls			    indirect calls that became direct ones, in LTO
 *   linked_functions, counted_functions   before code generation; with an entry count
 *   hot_bytes, split_bytes, unlikely_bytes, text_bytes	of machine code
 *   lost				    up to 50 functions of the profile that no module
 *					    defines, by samples
 *   fit				    how the profile fitted before all that (salvage.h)
 */
#ifndef BITCODE_APPLIED_H
#define BITCODE_APPLIED_H

#include <jansson.h>

#include "names.h"
#include "profile.h"

/* What clang is told so that it says what applied_report() counts. */
extern const char *const applied_remarks;

/*
 * The report of a linked unit: `objects` of xoptimize() with their remarks beside them,
 * `elf` what was linked, `module` as it was before code generation. Dies with what is
 * wrong if the profile was applied to next to nothing.
 */
json_t *xapplied_report(const json_t *unit, const struct names *names,
			const struct profile *profile, const struct strlist *objects,
			const char *elf, const char *module);

/* Where the remarks about an object are kept, which the caller frees. */
char *applied_remarks_path(const char *object);

#endif
