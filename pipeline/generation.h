/* SPDX-License-Identifier: MIT */
/*
 * generation.h - the images of an app, numbered, never overwritten
 *
 * OUT/APP/N/ holds image, the ELF files with debug information (vmlinux.debug,
 * APP.debug, init.debug), plan.json, console.log of the boot that proved it, and
 * manifest.json. OUT/APP/latest is a link to the newest, OUT/APP/promoted to the one
 * that was found good; what happened there is in promotion.json. A generation is put
 * together in OUT/APP/build/candidate and appears by one rename.
 */
#ifndef PIPELINE_GENERATION_H
#define PIPELINE_GENERATION_H

#include <jansson.h>

#include "lib/strlist.h"

/* Numbers of the app's generations, ascending. The caller frees `*numbers`. */
size_t generation_list(const char *out, const char *app, unsigned **numbers);

/* The newest one's number, or -1. */
int generation_latest(const char *out, const char *app);

/*
 * The directory of generation `number`, or of the newest if it is NULL or
 * "latest", or of the promoted one (promotion.h) for "promoted". Dies, saying what there is, if
 * there is no such one.
 */
char *xgeneration_directory(const char *out, const char *app, const char *number);

/* Apps that have a directory below `out`. */
void generation_apps(const char *out, struct strlist *apps);

#endif
