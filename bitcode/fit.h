/* SPDX-License-Identifier: MIT */
/*
 * fit.h - how much of a profile is about the sources that are there now: counted by line
 *
 * What the numbers mean is said in salvage.h.
 */
#ifndef BITCODE_FIT_H
#define BITCODE_FIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct fit_function {
	char *name, *now; /* NULL: there is none now */
	uint64_t samples, moved, lost;
	bool counted;
};

struct fit {
	struct fit_function *v; /* by the number of the function */
	size_t n;
};

/* Function `number` of the profile is called `name` there, and `now` in the unit or NULL. */
void fit_function(struct fit *f, size_t number, const char *name, const char *now);

/* A line of it that ran `samples` times was found, perhaps elsewhere, or not. */
void fit_line(struct fit *f, size_t number, uint64_t samples, bool found, bool moved);

/* Does nothing have to be changed in the profile? */
bool fit_is_whole(const struct fit *f);

/* Matched and salvaged samples of all, in percent; 100 if there are none. Of a fit as JSON. */
double fit_percent(const json_t *fit);

/*
 * Below the first it is time to record again, below the second a profile is not taken. Why these: docs/stale.md.
 */
struct fit_limits {
	double warn_percent, refuse_percent;
};
extern const struct fit_limits fit_limits;

/* Does a unit's profile that does not fit refuse the whole? Not init's, which hardly runs. */
bool fit_decides(const char *unit);

/* "97.1 % of samples matched, 2.0 % salvaged, 0.9 % lost; functions 160, 3, 1". The caller frees it. */
char *fit_sentence(const json_t *fit);

/* As salvage.h has it. A new reference. */
json_t *fit_json(const struct fit *f, const char *compared);

void fit_release(struct fit *f);

#endif
