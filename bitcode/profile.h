/* SPDX-License-Identifier: MIT */
/*
 * profile.h - the sample profile a unit is linked with
 *
 * chosen.json says which profile an image gets (pipeline/image.mk, step "profile"):
 *   schema 1, id (null: none), units { NAME: path of LLVM's sample profile }
 */
#ifndef BITCODE_PROFILE_H
#define BITCODE_PROFILE_H

#include <jansson.h>

#include "../pipeline/lib/hash.h"

struct profile {
	const char *name;	     /* of LLVM's sample profile; NULL: the unit has none */
	const char *path;	     /* of a copy that nobody changes meanwhile, or NULL */
	char sha256[HASH_HEX_BYTES]; /* "" without one */
	json_t *functions;	     /* { name: total samples }, those with samples of their own */
};

/* The profile's id, or JSON null; dies as xprofile_read() does. Borrowed. */
json_t *xprofile_id(const char *chosen);

/*
 * The profile of `unit` by the file `chosen` (NULL: none). The copy is in `cache`/tmp and
 * goes away when the process ends. Dies if `chosen` does not say what to take, or if that
 * is no sample profile or has no function.
 */
void xprofile_read(struct profile *p, const char *chosen, const char *unit, const char *cache);

#endif
