/* SPDX-License-Identifier: MIT */
/*
 * fold.h - stacks.folded: calling contexts with names, as flame graphs take them
 *
 * FlameGraph's text, sorted by bytes: a line "PROGRAM;FRAME;FRAME COUNT" for each stack of names that
 * executed something, with the instructions of its last frame alone. PROGRAM is the region's
 * name, or [kernel] where nothing but the kernel is on the stack. Frames in the kernel end with
 * _[k]; code without a name is [unknown]. What waits (exclusions.h) is left out, not what
 * interrupts it.
 */
#ifndef PROFILES_FOLD_H
#define PROFILES_FOLD_H

#include "exclusions.h"
#include "symbolize.h"

struct fold_function {
	char *name;
	size_t region; /* of the regions */
	bool waits;
};

struct fold {
	const struct symbolize_region *regions; /* the first one is the kernel */
	size_t region_count;
	struct fold_function *functions; /* [0]: code that is in none of the regions */
	uint32_t function_count;
};

/*
 * Number the functions of the regions, and write them to `path` for the tracer (functions.h).
 * Parts of a function, and functions of one name in one region, are one.
 */
void xfold_number(struct fold *f, const struct symbolize_region *regions, size_t region_count,
		  const struct exclusions *e, const char *path);

/* From contexts.txt (contexts.h) to stacks.folded. Dies if it is not what the tracer writes. */
void xfold_write(const struct fold *f, const char *contexts, const char *folded);

#endif
