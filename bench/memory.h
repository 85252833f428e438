/* SPDX-License-Identifier: MIT */
/*
 * memory.h - how much memory a subject touches, and with how little it still serves
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <stdint.h>

/*
 * The memory that the guest has touched, in pages of 4 KiB, from its boot to the end of a load:
 * `load_path`'s warm-up and 2000 of its requests (fewer if it has fewer), sent by `load_tool`. This
 * is a boot of its own, without huge pages: with them, memory that is touched anywhere counts by
 * 2 MiB, and without them emulation seems slower. Files go to the directory `scratch`.
 * NULL and `*bytes`, or why there is no figure: a sentence, to be freed.
 */
char *memory_peak(const char *directory, const char *load_tool, const char *load_path,
		  const char *scratch, uint64_t *bytes);

/*
 * The least memory, in whole MiB, with which the subject boots and answers its probe once. Found by
 * bisection between 4 MiB and what its spec says, and tried again at the edge (search.h). A guest
 * that is too small is known by QEMU's end, the kernel's panic, or by taking four times as long as
 * with all its memory, but 6 s at least.
 * 0 and `*bytes`; or -1 and in `*why` a sentence, to be freed.
 */
int memory_least(const char *directory, uint64_t *bytes, char **why);

#endif
