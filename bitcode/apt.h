/* SPDX-License-Identifier: MIT */
/*
 * apt.h - Debian packages through apt's own client, with a private state
 */
#ifndef BITCODE_APT_H
#define BITCODE_APT_H

#include <stdbool.h>
#include "../pipeline/lib/strlist.h"

struct apt {
	char *state;		/* directory of the private state */
	struct strlist options; /* "-o", "Dir::State=...", ... */
};

/*
 * Derive the private configuration from the machine's own: its Debian entries
 * for the running release, each with deb and deb-src. Dies if there is none.
 */
void xapt_init(struct apt *apt, const char *cache);

/* Whether package lists were fetched before. */
bool apt_has_lists(const struct apt *apt);

/* Fetch the package lists; dies if apt cannot. */
void xapt_update(const struct apt *apt);

/*
 * Download into `directory`; `version` NULL means the newest. The files are
 * those of the source package, or the one .deb. False if apt does not have it.
 */
bool apt_download_source(const struct apt *apt, const char *package, const char *version,
			 const char *directory);
bool apt_download_binary(const struct apt *apt, const char *package, const char *version,
			 const char *directory);

/*
 * The source package that each of `binaries` is built from, in their order; "" for one that apt does
 * not know.
 */
void apt_sources_of(const struct apt *apt, const struct strlist *binaries, struct strlist *sources);

/* Versions of a source package on offer, in apt's order. */
void apt_source_versions(const struct apt *apt, const char *package, struct strlist *versions);

/*
 * One apt configuration file rewritten: entries of Debian's release `codename`
 * (and its -updates, -security, -backports) with both kinds enabled, everything
 * else left out. `deb822` tells .sources from .list. The caller frees.
 */
char *apt_derive(const char *text, bool deb822, const char *codename);

#endif
