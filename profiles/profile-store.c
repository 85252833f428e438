/* SPDX-License-Identifier: MIT */
/*
 * profile-store - the profiles of an app: add, list, merge, compare
 *
 *   profile-store --out OUT --app APP [--alone] add REC   check, convert and keep a recording
 *   profile-store ... list [--json]
 *   profile-store ... show ID|auto [--json]
 *   profile-store ... path ID|auto                      its directory
 *   profile-store ... merge ID[=WEIGHT] ID[=WEIGHT]...  a new one out of several
 *   profile-store ... --onward merge ID[=WEIGHT]...     and what their generations were relinked with
 *   profile-store ... compare ID ID [--json]
 *   profile-store ... choose ID|auto|none --output F     which one an image gets
 *
 * An id may be cut short as long as only one begins so; "auto" is the newest that was
 * accepted, once a generation is promoted of those that come from promoted ones (store_line.h). Exit status 1: the profile was refused; it is kept with the reason, and
 * never used.
 */
#include "profile-store.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where generations and profiles are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "output", 'O', "FILE", 0, "choose: where the choice goes", 0 },
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ "alone", 'l', NULL, 0,
	  "add: not together with the profile that its generation was relinked with", 0 },
	{ "onward", 'w', NULL, 0,
	  "merge: with the profiles that their generations were relinked with", 0 },
	{ "threshold-percent", 't', "X", 0, "add: refuse if more counts are rejected (1)", 0 },
	{ 0 }
};

struct arguments {
	struct store_options o;
	const char *command;
	struct strlist words;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	char *end;

	switch (key) {
	case 'o': a->o.out = arg; return 0;
	case 'a': a->o.app = arg; return 0;
	case 'O': a->o.output = arg; return 0;
	case 'j': a->o.json = true; return 0;
	case 'l': a->o.alone = true; return 0;
	case 'w': a->o.onward = true; return 0;
	case 't':
		a->o.limits.rejected = strtod(arg, &end);
		if (end == arg || *end ||
		    !(a->o.limits.rejected >= 0 && a->o.limits.rejected <= 100))
			argp_error(state, "'%s' is not a number from 0 to 100", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (a->command)
			strlist_push(&a->words, arg);
		else
			a->command = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->command || !a->o.out || !a->o.app || !*a->o.app || strchr(a->o.app, '/'))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static int list(const struct store_options *o)
{
	json_t *records = json_array();
	struct profile *profiles;
	size_t n = store_list(o->out, o->app, &profiles);

	if (o->word_count)
		die("profile-store list takes no argument");
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			records, profiles[i].damage ? json_pack("{s:s, s:s}", "id", profiles[i].id,
								"damage", profiles[i].damage)
						    : json_incref(profiles[i].record));
	if (o->json)
		json_print(records);
	else if (!n)
		die_hint(xasprintf("record one: make profile APP=%s", o->app),
			 "there is no profile of %s yet", o->app);
	else
		print_profile_list(profiles, n);
	return EXIT_YES;
}

static struct profile xone(const struct store_options *o, const char *command)
{
	if (o->word_count != 1)
		die("profile-store %s: which profile? name one id, or auto", command);
	return xstore_find(o->out, o->app, o->words[0]);
}

static int show(const struct store_options *o)
{
	struct profile p = xone(o, "show");

	if (o->json)
		json_print(p.record);
	else
		print_profile(&p);
	return EXIT_YES;
}

/* Status 1 for a refused one: there is nothing in it for a compiler. */
static int path(const struct store_options *o)
{
	struct profile p = xone(o, "path");

	puts(p.directory);
	return p.accepted ? EXIT_YES : EXIT_NO;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct store_options *o);
	} commands[] = { { "add", store_add },	    { "list", list },
			 { "show", show },	    { "path", path },
			 { "merge", store_merge },  { "compare", store_compare },
			 { "choose", store_choose } };
	static const struct argp argp = {
		options,
		parse_option,
		"add REC|list|show ID|path ID|merge ID[=WEIGHT]...|compare ID ID|choose ID|auto|none",
		"Keep, merge and compare the profiles of an app.",
		NULL,
		NULL,
		NULL
	};
	struct arguments a = { .o = { .limits = CHECK_LIMITS } };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	a.o.words = a.words.v;
	a.o.word_count = a.words.n;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(a.command, commands[i].name))
			return commands[i].run(&a.o);
	fprintf(stderr,
		"error: there is no command '%s'; there are add, list, show, path, merge, compare, choose\n",
		a.command);
	return EXIT_USAGE;
}
