/* SPDX-License-Identifier: MIT */
/*
 * harvest.h - take the modules of a finished build into a capsule directory
 *
 * Three things can be taken: a linked program (from bitcc's record of its
 * link), an archive, and kbuild's list of what vmlinux is linked from. A file
 * below the build's source tree becomes a module under the same path; a library
 * of another capsule stays a reference to it.
 */
#ifndef BITCODE_HARVEST_H
#define BITCODE_HARVEST_H

#include <jansson.h>

#include "build.h"
#include "spec.h"

/*
 * Fill `capsule` (an empty directory) and add "libraries" and "links" to the
 * manifest. `jobs` processes make the native libraries. Dies, saying what is
 * missing, if the build did not make what the recipe names.
 */
void xharvest(const struct build *b, const struct spec *spec, const char *capsule, json_t *manifest,
	      unsigned jobs);

#endif
