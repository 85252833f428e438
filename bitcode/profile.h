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
	const char *path;	     /* of LLVM's sample profile; NULL: the unit has none */
	char sha256[HASH_HEX_BYTES]; /* "" without one */
	json_t *functions;	     /* { name: total samples }, those with samples of their own */
};

/*
 * The profile of `unit` by the file `chosen` (NULL: none). Dies if that is no sample
 * profile or has no function.
 */
void xprofile_read(struct profile *p, const char *chosen, const char *unit);

#endif
