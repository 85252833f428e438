/* SPDX-License-Identifier: MIT */
/*
 * report_symbols.h - what takes the bytes of a linked program, by symbol and source file
 *
 * Every loaded byte counts once: of symbols that lie on each other (aliases, labels inside a
 * function) the outermost has the bytes; what is in a section and in no symbol is its rest. Sections without bytes
 * in the file (.bss) are left out, and of a kernel whole pages of filler, which its image has not (pipeline/segments.h). A function's source file is the compilation unit whose DWARF
 * ranges hold it, so inlined code counts where it is; data has none there.
 */
#ifndef REPORTS_REPORT_SYMBOLS_H
#define REPORTS_REPORT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_symbol {
	char *name; /* UTF-8; "(.rodata, no symbol)" for a section's rest */
	uint64_t address, bytes;
	bool is_code, is_rest;
	const char *component; /* "musl", from DWARF's directory of compilation; NULL: not known */
	const char *file;      /* "src/stdio/printf.c", or NULL */
};

struct report_symbols {
	struct report_symbol *symbols; /* by address, then the sections' rests */
	size_t count;
};

/*
 * NULL, or words saying why `path` cannot be read (the caller frees them). The initramfs inside a
 * kernel does not count: its programs are units of their own.
 */
char *report_symbols_read(struct report_symbols *s, const char *path, bool is_kernel,
			  uint64_t initramfs_bytes);

#endif
