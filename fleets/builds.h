/* SPDX-License-Identifier: MIT */
/*
 * builds.h - the generations of an app, found by the build ids of their ELF files
 */
#ifndef FLEETS_BUILDS_H
#define FLEETS_BUILDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../profiles/code.h"
#include "../profiles/patched.h"
#include "../profiles/waiting.h"
#include "sources.h"

enum { BUILD_UNITS = 3 }; /* vmlinux, the app, init */

struct build_unit {
	const char *name;
	char *path;
	char build_id[129]; /* "" if the ELF is not there or has none */
	bool is_open;
	struct code code; /* once it is open */
	struct patched patched;
	struct sources sources; /* once they were asked for */
	bool has_sources;
	struct exclusions waiting; /* once they were asked for */
	bool has_waiting;
};

struct build {
	unsigned number;
	struct build_unit units[BUILD_UNITS];
};

struct builds {
	const char *app;
	struct build *v; /* by number */
	size_t n;
};

/* All generations of `app` below `out`; dies if there are none. */
void xbuilds_open(struct builds *b, const char *out, const char *app);

/*
 * The generation whose ELFs have these ids, where `wanted[i]` says that unit i matters: the one
 * of number `preferred` if it has them, else the first. NULL if there is none.
 */
struct build *builds_find(struct builds *b, const json_t *build_ids, uint64_t preferred,
			  const bool wanted[BUILD_UNITS]);

/* Read the ELF, once. NULL, or why it cannot be; the caller frees. */
char *build_unit_open(struct build_unit *u);

/* Which functions its code was written in; none without debug information. */
const struct sources *build_unit_sources(struct build_unit *u);

/* Where its samples say nothing, because it waits. Dies if its ELF is no program. */
const struct exclusions *build_unit_waiting(struct build_unit *u);

#endif
