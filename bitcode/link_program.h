/* SPDX-License-Identifier: MIT */
/*
 * link_program.h - whole-program LTO of one program
 */
#ifndef BITCODE_LINK_PROGRAM_H
#define BITCODE_LINK_PROGRAM_H

#include <jansson.h>
#include "../pipeline/lib/strlist.h"

/* The linker and its flags, without inputs and output. */
void link_program_flags(struct strlist *argv);

/* The linker's command for `unit` with `objects` (as its modules); `profile` is a sample profile or NULL. */
void link_program_command(struct strlist *argv, const json_t *unit, const struct strlist *objects,
			  const char *profile, const char *output);

#endif
