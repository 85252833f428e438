/* SPDX-License-Identifier: MIT */
/*
 * report_size.h - the image's bytes by unit, component, directory, file and symbol, and beside
 * them what the shaker dropped
 *
 * What was dropped never had a size in a linked kernel. It is estimated: bytes of the kept functions for one of
 * their bitcode instructions (shake.json counts both before the whole kernel is optimized), times the
 * instructions of the dropped function.
 */
#ifndef REPORTS_REPORT_SIZE_H
#define REPORTS_REPORT_SIZE_H

#include "report_data.h"
#include "report_tree.h"

struct report_size {
	struct report_tree *kept;    /* NULL: no ELF file could be read */
	struct report_tree *dropped; /* NULL: nothing was dropped, or it is not known */
	json_t *reasons;	     /* names of what was cut; the tree's reason n is [n - 1] */
	double bytes_per_instruction;
	size_t dropped_functions;
	char *unreadable; /* sentences about files that could not be read, or NULL */
};

void report_size_read(struct report_size *s, const struct report_generation *g);

#endif
