/* SPDX-License-Identifier: MIT */
/*
 * profdata.h - LLVM's profile tools, and what they do not say
 *
 * llvm-profgen ends with status 0 and an empty profile when it is given the wrong
 * ELF, or one without debug information: what it wrote is always looked at.
 * Functions that return a sentence return NULL when all went well; the caller frees.
 */
#ifndef PROFILES_PROFDATA_H
#define PROFILES_PROFDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "../pipeline/lib/strlist.h"

struct profdata {
	uint64_t functions;
	uint64_t samples; /* counts times bytes of instructions, inlined code included */
	bool fs_discriminators;
};

struct overlap {
	/* percent; similarity does not depend on how much was counted, samples do */
	double similarity, samples, functions, hot_functions, hot_blocks;
};

/* Counts by address (rawtext.h) become counts by source line in `output`, maybe of no function. */
char *profdata_convert(const char *elf, const char *raw, const char *output);

/* `inputs` are "WEIGHT,PATH". */
char *profdata_merge(const struct strlist *inputs, const char *output);

char *profdata_look(struct profdata *p, const char *path);

/* The profile in the text form of sample_text.h; the caller frees. */
char *profdata_text(char **text, const char *path);

/*
 * By source line, wherever the compiler inlined it: two builds inline differently, and
 * LLVM would call the same counts below another caller different.
 */
char *profdata_overlap(struct overlap *o, const char *base, const char *test);

/* From what llvm-profdata overlap prints. False if something is missing. */
bool profdata_parse_overlap(struct overlap *o, const char *text);

#endif
