/* SPDX-License-Identifier: MIT */
/*
 * salvage.h - a profile of older sources, made to fit those that are linked now
 *
 * LLVM finds a function again by name and a line by its distance from the function's first. What
 * was renamed is lost to it, and counts go to other lines where some were added: its
 * -salvage-stale-profile moves calls only, for a profile that is by line. So the profile is
 * written anew here, by what the functions are made of (bodies.h), then and now.
 *
 * The fit, also in X.profile.json (applied.h) and in what profile-check prints:
 *   compared	    "same": no module changed; "sources": line by line, with the modules of the
 *		    generation that was recorded; "names": these are not known any more, so that a
 *		    function counts as matched if there is one of its name
 *   functions, matched_functions, salvaged_functions, lost_functions
 *   samples, matched_samples, salvaged_samples, lost_samples	 counts of lines, each once
 *   renamed, lost	up to 50 of { from, to, samples } and { name, samples }, by samples
 *
 * A function is salvaged if its name or the place of one of its lines is another one or one of its lines
 * is lost, and lost if there is no such function. A line that runs, of a changed function, is lost if it is in a place
 * that was rewritten. "Salvaged" is what was found again, which may be wrong for lines that
 * were changed where they are.
 */
#ifndef BITCODE_SALVAGE_H
#define BITCODE_SALVAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * The text of a profile, as llvm-profdata prints it, for another unit. `then`: the unit of the plan it was made with, or NULL. What is
 * written to `out`, if it is not NULL, is the text for `now`, and of no use if it was compared by names. `*whole`: it is the same. Returns
 * the fit, a new reference. `text` is taken apart.
 */
json_t *salvage_text(char *text, const json_t *then, const json_t *now, const char *cache,
		     FILE *out, bool *whole);

#endif
