/* SPDX-License-Identifier: MIT */
/*
 * symbolize.h - symbols.json: what each function cost, from blocks.txt
 *
 * Schema 1. regions[]: name, instructions, symbolized_instructions (of them, in code that
 * has a name), symbols[]: name, instructions, taken_branches, l1i_misses, l1d_misses,
 * itlb_misses, and excluded: true if the profile leaves it out. Most instructions first, then by
 * name. A block counts for the symbol that it starts in; functions of one name in
 * several places are one entry.
 */
#ifndef PROFILES_SYMBOLIZE_H
#define PROFILES_SYMBOLIZE_H

#include <jansson.h>

#include "elfmap.h"
#include "exclusions.h"
#include "tally.h"

struct symbolize_region {
	const char *name;
	const struct elfmap *map;
};

json_t *symbolize(const struct tally_block *blocks, size_t block_count,
		  const struct symbolize_region *regions, size_t region_count,
		  const struct exclusions *e);

#endif
