/* SPDX-License-Identifier: MIT */
/*
 * lines.h - counts by source line that were made elsewhere: are they of this program?
 *
 * Such a profile names functions, not builds. LLVM takes what it finds by name and is silent
 * about the rest, so the share of samples in functions that an ELF has, as a symbol or inlined
 * somewhere (its debug information names those), is all that can be known beforehand.
 */
#ifndef PROFILES_LINES_H
#define PROFILES_LINES_H

#include <stdint.h>

struct lines_share {
	uint64_t functions, samples; /* of the profile */
	uint64_t known_functions, known_samples;
};

/* The least share of samples, in percent, for a profile to count as the program's. */
extern const double lines_least_percent;

/* NULL, or why the profile or the ELF cannot be read: a sentence that the caller frees. */
char *lines_look(struct lines_share *s, const char *prof, const char *elf);

double lines_percent(const struct lines_share *s);

#endif
