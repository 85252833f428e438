/* SPDX-License-Identifier: MIT */
/*
 * settings.h - what bitcc is told by the environment; see bitcc.c for the list
 */
#ifndef BITCODE_SETTINGS_H
#define BITCODE_SETTINGS_H

#include <stdbool.h>
#include "../pipeline/lib/strlist.h"

struct settings {
	const char *root; /* NULL: paths are left as they are */
	const char *name;
	const char *libc;	 /* NULL while the libc itself is built */
	const char *record;	 /* NULL: links are not recorded */
	struct strlist prefixes; /* capsule directories */
	struct strlist native;	 /* patterns */
	struct strlist flags;
	bool follow;
};

void settings_read(struct settings *s);

#endif
