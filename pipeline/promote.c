/* SPDX-License-Identifier: MIT */
/*
 * promote - mark a generation good if it passes the checks, or go back to an earlier one
 *
 *   promote --out OUT --app APP --results DIR --generation N begin   settle what is checked, against what
 *   promote --results DIR plan NAME                    a field of that plan, as text
 *   promote --results DIR check NAME COMMAND...	run a check: boot, tests, audit, bench or budget
 *   promote --out OUT --app APP --results DIR decide	the verdict, recorded in the generation
 *   promote --out OUT --app APP --generation N rollback	back to N, or to the one before if left out
 *   promote --out OUT --app APP --generation N state	how generation N stands
 *
 * pipeline/gate.mk is the order of these. Until "decide" nothing outside of DIR is written.
 *
 * Exit status: 0 done, promoted; 1 the answer is no: refused, rolled back, not promoted; 2 it could not
 * be told (a check could not be run, a figure is missing), or it failed; 64 usage. "check" is 0 whatever
 * the check came to.
 */
#include "promote.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/util.h"
#include "promotion_write.h"

enum { MOST_TIMES = 100 };

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where generations are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "generation", 'g', "N", 0, "which one; begin, state: the newest if left out", 0 },
	{ "results", 'r', "DIR", 0, "of this run of the checks", 0 },
	{ "budget", 'b', "LIMITS", 0, "how much worse it may be (docs/diff.md)", 0 },
	{ "force", 'f', NULL, 0, "begin: promote it whatever the checks say; with --why", 0 },
	{ "why", 'w', "TEXT", 0, "recorded with a forced promotion or a roll-back", 0 },
	{ "times", 't', "N", 0, "check: run the command so often, all must pass", 0 },
	{ "console", 'c', "FILE", 0, "check: fails if it says that a dropped call was used", 0 },
	{ "needs", 'n', "FILE", 0, "check: cannot tell if this file is missing", 0 },
	{ "hint", 'H', "TEXT", 0, "check: what the file is for", 0 },
	{ "facts", 'F', "FILE", 0, "check: what the command writes, as JSON", 0 },
	{ "json", 'j', NULL, 0, "state: print the whole record; decide: what was recorded", 0 },
	{ 0 }
};

static void check_usage(const struct promote_options *o, struct argp_state *state)
{
	const char *command = o->words ? *o->words : "";
	bool is_check = !strcmp(command, "check") || !strcmp(command, "plan");

	if (!*command || (!is_check && (!o->out || !o->app || !*o->app || strchr(o->app, '/'))))
		argp_usage(state);
	if (!o->results && (is_check || !strcmp(command, "begin") || !strcmp(command, "decide")))
		argp_error(state, "%s: name a directory with --results", command);
	if (o->forced && (!o->why || !*o->why))
		argp_error(state, "FORCE=1 takes a reason, which is recorded: WHY='...'");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct promote_options *o = state->input;

	switch (key) {
	case 'o': o->out = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'g': o->generation = *arg ? arg : NULL; return 0;
	case 'r': o->results = arg; return 0;
	case 'b': o->budget = arg; return 0;
	case 'f': o->forced = true; return 0;
	case 'w': o->why = *arg ? arg : NULL; return 0;
	case 't': o->times = (unsigned)number_option("TIMES", arg, 1, MOST_TIMES); return 0;
	case 'c': strlist_push(&o->consoles, arg); return 0;
	case 'n': o->needs = arg; return 0;
	case 'H': o->hint = arg; return 0;
	case 'F': o->facts = arg; return 0;
	case 'j': o->json = true; return 0;
	case ARGP_KEY_ARGS: o->words = state->argv + state->next; return 0;
	case ARGP_KEY_END: check_usage(o, state); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

json_t *xpromote_plan(const struct promote_options *o)
{
	return xjson_read(xasprintf("%s/plan.json", o->results));
}

/* For the commands of gate.mk. A field that is null is nothing. */
static int plan(const struct promote_options *o)
{
	const json_t *value = json_object_get(xpromote_plan(o), o->words[0] ? o->words[0] : "");

	if (!value)
		die("promote plan: there is no field '%s'", o->words[0] ? o->words[0] : "");
	if (json_is_integer(value))
		printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else if (json_is_string(value))
		puts(json_string_value(value));
	return EXIT_YES;
}

static int check(const struct promote_options *o)
{
	size_t i = 0;

	while (promotion_checks[i] && o->words[0] && strcmp(promotion_checks[i], o->words[0]))
		i++;
	if (!o->words[0] || !promotion_checks[i] || !o->words[1]) {
		fprintf(stderr,
			"error: promote check takes one of boot, tests, audit, bench, budget, "
			"and a command\n");
		return EXIT_USAGE;
	}
	return promote_check(o);
}

/* The one to go back to. */
static unsigned xrollback_target(const struct promote_options *o, const struct promotions *p)
{
	const struct promoted *top = promotions_top(p);
	const char *hint = xasprintf("'make generations APP=%s' lists them", o->app);
	unsigned to;

	if (!top)
		die_hint(hint,
			 "no generation of '%s' is promoted, so there is nothing to go back from",
			 o->app);
	if (!o->generation && p->line_count < 2)
		die_hint(hint, "no generation of '%s' was promoted before generation %u", o->app,
			 top->number);
	if (!o->generation)
		return p->line[p->line_count - 2].number;
	to = (unsigned)number_option("GEN", o->generation, 0, 999999999);
	if (to == top->number || !promotions_on_line(p, to))
		die_hint(hint, "generation %u of '%s' %s", to, o->app,
			 to == top->number ? "is the promoted one already"
					   : "is not one of those promoted before it");
	return to;
}

static bool is_there(const struct promotions *p, unsigned number)
{
	for (size_t i = 0; i < p->line_count; i++)
		if (p->line[i].number == number)
			return p->line[i].is_there;
	return false;
}

static int rollback(const struct promote_options *o)
{
	struct promotions p;
	unsigned from, to;
	char *damage;

	xpromotion_lock(o->out, o->app);
	xpromotion_put_right(o->out, o->app);
	xpromotions_read(&p, o->out, o->app);
	to = xrollback_target(o, &p);
	from = promotions_top(&p)->number;
	damage = promotion_image_damage(o->out, o->app, to);
	if (!damage && !is_there(&p, to))
		damage = xasprintf(
			"generation %u, which was promoted, is gone: this one has its number "
			"and no record",
			to);
	if (damage)
		die_hint(
			xasprintf(
				"make rollback APP=%s GEN=N goes further back; nothing was changed",
				o->app),
			"%s", damage);
	xpromotion_return(&p, o->out, o->app, to, o->why);
	printf("%s: generation %u is promoted; generation %u was rolled back\n", o->app, to, from);
	return EXIT_YES;
}

static int state(const struct promote_options *o)
{
	char *directory = xgeneration_directory(o->out, o->app, o->generation);
	const struct promotion *one;
	const char *verdict;
	struct promotions p;

	xpromotions_read(&p, o->out, o->app);
	if (p.disagreement)
		warn("%s", p.disagreement);
	one = promotions_find(&p, (unsigned)atoi(fs_base(directory)));
	if (o->json)
		json_print(one ? one->record : json_null());
	else
		printf("%s: generation %s: %s\n", o->app, fs_base(directory),
		       one ? promotion_describe(one) : "never at the gate");
	if (one && one->state == PROMOTION_PROMOTED)
		return EXIT_YES;
	verdict = one ? json_string_value(json_object_get(one->event, "verdict")) : NULL;
	return one && one->state == PROMOTION_REFUSED && verdict && strcmp(verdict, "fail")
		       ? EXIT_FAILED
		       : EXIT_NO;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct promote_options *o);
	} commands[] = {
		{ "begin", promote_begin },   { "plan", plan },		{ "check", check },
		{ "decide", promote_decide }, { "rollback", rollback }, { "state", state }
	};
	static const struct argp argp = {
		options,
		parse_option,
		"begin|plan NAME|check NAME COMMAND...|decide|rollback|state",
		"Mark a generation good if it passes the checks, or go back to an earlier one.",
		NULL,
		NULL,
		NULL
	};
	struct promote_options o = { .times = 1 };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(*o.words, commands[i].name)) {
			o.words++;
			return commands[i].run(&o);
		}
	fprintf(stderr,
		"error: there is no command '%s'; there are begin, plan, check, decide, "
		"rollback, state\n",
		*o.words);
	return EXIT_USAGE;
}
