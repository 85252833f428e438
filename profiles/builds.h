/* SPDX-License-Identifier: MIT */
/*
 * builds.h - the generations of an app, found by the build ids of their ELF files
 *
 * Programs of an image are static and run where they were linked to, the kernel too (it has no
 * KASLR): an address says by itself in which unit it is, a build id of which generation.
 */
#ifndef PROFILES_BUILDS_H
#define PROFILES_BUILDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../collector/unit.h"
#include "ranges.h"

struct build_unit {
	char *path;	      /* UNIT.debug */
	char build_id[129];   /* hexadecimal; "" if the ELF is not there or has none */
	uint64_t start, end;  /* from its first to behind its last code */
	uint64_t load_offset; /* address of a byte of code less its place in the file */
	struct ranges code;   /* of build_code() */
	bool has_code;	      /* it was asked for */
};

struct build {
	unsigned number;
	char *directory;
	struct build_unit units[UNITS];
};

struct builds {
	const char *out, *app;
	struct build *v; /* ascending by number */
	size_t n;
	struct build_unit all[UNITS]; /* start and end: where any generation's code is */
};

/* Those of `app` below `out`, for as long as the process lives; returns how many there are. */
size_t builds_read(struct builds *b, const char *out, const char *app);

/* "vmlinux", the app's name, "init" */
const char *builds_unit_name(const struct builds *b, enum unit unit);

/* The unit that may have code at `address`, in some generation. */
enum unit builds_unit_at(const struct builds *b, uint64_t address);

/*
 * The generation whose units have these ids, NULL for one that does not matter: that of number
 * `preferred` if it has them, else the newest. NULL if there is none; "" is no id.
 */
struct build *builds_find(const struct builds *b, const char *const ids[UNITS], uint64_t preferred);

/* The newest generation whose unit has this build id, or NULL. */
const struct build *builds_by_id(const struct builds *b, enum unit unit, const char *id);

/* The one of this number, as a user wrote it, or "latest". Dies if there is none. */
const struct build *xbuilds_number(const struct builds *b, const char *number);

/* Does a mapping of `start` at `offset` into its file put code where the unit was linked to? */
bool builds_is_mapped(const struct builds *b, enum unit unit, uint64_t start, uint64_t offset);

/* "8: vmlinux 990d84d1, nginx 24e9af2f; 9: ...", for a person; the caller frees. */
char *builds_list(const struct builds *b);

/* "these are of generation 3 of redis", if another app has a unit of that build id, or NULL. */
char *builds_elsewhere(const struct builds *b, const char *id);

/* Where the unit's code is, read once; nowhere if it has no ELF. Dies if that is no program any more. */
const struct ranges *build_code(struct build *build, enum unit unit);

#endif
