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
	bool json, alone, onward;
	struct check_limits limits;
	char **words; /* behind the command */
	size_t word_count;
};

/* What a merged profile is made of. */
struct parent {
	struct profile profile;
	uint64_t weight;
};

int store_add(const struct store_options *o);
int store_merge(const struct store_options *o);
/*
 * `named` and what their generations were relinked with, with new weights; `named` itself if there is
 * nothing like that. `*n` is how many.
 */
struct parent *xstore_onward(const struct store_options *o, struct parent *named, size_t *n);

/*
 * The same of a newer profile and what its generation was relinked with, which have parts of the whole like their
 * weights; and of profiles as they are, if their sums are too large to be added up.
 */
struct parent *xstore_evenly(const struct store_options *o, const struct parent *newer,
			     const struct parent *older, size_t *n);
struct parent *xstore_taken_apart(const struct store_options *o, const struct parent *named,
				  size_t *n);

/* What these come to: samples, weighed. */
double store_samples(const struct parent *parents, size_t n);

/* "exact", "branches", "addresses", "lines" or "mixed": how its counts came about. */
const char *profile_kind(const struct profile *p);

/* All there are in it, of all units: what its counts weigh in a merge; at least 1. */
double profile_samples(const struct profile *p);

/*
 * Two profiles as one, in which both count about as much. The lock is held; both are
 * accepted and differ.
 */
struct profile xstore_merge_evenly(const struct store_options *o, struct profile a,
				   struct profile b, bool *known);

int store_choose(const struct store_options *o);
/*
 * The plan.json of the generation that a profile was recorded on, the newest one of a merged
 * profile; NULL if none is there with those build ids. The caller frees it.
 */
char *store_origin_plan(const struct store_options *o, const struct profile *profile);

/* Is what is in `directory` what was recorded, by all the build ids of the recording? */
bool store_has_build_ids(const char *directory, json_t *ids);

/* The accepted profile that the generation of a recording was relinked with; false if there is none. */
bool store_predecessor(const struct store_options *o, const struct profile *p,
		       struct profile *predecessor);

int store_compare(const struct store_options *o);

/* For a person, on standard output. */
void print_profile_list(const struct profile *profiles, size_t n);
void print_profile(const struct profile *p);

/* After add and merge: the id, its quality, the last one with what to do next; the exit status. */
int print_new_profile(const struct store_options *o, const struct profile *p, bool known,
		      bool is_last);

/* How `p` gets into the next image. */
void print_next(const struct store_options *o, const struct profile *p);

#endif
