/* SPDX-License-Identifier: MIT */
/*
 * intake.h - what a recorder left: counts of each ELF of one generation
 *
 *   REC/record.json     app, generation, build_ids, method, load, ...
 *   REC/UNIT.raw        counts by address (rawtext.h); vmlinux, the app, and perhaps init
 *   REC/UNIT.addresses  or plain samples (imports/addresstext.h), to be spread over the code
 *   REC/UNIT.prof       or, made elsewhere, counts by source line (LLVM's sample profile)
 *
 * A record.json with `partial` may lack the kernel or the app: only the other was recorded.
 */
#ifndef PROFILES_INTAKE_H
#define PROFILES_INTAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "../pipeline/lib/strlist.h"

struct recording {
	const char *directory;
	json_t *record;		    /* record.json */
	unsigned generation;	    /* its number */
	char *generation_directory; /* where UNIT.debug are */
	struct strlist units;	    /* those with counts */
};

/*
 * Read `directory`, and make sure that it is of `app` and that its generation below
 * `out` has the ELFs it was made with. Dies, saying what does not fit.
 */
void xrecording_open(struct recording *r, const char *directory, const char *out, const char *app);

/* The unit's file of this kind ("raw", "addresses", "prof"), or NULL; the caller frees. */
char *recording_file(const struct recording *r, const char *unit, const char *kind);

/* init may be missing, and may be left out; the kernel and the app may not. */
bool recording_needs(const char *unit);

#endif
