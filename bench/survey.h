/* SPDX-License-Identifier: MIT */
/*
 * survey.h - where a peer's code is: asked of the guest itself
 *
 * Kernels and programs of others come without symbols, and their debug packages are large; but a
 * running guest knows. The peer is booted once with rdinit=/preinit survey=1 (bench/preinit.c),
 * and writes to its console, between "survey begin" and "survey end LINES":
 *
 *   map START-END OFFSET FILE		code that a process has mapped
 *   module NAME BYTES ADDRESS
 *   symbol ADDRESS TYPE NAME		the kernel's, of code
 *
 * nokaslr and norandmaps on the peer's command line make all addresses those of every boot.
 */
#ifndef BENCH_SURVEY_H
#define BENCH_SURVEY_H

#include <stddef.h>
#include <stdint.h>

struct survey_map {
	uint64_t start, end, offset;
	char *file;
};

struct survey_module {
	uint64_t start, bytes;
	char *name;
};

struct survey_symbol {
	uint64_t address;
	char *name;
	char type; /* as nm has it: t, T, w, W */
};

struct survey {
	struct survey_map *maps;       /* by address; none twice */
	struct survey_module *modules; /* by address */
	struct survey_symbol *symbols; /* by address, then name */
	size_t map_count, module_count, symbol_count;
};

/*
 * Read what a console said. NULL, or a sentence: a line is missing, or none is as it should be. The
 * caller frees that.
 */
char *survey_parse(struct survey *s, const char *console);

/* Boot the peer in `directory` (image, image.spec) in the emulator, and read what it says. Dies. */
void xsurvey_run(struct survey *s, const char *directory);

#endif
