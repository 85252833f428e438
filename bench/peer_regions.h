/* SPDX-License-Identifier: MIT */
/*
 * peer_regions.h - a survey as the regions of peer.json
 */
#ifndef BENCH_PEER_REGIONS_H
#define BENCH_PEER_REGIONS_H

#include <jansson.h>

#include "pipeline/lib/strlist.h"
#include "survey.h"

/*
 * Regions kernel, app, libc and libraries, as bench/peerfile.h has them. `program`: the app's path in
 * the guest. `elfs`: "NAME=FILE", the regions that have an ELF file, relative to `directory`;
 * kernel must be among them. Dies if a file does not fit what is mapped. A new reference.
 */
json_t *xpeer_regions(const struct survey *s, const char *program, const struct strlist *elfs,
		      const char *directory);

#endif
