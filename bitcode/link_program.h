/* SPDX-License-Identifier: MIT */
/*
 * link_program.h - whole-program LTO of one program
 */
#ifndef BITCODE_LINK_PROGRAM_H
#define BITCODE_LINK_PROGRAM_H

#include <jansson.h>
#include "../pipeline/lib/strlist.h"
#include "profile.h"

/* The linker and its flags, without inputs and output. */
void link_program_flags(struct strlist *argv);

/* The linker's command for `unit` with `objects` (as its modules); `profile` may be none. */
void link_program_command(struct strlist *argv, const json_t *unit, const struct strlist *objects,
			  const struct profile *profile, const char *output);

#endif
