/* SPDX-License-Identifier: MIT */
/*
 * source.h - where a component's source comes from, and that it is the right one
 *
 * Debian packages come through apt's own client with a private state below the
 * cache: apt checks the signatures, the system's apt files are neither read for
 * writing nor changed. The lock file says which version is wanted and its
 * sha256 (of the .dsc, which lists the sha256 of the rest, or of the .deb).
 * Nothing here touches the network once the files are in the cache.
 */
#ifndef BITCODE_SOURCE_H
#define BITCODE_SOURCE_H

#include "../pipeline/lib/hash.h"
#include "spec.h"

struct source {
	char *version; /* "1.22.1-9+deb12u10"; "0" for a tree */
	char sha256[HASH_HEX_BYTES];
	char *directory; /* in the cache; the file or tree itself if local */
};

/*
 * What the lock file (or the tarball, or the tree) says `spec` is built from,
 * without looking whether it is there. False if the lock file does not know the
 * package yet.
 */
bool source_locked(struct source *out, const struct spec *spec, const char *lock_file,
		   const char *cache);

/*
 * The same, with the files fetched if they are not in the cache, and checked
 * either way. Adds to the lock file what it did not know. Dies on a checksum
 * that differs.
 */
void xsource_fetch(struct source *out, const struct spec *spec, const char *lock_file,
		   const char *cache);

/* Unpack into `directory`, which must not exist; its parent must. */
void xsource_unpack(const struct source *source, const struct spec *spec, const char *directory);

#endif
