/* SPDX-License-Identifier: MIT */
/*
 * elfmap.h - the code in an ELF program: where it is, and how it is called
 */
#ifndef PROFILES_ELFMAP_H
#define PROFILES_ELFMAP_H

#include <stddef.h>
#include <stdint.h>

#include "ranges.h"

struct elfmap_symbol {
	uint64_t start, end;
	const char *name;
	int rank; /* of two for an address, the greater: functions, then sized labels, then labels */
};

struct elfmap {
	const char *path;
	struct ranges code;	       /* executable sections, by address; touching ones joined */
	struct elfmap_symbol *symbols; /* in code; by start, then the better one first */
	size_t symbol_count;
	char build_id[65]; /* hexadecimal; empty if there is none */
};

/*
 * Dies if the file is no 64-bit ELF program with code in it; the code itself may be left out of it
 * (SHT_NOBITS). Symbols are those that it exports if it has no others.
 */
void xelfmap_read(struct elfmap *m, const char *path);

/* Add `base` to every address: a program that is not loaded where it was linked for. */
void elfmap_move(struct elfmap *m, uint64_t base);

/* The best symbol that holds `address`, or NULL. */
const struct elfmap_symbol *elfmap_find(const struct elfmap *m, uint64_t address);

#endif
