/* SPDX-License-Identifier: MIT */
/*
 * sources.h - the function of the source that each instruction of an ELF comes from
 *
 * By the inlined functions in its debug information (DWARF 5, section 3.3.8): code that was
 * inlined is of the function it was written in, wherever that ended up. So the same source
 * compiled with another profile has the same functions. Not by the lines: libdw 0.188 cannot read
 * a quarter of the line tables that clang 19 writes ("invalid .debug_line section").
 */
#ifndef FLEETS_SOURCES_H
#define FLEETS_SOURCES_H

#include <stddef.h>
#include <stdint.h>

struct source_row {
	uint64_t address;  /* from here to the next row */
	uint64_t function; /* a number for its name, the same in every build; 0: not known */
};

struct sources {
	struct source_row *v; /* ascending */
	size_t n, room;
};

/* None if the ELF has no debug information or cannot be read. The caller releases. */
void sources_read(struct sources *s, const char *elf);

/* The row of an address, or NULL. */
const struct source_row *sources_find(const struct sources *s, uint64_t address);

void sources_release(struct sources *s);

#endif
