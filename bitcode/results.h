/* SPDX-License-Identifier: MIT */
/*
 * results.h - what was computed before, kept in the cache by what it was made from
 */
#ifndef BITCODE_RESULTS_H
#define BITCODE_RESULTS_H

#include "../pipeline/lib/hash.h"

/* Begin a key: the running program's own bytes and LLVM's version. */
void result_key(struct hash *h);

/* Add a file's content; one that is NULL counts as empty. */
void result_key_file(struct hash *h, const char *path);

/* CACHE/results/ab/cdef..., which the caller frees; the directory is there. */
char *result_path(struct hash *h, const char *cache);

#endif
