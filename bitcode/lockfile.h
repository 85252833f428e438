/* SPDX-License-Identifier: MIT */
/*
 * lockfile.h - sources.lock: which version of each package, and its sha256
 *
 * One line a package version, "package version sha256". A package may have
 * several lines; the last one is what is built. A known version never changes
 * its checksum: a package whose bytes differ is refused.
 */
#ifndef BITCODE_LOCKFILE_H
#define BITCODE_LOCKFILE_H

#include <stdbool.h>
#include "../pipeline/lib/hash.h"

/*
 * The wanted version of `package`, or, with `version` set, that one. False if
 * the file has no such line; a missing file has none. The caller frees.
 */
bool lockfile_find(const char *path, const char *package, const char *version, char **found_version,
		   char sha256[HASH_HEX_BYTES]);

/* Add a line; the file is replaced at once. */
void xlockfile_add(const char *path, const char *package, const char *version, const char *sha256);

#endif
