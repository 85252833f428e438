/* SPDX-License-Identifier: MIT */
/*
 * assembly.h - symbols in assembly text
 *
 * LLVM knows nothing of what module-level assembly defines, nor of names inside
 * inline assembly. Text is taken in GNU as syntax for x86, after the compiler's
 * own substitution of operands.
 */
#ifndef SHAKER_ASSEMBLY_H
#define SHAKER_ASSEMBLY_H

#include <stddef.h>

#include "../pipeline/lib/strlist.h"

/*
 * Add the labels and .set names of `text` to `defined`, and every other word that
 * could be a symbol to `words`, in the order of the text, repeated or not. Registers,
 * mnemonics, directives, numbers, section names and strings are not words; names
 * that are only declared (.globl, .type, .size, .weak, .hidden) are not, either.
 */
void assembly_symbols(const char *text, size_t bytes, struct strlist *defined,
		      struct strlist *words);

/*
 * A part of module-level assembly that can be left out by itself: from entering a
 * section to the return from it, or a .set with the declarations before it.
 */
struct assembly_block {
	char *section; /* "" if it does not leave the default section */
	char *text;    /* newline at the end */
	struct strlist defined, words;
};

struct assembly {
	struct assembly_block *v;
	size_t n;
};

/* Append the blocks of a module's assembly. Blank text gives none. */
void assembly_split(struct assembly *a, const char *text, size_t bytes);

void assembly_release(struct assembly *a);

#endif
