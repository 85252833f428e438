/* SPDX-License-Identifier: MIT */
/*
 * capsule.h - find a component's capsule, or make it
 */
#ifndef BITCODE_CAPSULE_H
#define BITCODE_CAPSULE_H

#include <stdbool.h>

#include "../pipeline/lib/hash.h"
#include "source.h"
#include "spec.h"

struct places {
	const char *cache;     /* everything that can be made again */
	const char *lock_file; /* sources.lock */
	unsigned jobs;
};

/*
 * The key covers all that goes into a capsule: source, commands, patches, other
 * inputs, flags, compiler, and the keys of what it is built against. False if the source's version is not known yet.
 */
bool capsule_key(const struct spec *spec, const struct places *p, struct source *source,
		 char key[HASH_HEX_BYTES]);

/* CACHE/capsules/NAME-KEY; the caller frees. */
char *capsule_directory(const struct places *p, const char *name, const char *key);

/*
 * The capsule's directory, made if it is missing or damaged; what it depends on
 * comes first. `*was_cached` tells which. The caller frees.
 */
char *xcapsule_make(const struct spec *spec, const struct places *p, bool *was_cached);

#endif
