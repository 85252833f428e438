/* SPDX-License-Identifier: MIT */
/*
 * peer_make.h - a peer's script becomes a peer's directory, whole or not at all
 *
 * A script, bench/peers/NAME.sh, says in comments what it needs:
 *
 *   # peer apps nginx			the apps it can be built for
 *   # peer packages nginx libssl3 linux-image-cloud-amd64:linux-image-*
 *				Debian packages, unpacked into one tree; behind ':' a pattern: the package
 *				is that one among its dependencies
 *   # peer components linux nginx	recipes whose patched source it needs
 *   # peer programs gcc-12		what must be installed
 *   # peer inputs recipes/nginx/rootfs	further files and directories
 *
 * It is run by sh -eu with this directory as its own, and in its environment NAME, APP, OUT (an empty
 * directory, to be filled), SCRATCH (removed afterwards), PACKAGES, SOURCES/COMPONENT, SPEC (the
 * app's image.spec), SPECS, TOOLS, PEER (the program "peer"), JOBS and MACHINE;
 * SCRATCH/versions has a line "NAME VERSION" for each package and component.
 */
#ifndef BENCH_PEER_MAKE_H
#define BENCH_PEER_MAKE_H

#include <stdbool.h>

#include "pipeline/lib/strlist.h"

struct peer_places {
	const char *app, *machine;
	const char *cache;	 /* of sources, and apt's private state */
	const char *lock;	 /* packages' versions and checksums: bench/peers.lock */
	const char *source_lock; /* components': sources.lock */
	const char *specs;	 /* directory of the recipes' specs */
	const char *spec;	 /* the app's image.spec */
	const char *tools;
	const char *output; /* OUT/APP/peers */
	unsigned jobs;
};

struct peer_script {
	const char *path;
	char *name; /* of the file, without its ending */
	struct strlist apps, packages, components, programs, inputs;
};

/* NULL, or a sentence's second half; the caller frees. `text` is the script's. */
char *peer_script_parse(struct peer_script *s, const char *path, const char *text);

/*
 * Build the peer if there is none of the same inputs. Returns false if the script is for other apps.
 * Dies with a sentence; what was there before stays until something new is complete.
 */
bool xpeer_make(const char *script, const struct peer_places *places);

/* NULL, or why `directory` is no complete peer called `name`; the caller frees. */
char *peer_check(const char *directory, const char *name);

#endif
