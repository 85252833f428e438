/* SPDX-License-Identifier: MIT */
/*
 * choice.h - of all that was sampled: which event, host or guest, which generation
 *
 * Build ids decide. A generation that a user names is taken only where a file has no ids: it is
 * never put above ids that say otherwise.
 */
#ifndef IMPORTS_CHOICE_H
#define IMPORTS_CHOICE_H

#include <stdbool.h>

#include "gather.h"

enum privilege { PRIVILEGE_BOTH, PRIVILEGE_KERNEL, PRIVILEGE_USER };

struct choice {
	const struct build *generation;
	size_t event;		    /* the one that counts */
	bool events[GATHER_EVENTS]; /* it, and others that are the same on another kind of core */
	bool with_branches, guest;
	enum privilege privilege;
	bool kernel_is_other;		  /* only the app is of the generation */
	char kernel_id[129], app_id[129]; /* as the file has them; "" if it does not */
	/* of the events and of what is taken from them: */
	uint64_t samples, inside, unit_samples[UNITS], entries, bogus[BOGUS_KINDS];
	uint64_t other_builds; /* samples of the app, but of another build */
	uint64_t no_room;      /* counts beyond what is kept of different places */
	size_t deepest;
};

/* The event, host or guest, branches or not, what was sampled. False: no sample is of the app. */
bool choice_event(struct choice *c, const struct gather *g, const struct perf_facts *facts);

/*
 * The generation; `number` is what a user said, or NULL. NULL when it is found, or why not: a
 * sentence that the caller frees, and `*hint` what would help.
 */
char *choice_generation(struct choice *c, const struct gather *g, const char *number, char **hint);

/* Add up what is of the chosen event and generation, by unit; `units` are initialized. */
void choice_take(struct choice *c, const struct gather *g, struct counts units[UNITS]);

const char *privilege_name(enum privilege p);

#endif
