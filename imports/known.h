/* SPDX-License-Identifier: MIT */
/*
 * known.h - the generations of an app, as far as counts made elsewhere can be told to be theirs
 *
 * Programs of an image are static and run where they were linked to, the kernel too (it has no
 * KASLR): an address says by itself in which unit it is, a build id of which generation.
 */
#ifndef IMPORTS_KNOWN_H
#define IMPORTS_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unit { UNIT_KERNEL, UNIT_APP, UNIT_INIT, UNITS, UNIT_NONE = UNITS };

struct known_unit {
	char build_id[129];   /* hexadecimal; "" if the ELF is not there or has none */
	uint64_t start, end;  /* from its first to behind its last code */
	uint64_t load_offset; /* address of a byte of code less its place in the file */
};

struct known_generation {
	unsigned number;
	char *directory;
	struct known_unit units[UNITS];
};

struct known {
	const char *out, *app;
	struct known_generation *v; /* ascending by number */
	size_t n;
	struct known_unit all[UNITS]; /* start and end: where any generation's code is */
};

/* Those of `app` below `out`. Dies if there is none. */
void xknown_read(struct known *k, const char *out, const char *app);

/* "vmlinux", the app's name, "init" */
const char *known_name(const struct known *k, enum unit unit);

/* The unit that may have code at `address`, in some generation. */
enum unit known_unit_at(const struct known *k, uint64_t address);

/* The newest generation whose unit has this build id, or NULL. */
const struct known_generation *known_by_id(const struct known *k, enum unit unit, const char *id);

/* The one of this number, as a user wrote it, or "latest". Dies if there is none. */
const struct known_generation *xknown_number(const struct known *k, const char *number);

/* Does a mapping of `start` at `offset` into its file put code where the unit was linked to? */
bool known_is_mapped(const struct known *k, enum unit unit, uint64_t start, uint64_t offset);

/* "8: vmlinux 990d84d1, nginx 24e9af2f; 9: ...", for a person; the caller frees. */
char *known_list(const struct known *k);

/* "these are of generation 3 of redis", if another app has a unit of that build id, or NULL. */
char *known_elsewhere(const struct known *k, const char *id);

#endif
