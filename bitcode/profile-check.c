/* SPDX-License-Identifier: MIT */
/*
 * profile-check - does a profile still fit what would be linked?
 *
 *   profile-check --plan plan.json --profile chosen.json --cache DIR
 *		   [--warn PERCENT] [--refuse PERCENT] [--json]
 *
 * The same comparison as before a relink (salvage.h), without one: by the modules of the plan and those
 * of the generation that was recorded. Exit status 0: it fits; 1: no longer, less than --refuse percent of the
 * samples of a unit do; 2: that could not be found out.
 *
 * JSON, schema 1: app, profile, verdict ("fits", "old": below --warn, "no": below --refuse, but for init, which
 * would be linked without), estimated (see
 * salvage.h: a unit was compared by names only), warn_percent, refuse_percent, units { NAME: a fit
 * (salvage.h), and fit_percent }
 */
#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "fit.h"
#include "profile.h"

enum { MOST_SHOWN = 5 };

struct options {
	const char *plan, *profile, *cache;
	struct fit_limits limits;
	bool json;
};

static const struct argp_option options[] = {
	{ "plan", 'p', "FILE", 0, "the plan of what would be linked", 0 },
	{ "profile", 'P', "FILE", 0, "which profile it would get (bitcode/profile.h)", 0 },
	{ "cache", 'c', "DIR", 0, "where results are kept", 0 },
	{ "warn", 'w', "PERCENT", 0, "below that, say that it is old", 0 },
	{ "refuse", 'r', "PERCENT", 0, "below that, it does not fit", 0 },
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ 0 }
};

static double parse_percent(const char *text, struct argp_state *state)
{
	char *end;
	double percent;

	errno = 0;
	percent = strtod(text, &end);
	if (end == text || *end || errno || !(percent >= 0 && percent <= 100))
		argp_error(state, "'%s' is no percentage from 0 to 100", text);
	return percent;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p': o->plan = arg; return 0;
	case 'P': o->profile = arg; return 0;
	case 'c': o->cache = arg; return 0;
	case 'w': o->limits.warn_percent = parse_percent(arg, state); return 0;
	case 'r': o->limits.refuse_percent = parse_percent(arg, state); return 0;
	case 'j': o->json = true; return 0;
	case ARGP_KEY_END:
		if (!o->plan || !o->profile || !o->cache)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* Of each unit that has a profile: { NAME: fit }. */
static json_t *fits_of(const struct options *o, const json_t *plan)
{
	json_t *units = json_object(), *unit;
	size_t i;

	json_array_foreach(xjson_array(plan, "units", o->plan), i, unit) {
		struct profile p;

		xprofile_read(&p, o->profile, unit, o->cache);
		if (!p.path)
			continue;
		json_object_set_new(p.fit, "fit_percent", json_real(fit_percent(p.fit)));
		json_object_set_new(units, xjson_string(unit, "name", o->plan), p.fit);
	}
	if (!json_object_size(units))
		die_hint("'make profiles' lists them, 'make profile' records one",
			 "there is no profile to check: '%s' names none", o->profile);
	return units;
}

static const char *verdict_of(const struct options *o, json_t *units)
{
	const char *verdict = "fits", *name;
	json_t *fit;

	json_object_foreach(units, name, fit) {
		double percent = fit_percent(fit);

		if (percent < o->limits.refuse_percent && fit_decides(name))
			return "no";
		if (percent < o->limits.warn_percent)
			verdict = "old";
	}
	return verdict;
}

static bool is_compared(const json_t *fit, const char *how)
{
	return !strcmp(xjson_string(fit, "compared", "the fit"), how);
}

static bool is_estimated(json_t *units)
{
	bool estimated = false;
	const char *name;
	json_t *fit;

	json_object_foreach(units, name, fit)
		estimated |= is_compared(fit, "names");
	return estimated;
}

static void print_functions(json_t *list, double all, const char *word)
{
	json_t *function;
	size_t i;

	json_array_foreach(list, i, function) {
		const char *to = json_string_value(json_object_get(function, "to"));
		const char *from =
			json_string_value(json_object_get(function, to ? "from" : "name"));
		json_t *samples = json_object_get(function, "samples");

		if (i == MOST_SHOWN) {
			printf("    %-9s ...\n", word);
			return;
		}
		printf("    %-9s %5.1f %%  %s%s%s\n", word, 100 * json_number_value(samples) / all,
		       from, to ? " -> " : "", to ? to : "");
	}
}

static void print_unit(const char *name, const json_t *fit)
{
	char *sentence = fit_sentence(fit);
	double samples = json_number_value(json_object_get(fit, "samples"));

	printf("  %-16s %s\n", name, sentence);
	if (is_compared(fit, "same"))
		printf("    exact: all its modules are those that were recorded\n");
	else if (is_compared(fit, "names"))
		printf("    estimated: the modules that were recorded are not known any more; a function "
		       "counts\n    as matched if there is one of its name\n");
	else
		printf("    compared line by line with the modules that were recorded; what was changed in "
		       "place\n    counts as salvaged\n");
	print_functions(json_object_get(fit, "renamed"), samples, "renamed");
	print_functions(json_object_get(fit, "lost"), samples, "lost");
	free(sentence);
}

static void print_verdict(const struct options *o, const char *verdict)
{
	if (!strcmp(verdict, "fits"))
		printf("it fits: at least %g %% of each unit's samples are matched or salvaged\n",
		       o->limits.warn_percent);
	else if (!strcmp(verdict, "old"))
		printf("it fits, but is old: below %g %%. Record again soon: make profile\n",
		       o->limits.warn_percent);
	else
		printf("it no longer fits: below %g %%. PROFILE=none builds without, then make profile "
		       "records a new one\n",
		       o->limits.refuse_percent);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Does a profile still fit what would be linked?",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .limits = fit_limits };
	const char *verdict, *name;
	json_t *plan, *units, *fit;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	plan = xjson_read(o.plan);
	units = fits_of(&o, plan);
	verdict = verdict_of(&o, units);
	if (o.json) {
		json_print(json_pack("{s:i, s:s, s:O, s:s, s:b, s:f, s:f, s:O}", "schema", 1, "app",
				     xjson_string(plan, "app", o.plan), "profile",
				     xprofile_id(o.profile), "verdict", verdict, "estimated",
				     is_estimated(units), "warn_percent", o.limits.warn_percent,
				     "refuse_percent", o.limits.refuse_percent, "units", units));
	} else {
		printf("profile %s\n", json_string_value(xprofile_id(o.profile)));
		json_object_foreach(units, name, fit)
			print_unit(name, fit);
		print_verdict(&o, verdict);
	}
	return strcmp(verdict, "no") ? EXIT_YES : EXIT_NO;
}
