/* SPDX-License-Identifier: MIT */
/*
 * needed.h - what a program or a kernel's module needs besides itself, by its ELF file
 *
 * A program: its interpreter, and what DT_NEEDED names, and what that needs. A module: what
 * "depends=" in .modinfo names (kbuild's scripts/mod/modpost.c writes it). Files are searched in
 * unpacked packages.
 */
#ifndef BENCH_NEEDED_H
#define BENCH_NEEDED_H

#include "pipeline/lib/strlist.h"

/*
 * Paths, relative to `packages`, of all libraries that `program` needs, sorted; the interpreter is
 * the path it names itself, in `*interpreter`, with its slash in front. Dies, with what needs it, if one
 * is in none of the packages.
 */
void xneeded_libraries(struct strlist *paths, char **interpreter, const char *program,
		       const char *packages);

/*
 * Paths of the modules `names`, relative to `directory` and searched below it, and of those that they
 * need, each behind what it needs. Dies if one is not there.
 */
void xneeded_modules(struct strlist *paths, const struct strlist *names, const char *directory);

#endif
