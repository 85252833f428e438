/* SPDX-License-Identifier: MIT */
/*
 * march.h - what MARCH= means
 *
 * MARCH is chosen when an image is linked, not when a capsule is made: the
 * functions of a capsule's bitcode are marked for the new target before the
 * first pass runs. So one capsule serves every machine.
 *
 * Levels: x86-64 psABI, "Micro-Architecture Levels".
 */
#ifndef BITCODE_MARCH_H
#define BITCODE_MARCH_H

#include "../pipeline/lib/strlist.h"

struct march {
	const char *cpu;      /* "target-cpu": "x86-64-v2", or this machine's */
	const char *tune;     /* "tune-cpu" */
	const char *features; /* "target-features" to add: "+avx2,..."; "" for a level */
	struct strlist needs; /* what init checks, LLVM's names */
};

/* Dies, listing the possible values, if `name` is not one of them. */
void xmarch_resolve(struct march *m, const char *name);

#endif
