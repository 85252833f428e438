/* SPDX-License-Identifier: MIT */
/*
 * counterparts.h - which function of a newer build is the one that a profile counted
 *
 * By name, by module for a static function that now has a namesake, and for one that was renamed by
 * what it is made of.
 */
#ifndef BITCODE_COUNTERPARTS_H
#define BITCODE_COUNTERPARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "bodies.h"
#include "linemap.h"

enum counterpart_kind {
	COUNTERPART_SAME,    /* in a module that did not change */
	COUNTERPART_CHANGED, /* its module did; `map` says where its lines are */
	COUNTERPART_BY_NAME, /* there is a function of this name; `map` has its lines, nothing more is known */
	COUNTERPART_NONE,
};

struct counterpart {
	enum counterpart_kind kind;
	char *name; /* in the newer build; NULL if there is none */
	struct linemap map;
};

struct counterparts {
	struct bodies *then, *now; /* then: NULL if nothing is known of it */
	json_t *candidates;	   /* { name: true }: functions of `now` that `then` had none of */
	json_t *known;		   /* { name in the profile: number in v } */
	struct counterpart *v;
	size_t n;
	bool gone; /* a module of `then` that was asked for is not known any more */
};

/* Both outlive the result. */
void counterparts_init(struct counterparts *c, struct bodies *then, struct bodies *now);

/*
 * Of the function that has this name in the profile. Each is looked for once; what was found for one
 * is not given to another. Returns its number in v.
 */
size_t counterparts_find(struct counterparts *c, const char *name);

void counterparts_release(struct counterparts *c);

#endif
