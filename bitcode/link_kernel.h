/* SPDX-License-Identifier: MIT */
/*
 * link_kernel.h - whole-program LTO of the kernel, as kbuild's Makefile.vmlinux_o
 * does it, from a capsule
 */
#ifndef BITCODE_LINK_KERNEL_H
#define BITCODE_LINK_KERNEL_H

#include <jansson.h>
#include <stdbool.h>

#include "../pipeline/lib/strlist.h"
#include "profile.h"

/*
 * How much the optimizer may inline: docs/shaker.md has the measurement. A flag for
 * clang and lld both.
 */
#define LINK_KERNEL_INLINE "-mllvm -inline-threshold=50"

/*
 * Everything but the initramfs: LTO to one object, then objtool over it. The
 * result is a relocatable ELF, written to `output`. `shaken` stands for all of the
 * unit's bitcode, or is NULL. The profile may be none. Dies if a step fails.
 */
void xlink_kernel_object(const json_t *unit, const struct strlist *objects, const char *shaken,
			 const struct profile *profile, const char *output);

/*
 * Add the unit's objects to a command of lld, archives marked as such: all, or
 * without `bitcode` only the native ones.
 */
void link_kernel_inputs(struct strlist *argv, const json_t *unit, const struct strlist *objects,
			bool bitcode);

#endif
