/* SPDX-License-Identifier: MIT */
/*
 * profile.h - the sample profile a unit is linked with
 *
 * chosen.json says which profile an image gets (pipeline/image.mk, step "profile"):
 *   schema 1, id (null: none), units { NAME: path of LLVM's sample profile }, and if it is
 *   there, plan: path of the plan.json of the generation that was recorded
 */
#ifndef BITCODE_PROFILE_H
#define BITCODE_PROFILE_H

#include <jansson.h>
#include <stdbool.h>

#include "../pipeline/lib/hash.h"

struct profile {
	const char *name;	     /* of LLVM's sample profile; NULL: the unit has none */
	const char *path;	     /* of a copy that nobody changes meanwhile, or NULL */
	char sha256[HASH_HEX_BYTES]; /* "" without one */
	json_t *functions;	     /* { name: total samples }, those with samples of their own */
	json_t *fit;		     /* how it fits the unit's sources (salvage.h) */
	bool by_name_only;	     /* the sources it was made with are not known */
};

/* The profile's id, or JSON null; dies as xprofile_read() does. Borrowed. */
json_t *xprofile_id(const char *chosen);

/*
 * Die, saying what to do, if too little of the profile fits `unit` (fit.h); warn if little does. One that
 * does not matter is taken away instead, with a warning: then `p` is that of a unit without.
 */
void xprofile_check(struct profile *p, const char *unit);

/*
 * The profile of a plan's unit by the file `chosen` (NULL: none), made to fit the unit's sources
 * if it is of older ones. The copy is in `cache`/tmp and goes away when the process ends.
 * Dies if `chosen` does not say what to take, or if that is no sample profile or has no function.
 */
void xprofile_read(struct profile *p, const char *chosen, const json_t *unit, const char *cache);

#endif
