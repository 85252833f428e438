/* SPDX-License-Identifier: MIT */
/*
 * store_lines.h - a unit whose counts are by source line already
 */
#ifndef PROFILES_STORE_LINES_H
#define PROFILES_STORE_LINES_H

#include <jansson.h>

/*
 * Convert the profile `from` to `output` and hold it against `elf`. `*result` is the unit's entry
 * of profile.json (docs/profiles.md). NULL, or why it is not good for anything; the caller frees.
 * Dies if LLVM cannot read it.
 */
char *xstore_lines(const char *from, const char *elf, const char *output, json_t **result);

#endif
