/* SPDX-License-Identifier: MIT */
/*
 * initcalls.h - the order in which an LTO kernel starts its parts
 *
 * Under LTO each initcall is a section of its own, ".initcall6.init..NAME",
 * opened in a module's inline assembly (include/linux/init.h); NAME contains a
 * number that the preprocessor counted. Objects are linked in order, but the
 * linker merges them first, so a linker script has to say the order again. It
 * is read from the very modules that are linked: kbuild's own script reads the
 * objects of its tree.
 */
#ifndef BITCODE_INITCALLS_H
#define BITCODE_INITCALLS_H

#include "../pipeline/lib/strlist.h"

/* The linker script for these bitcode files, in link order. The caller frees. */
char *xinitcalls_script(const struct strlist *modules);

/*
 * Names of initcall sections in `assembly`, in order, added to `sections`. The
 * text need not end with a NUL.
 */
void initcalls_scan(const char *assembly, size_t bytes, struct strlist *sections);

#endif
