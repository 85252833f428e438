/* SPDX-License-Identifier: MIT */
/*
 * bodies.h - what functions are made of, line by line
 *
 * A sample profile counts by a line's distance from its function's first. To find a line
 * again in a newer source, each has a signature: what its instructions do, in order, and what
 * they call. Kept in the cache by module, so that it is known after the capsule is gone.
 */
#ifndef BITCODE_BODIES_H
#define BITCODE_BODIES_H

#include <jansson.h>
#include <stdint.h>

#include "names.h"

struct body_line {
	unsigned offset;    /* from the function's first line */
	uint32_t signature; /* equal lines of two sources have the same */
};

struct body {
	char *name;		 /* when it is linked */
	const char *module;	 /* its sha256; borrowed from the unit's names */
	struct body_line *lines; /* by offset */
	size_t n;
};

/* The functions of one unit; modules are read when they are asked for. */
struct bodies {
	const json_t *unit; /* of a plan; outlives this */
	const char *cache;
	struct names names;
	json_t *index;	/* { linked name: sha256 of the module that defines it } */
	json_t *loaded; /* { sha256: { plain name: [ offset, signature, ... ] } } */
};

/*
 * False if the unit's modules are not there any more and nothing is known of them: their
 * capsules were removed from the cache.
 */
bool bodies_open(struct bodies *b, const json_t *unit, const char *cache);

/*
 * The function of that name, linked, which the caller releases; false if the unit has none, or
 * if its module is gone.
 */
bool bodies_find(struct bodies *b, const char *name, struct body *body);

/* Is there a function of that name whose module is gone, and nothing that was read of it is kept? */
bool bodies_is_gone(struct bodies *b, const char *name);

/* The sha256 of the module that defines a linked name, or NULL. Borrowed. */
const char *bodies_module(const struct bodies *b, const char *name);

void body_release(struct body *body);

#endif
