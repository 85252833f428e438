/* SPDX-License-Identifier: MIT */
/*
 * profile-store.h - the commands of profile-store; each returns the exit status
 */
#ifndef PROFILES_PROFILE_STORE_H
#define PROFILES_PROFILE_STORE_H

#include <jansson.h>
#include <stdbool.h>

#include "check.h"
#include "store.h"

struct store_options {
	const char *out, *app, *output;
	bool json;
	struct check_limits limits;
	char **words; /* behind the command */
	size_t word_count;
};

int store_add(const struct store_options *o);
int store_merge(const struct store_options *o);
/*
 * Two profiles as one, in which both count about as much. The lock is held; both are
 * accepted and differ.
 */
struct profile xstore_merge_evenly(const struct store_options *o, struct profile a,
				   struct profile b, bool *known);

int store_choose(const struct store_options *o);
/* Has the generation in `directory` all of these build ids, { UNIT: hexadecimal }? Not if there are none. */
bool store_origin_has_ids(const char *directory, json_t *build_ids);

/*
 * The plan.json of the generation that a profile was recorded on, the newest one of a merged
 * profile; NULL if none is there with those build ids. The caller frees it.
 */
char *store_origin_plan(const struct store_options *o, const struct profile *profile);

int store_compare(const struct store_options *o);

/* For a person, on standard output. */
void print_profile_list(const struct profile *profiles, size_t n);
void print_profile(const struct profile *p);

/* After add and merge: the id, its quality, the last one with what to do next; the exit status. */
int print_new_profile(const struct profile *p, bool known, bool is_last);

#endif
