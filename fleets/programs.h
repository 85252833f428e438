/* SPDX-License-Identifier: MIT */
/*
 * programs.h - the ELF files of an app's generations, each read when it is first asked about
 */
#ifndef FLEETS_PROGRAMS_H
#define FLEETS_PROGRAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../profiles/builds.h"
#include "../profiles/code.h"
#include "../profiles/patched.h"
#include "../profiles/waiting.h"
#include "sources.h"

struct program {
	const struct build_unit *of;
	const char *name; /* of the unit */
	bool is_open;
	struct code code; /* once it is open */
	struct patched patched;
	struct sources sources; /* once they were asked for */
	bool has_sources;
	struct exclusions waiting; /* once they were asked for */
	bool has_waiting;
};

struct programs {
	struct builds builds;
	struct program (*v)[UNITS]; /* by build, then by unit */
};

/* All generations of `app` below `out`; dies if there are none. */
void xprograms_find(struct programs *p, const char *out, const char *app);

/*
 * The build whose ELFs have these ids, by unit name, where `wanted[i]` says that unit i matters: that
 * of number `preferred` if it has them, else the newest. NULL if there is none.
 */
const struct build *programs_build(const struct programs *p, const json_t *build_ids,
				   uint64_t preferred, const bool wanted[UNITS]);

/* Those of one of the builds, by unit. */
struct program *programs_of(const struct programs *p, const struct build *build);

/* Read the ELF, once. NULL, or why it cannot be; the caller frees. */
char *program_open(struct program *p);

/* Which functions its code was written in; none without debug information. */
const struct sources *program_sources(struct program *p);

/* Where its samples say nothing, because it waits. Dies if its ELF is no program. */
const struct exclusions *program_waiting(struct program *p);

#endif
