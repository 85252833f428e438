/* SPDX-License-Identifier: MIT */
/*
 * blockfile.h - blocks.txt: what each straight range of code cost
 *
 * One line a range, sorted by START, then LAST, neither twice, no heading:
 *
 *   START LAST END INSTRUCTIONS EXECUTIONS TAKEN L1I L1D ITLB
 *
 * START, LAST (the last instruction) and END (behind it) are hexadecimal without 0x, the
 * rest is decimal: instructions executed in it, executions of it, taken branches from its last
 * instruction, misses of the L1 caches and the instruction TLB (0 without models=on).
 * Ranges may overlap: code is entered in the middle. Code that ran at physical addresses,
 * before the kernel was at its own, is left out.
 */
#ifndef PROFILES_BLOCKFILE_H
#define PROFILES_BLOCKFILE_H

#include "tally.h"

/* The caller frees. */
char *blockfile_text(const struct tally *t, size_t *bytes);

/* The lines of `path`; the caller frees. Dies with file and line if one is not understood. */
struct tally_block *xblockfile_read(const char *path, size_t *count);

#endif
