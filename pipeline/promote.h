/* SPDX-License-Identifier: MIT */
/*
 * promote.h - the commands of promote; each returns the exit status
 *
 * RESULTS is a directory of one run of the gate:
 *
 *   plan.json   app, generation, image_sha256, against (null: nothing is promoted), budget, kinds
 *               (what benchmark has to measure for it), forced, why
 *   NAME.json   of each check: result, reason (null or a sentence), and what it found
 *   NAME.log    what its command said
 *
 * A result is "pass", "fail", "cannot tell" (its command did not run, or a figure is missing), "not
 * run" (an earlier one did not pass) or "not needed" (nothing is promoted to compare with).
 */
#ifndef PIPELINE_PROMOTE_H
#define PIPELINE_PROMOTE_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/strlist.h"
#include "promotion.h"

struct promote_options {
	const char *out, *app, *generation, *results, *budget, *why;
	bool forced, json;
	const char *needs, *hint, *facts; /* check */
	struct strlist consoles;
	unsigned times;
	char **words; /* behind the command of promote */
};

/* RESULTS/plan.json; dies if there is none. */
json_t *xpromote_plan(const struct promote_options *o);

/* RESULTS/NAME.json, or NULL. */
json_t *promote_result(const struct promote_options *o, const char *name);

bool promote_passes(const json_t *result);

/* "fail", "cannot tell" or NULL (pass), and the reason: the first check's that did not pass. */
const char *promote_verdict(const json_t *checks, const char **reason);

int promote_begin(const struct promote_options *o);
int promote_check(const struct promote_options *o);
int promote_decide(const struct promote_options *o);

#endif
