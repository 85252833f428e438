/* SPDX-License-Identifier: MIT */
/*
 * native.h - what an object that is not bitcode defines and needs
 */
#ifndef SHAKER_NATIVE_H
#define SHAKER_NATIVE_H

#include <stdbool.h>

#include "../pipeline/lib/strlist.h"

struct native {
	const char *path; /* the caller's */
	struct strlist defined, undefined;
	bool has_note; /* a note that a loader reads: wanted whoever refers to it */
};

/* Dies if the file is not a relocatable 64-bit ELF object. */
void xnative_read(struct native *n, const char *path);

void native_release(struct native *n);

#endif
