/* SPDX-License-Identifier: MIT */
/*
 * flags.h - the flags that make raw bitcode, in one place
 *
 * They are part of every capsule's key: change one, and all capsules are made
 * again. What else decides how a capsule looks (harvest.c, the rest of bitcc)
 * counts through FLAGS_FORMAT, to be raised by hand.
 */
#ifndef BITCODE_FLAGS_H
#define BITCODE_FLAGS_H

#include "../pipeline/lib/strlist.h"

#define FLAGS_FORMAT "anneal capsule 3"

/* For every module that becomes bitcode; behind the build system's own flags. */
void flags_bitcode(struct strlist *l);

/* For programs and libraries, not for a kernel, which knows better. */
void flags_program(struct strlist *l);

#endif
