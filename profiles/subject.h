/* SPDX-License-Identifier: MIT */
/*
 * subject.h - what is recorded: a generation or a peer, and where its code is
 *
 * A generation (OUT/APP/N) has vmlinux.debug, APP.debug and init.debug; a peer (OUT/APP/peers/NAME)
 * says in peer.json (bench/peerfile.h) what there is, ELF files or plain ranges.
 */
#ifndef PROFILES_SUBJECT_H
#define PROFILES_SUBJECT_H

#include <jansson.h>

#include "pipeline/lib/strlist.h"
#include "symbolize.h"

enum { SUBJECT_REGIONS_MAX = 16 };

struct subject {
	struct elfmap maps[SUBJECT_REGIONS_MAX];
	struct symbolize_region regions[SUBJECT_REGIONS_MAX]; /* of the maps; none overlap */
	size_t region_count;
	const struct elfmap *kernel; /* one of the maps */
	json_t *build_ids;	     /* region -> hexadecimal, of those that are ELF files */
	json_t *generation;	     /* its number, or null */
	const char *peer;	     /* its name, or NULL */
	struct strlist left_out;     /* sentences: what could not be told apart */
};

/*
 * `program`: NULL, or "NAME=ELF", one more that runs in a generation. Dies with a sentence if files
 * are missing, are none, or say that code is at the same addresses.
 */
void xsubject_read(struct subject *s, const char *directory, const char *app, const char *program);

#endif
