/* SPDX-License-Identifier: MIT */
/*
 * build.h - run an upstream build with bitcc as its compiler
 */
#ifndef BITCODE_BUILD_H
#define BITCODE_BUILD_H

#include "source.h"
#include "spec.h"

struct build {
	char *directory;  /* everything below is in here, and goes with it */
	char *source;	  /* the unpacked source: "src" */
	char *record;	  /* bitcc's records of links */
	const char *libc; /* capsule directories of what it is built against */
	struct strlist prefixes;
};

/*
 * Unpack, patch, configure and build in a new temporary directory below the
 * cache (or below TMPDIR, if the cache's path has a space, which kbuild and
 * autoconf do not survive). Output goes to stderr. Dies if a step fails; the
 * directory is then left for a look, and removed by the next build.
 */
void xbuild_run(struct build *b, const struct spec *spec, const struct source *source,
		const char *cache, unsigned jobs);

void build_remove(struct build *b);

#endif
