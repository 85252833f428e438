/* SPDX-License-Identifier: MIT */
/*
 * store.h - the profiles of an app, kept for good
 *
 * OUT/APP/profiles/ID/ holds profile.json, raw/UNIT.raw (counts by address that were
 * found good) and UNIT.prof (counts by source line, for the compiler). A profile that
 * was refused is kept without UNIT.prof, so that the reason can be looked up. ID are
 * the first 12 digits of a sha256 over the contents: the same thing has the same id,
 * and what was changed later is found. A record appears by one rename.
 */
#ifndef PROFILES_STORE_H
#define PROFILES_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { PROFILE_ID_BYTES = 13 }; /* with the NUL */

struct profile {
	char id[PROFILE_ID_BYTES];
	char *directory;
	json_t *record;	 /* profile.json; NULL if it cannot be read */
	char *damage;	 /* NULL, or what is wrong with it */
	uint64_t number; /* 1, 2, ... in order of arrival; 0 if damaged */
	bool accepted;
};

/*
 * All profiles of `app`, by number; damaged ones come last. They are kept for as long
 * as the process lives.
 */
size_t store_list(const char *out, const char *app, struct profile **profiles);

/*
 * What "auto" takes: the newest accepted one, once a generation is promoted of the promoted line
 * (store_line.h). NULL if there is none. Warns about damaged ones. `*note` is NULL, or a sentence about a
 * newer one that is not used for that reason; the caller frees it.
 */
const struct profile *store_newest(const char *out, const char *app, const struct profile *profiles,
				   size_t n, char **note);

/*
 * The one whose id begins with `word`, or store_newest's for "auto". Dies if
 * there is none, more than one, or if it is damaged.
 */
struct profile xstore_find(const char *out, const char *app, const char *word);

/* Nobody else adds to the app's profiles until the process ends. */
void xstore_lock(const char *out, const char *app);

/* A new directory for a record; it goes away at exit unless it is committed. */
char *xstore_begin(const char *out, const char *app);

/*
 * Make the record in `directory` a profile of the store. `record` is all of
 * profile.json but id, number, files and sha256, which are set here. `*known` tells
 * that the same thing was there already. The lock is held.
 */
struct profile xstore_commit(const char *out, const char *app, char *directory, json_t *record,
			     bool *known);

#endif
