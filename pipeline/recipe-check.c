/* SPDX-License-Identifier: MIT */
/*
 * recipe-check - find what make would ignore in a recipe
 *
 *   recipe-check --known "/ SOURCE DEPENDS / CONFIGURE ..." [--recipes "musl zlib ..."]
 *                [--depends "musl: pcre2:zlib"] [--build-systems WORDS] [--allocators WORDS]
 *                [--features WORDS] FILE...
 *
 * A misspelt variable is simply another variable to make. Here it is an error
 * with file and line, and what was probably meant. So are a missing field, an order that is not
 * that of the groups (the known ones between "/"), a wrong prefix, a value of the wrong form, a dependency without a
 * recipe, a cycle of them, and two recipes of one name. Exit status 1 if anything is found.
 *
 *   recipe-check --app nginy --recipes "nginx redis"	which app was meant?
 */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/util.h"
#include "recipe_graph.h"
#include "recipe_text.h"
#include "recipe_values.h"

struct options {
	struct strlist known, recipes, depends, files;
	struct choices there_are;
	const char *app;
};

static const struct argp_option options[] = {
	{ "known", 'k', "WORDS", 0, "variables a recipe may set, without the prefix, in groups",
	  0 },
	{ "recipes", 'r', "WORDS", 0, "components there are", 0 },
	{ "depends", 'd', "WORDS", 0, "\"NAME:DEPENDENCY,DEPENDENCY\" of each", 0 },
	{ "build-systems", 'b', "WORDS", 0, "what BUILD_SYSTEM may be", 0 },
	{ "allocators", 'm', "WORDS", 0, "what MALLOC may be", 0 },
	{ "features", 'f', "WORDS", 0, "what FEATURES may have", 0 },
	{ "app", 'a', "NAME", 0, "say which app was meant instead", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'k': strlist_split(&o->known, arg); return 0;
	case 'r': strlist_split(&o->recipes, arg); return 0;
	case 'd': strlist_split(&o->depends, arg); return 0;
	case 'b': strlist_split(&o->there_are.build_systems, arg); return 0;
	case 'm': strlist_split(&o->there_are.allocators, arg); return 0;
	case 'f': strlist_split(&o->there_are.features, arg); return 0;
	case 'a': o->app = arg; return 0;
	case ARGP_KEY_ARG: strlist_push(&o->files, arg); return 0;
	case ARGP_KEY_END:
		if (!o->app && (!o->known.n || !o->files.n))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/*
 * The number of a known variable's group, -1 for an unknown one. "SYSCALLS_AT_" among the known ones
 * stands for SYSCALLS_AT_<function>.
 */
static int group_of(const struct strlist *known, const char *variable)
{
	int group = 0;

	for (size_t i = 0; i < known->n; i++) {
		size_t length = strlen(known->v[i]);
		bool open = known->v[i][length - 1] == '_';

		if (!strcmp(known->v[i], "/"))
			group++;
		else if (open ? variable[length] && !strncmp(known->v[i], variable, length)
			      : !strcmp(known->v[i], variable))
			return group;
	}
	return -1;
}

static void check_name(struct recipe *r, const struct options *o, const struct assignment *a)
{
	const char *nearest = strlist_nearest(&o->known, a->variable);

	if (group_of(&o->known, a->variable) < 0)
		recipe_fault(r, a->line, "'%s%s' is not a variable of recipes%s%s%s%s", r->prefix,
			     a->variable, nearest ? "; did you mean '" : "",
			     nearest ? r->prefix : "", nearest ? nearest : "", nearest ? "'?" : "");
	else if (recipe_find(r, a->variable) != a)
		recipe_fault(r, a->line, "'%s%s' is set a second time", r->prefix, a->variable);
}

/* Groups stand in their order: the first variable of an earlier one behind a later one is told. */
static void check_order(struct recipe *r, const struct options *o)
{
	const struct assignment *latest = NULL;
	int latest_group = -1;

	for (size_t i = 0; i < r->n; i++) {
		int group = group_of(&o->known, r->v[i].variable);

		if (group < 0)
			continue;
		if (group < latest_group)
			recipe_fault(
				r, r->v[i].line,
				"'%s%s' belongs above '%s%s' (line %u): what it is, how it is built, "
				"what comes out, what the shaker cannot know, how it runs",
				r->prefix, r->v[i].variable, r->prefix, latest->variable,
				latest->line);
		if (group <= latest_group)
			continue;
		latest = &r->v[i];
		latest_group = group;
	}
}

/* Those of make's own expansion, at the line where the recipe has them. */
static void check_depends(struct recipe *r, const struct options *o)
{
	const struct assignment *a = recipe_find(r, "DEPENDS");
	struct strlist names = STRLIST_INIT;
	char *cycle = recipe_cycle(&o->depends, r->name);
	unsigned line = a ? a->line : r->last_line;

	if (o->depends.n)
		recipe_depends(&o->depends, r->name, &names);
	else if (a)
		strlist_split(&names, a->value);
	for (size_t i = 0; i < names.n; i++) {
		const char *nearest = strlist_nearest(&o->recipes, names.v[i]);

		if (o->recipes.n && !strlist_has(&o->recipes, names.v[i]))
			recipe_fault(r, line, "there is no recipe '%s'%s%s%s", names.v[i],
				     nearest ? "; did you mean '" : "", nearest ? nearest : "",
				     nearest ? "'?" : "");
	}
	if (cycle)
		recipe_fault(r, line, "%sDEPENDS goes round in a circle: %s; one of them has to go",
			     r->prefix, cycle);
	strlist_release(&names);
	free(cycle);
}

static bool is_set(const struct recipe *r, const char *variable)
{
	return recipe_find(r, variable) != NULL;
}

/* What it does not say is said by the recipe that it is like. */
static void check_like(struct recipe *r, const struct options *o)
{
	const struct assignment *like = recipe_find(r, "LIKE");

	if (!like)
		return;
	if (!strcmp(like->value, r->name))
		recipe_fault(r, like->line, "%sLIKE is the recipe itself", r->prefix);
	else if (o->recipes.n && !strlist_has(&o->recipes, like->value))
		recipe_fault(r, like->line, "%sLIKE: there is no recipe '%s'", r->prefix,
			     like->value);
}

static void check_source(struct recipe *r)
{
	const struct assignment *kind = recipe_find(r, "SOURCE_KIND");

	if (!is_set(r, "LIKE") && !is_set(r, "SOURCE"))
		recipe_fault(r, r->last_line,
			     "%sSOURCE is missing: the source package, or see docs/recipes.md",
			     r->prefix);
	if (!is_set(r, "LIKE") && !is_set(r, "LICENSE"))
		recipe_fault(r, r->last_line, "%sLICENSE is missing: its SPDX name", r->prefix);
	if (kind && !strcmp(kind->value, "tarball") && !is_set(r, "SHA256"))
		recipe_fault(r, kind->line,
			     "%sSHA256 is missing: a tarball is only used by its sha256",
			     r->prefix);
}

static void check_build(struct recipe *r)
{
	const struct assignment *system = recipe_find(r, "BUILD_SYSTEM");
	bool nginx = system && !strcmp(system->value, "nginx");
	static const char *const needs_system[] = { "CONFIGURE_OPTIONS", "MAKE_OPTIONS" };
	static const char *const instead[] = { "CONFIGURE", "BUILD" };

	if (is_set(r, "LIKE"))
		return;
	if (!system && !is_set(r, "BUILD"))
		recipe_fault(r, r->last_line,
			     "%sBUILD is missing: the commands that build it, or %sBUILD_SYSTEM",
			     r->prefix, r->prefix);
	for (size_t i = 0; i < ARRAY_SIZE(needs_system); i++) {
		const struct assignment *a = recipe_find(r, needs_system[i]);

		if (a && (!system || is_set(r, instead[i])))
			recipe_fault(
				r, a->line,
				"'%s%s' does nothing: it is for a %sBUILD_SYSTEM, and without %s%s",
				r->prefix, a->variable, r->prefix, r->prefix, instead[i]);
	}
	if (!nginx && !is_set(r, "PROGRAMS") && !is_set(r, "LIBRARIES") && !is_set(r, "HEADERS") &&
	    !is_set(r, "FILES") && !is_set(r, "LINK_LIST"))
		recipe_fault(
			r, r->last_line,
			"nothing is taken from the build: %sPROGRAMS or %sLIBRARIES is missing",
			r->prefix, r->prefix);
}

static void check_app(struct recipe *r)
{
	const struct assignment *command = recipe_find(r, "COMMAND");

	if (!command || is_set(r, "LIKE"))
		return;
	if (!is_set(r, "READY"))
		recipe_fault(
			r, r->last_line,
			"%sREADY is missing: how is it known that the app is up? http:80/ or tcp:6379",
			r->prefix);
	if (!is_set(r, "PROGRAMS") && !is_set(r, "BUILD_SYSTEM"))
		recipe_fault(r, command->line, "%sPROGRAMS is missing: which program is the app?",
			     r->prefix);
}

static unsigned check(const struct options *o, const char *path)
{
	struct recipe r;

	xrecipe_read(&r, path);
	for (size_t i = 0; i < r.n; i++) {
		const struct assignment *a = &r.v[i];
		char *fault = recipe_value_fault(a->variable, a->value, &o->there_are);

		check_name(&r, o, a);
		if (fault)
			recipe_fault(&r, a->line, "%s%s: %s", r.prefix, a->variable, fault);
		free(fault);
	}
	check_order(&r, o);
	check_depends(&r, o);
	check_like(&r, o);
	check_source(&r);
	check_build(&r);
	check_app(&r);
	return r.faults;
}

/* Two recipes of one name: make would take a mixture of both. */
static unsigned check_twins(const struct options *o)
{
	unsigned faults = 0;

	for (size_t i = 0; i < o->files.n; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(fs_base(o->files.v[i]), fs_base(o->files.v[j]))) {
				fprintf(stderr,
					"%s:1: '%s' is a recipe of the same name: rename one, with its directory, "
					"its prefix and its closing line\n",
					o->files.v[i], o->files.v[j]);
				faults++;
			}
	return faults;
}

static _Noreturn void name_app(const struct options *o)
{
	const char *nearest = strlist_nearest(&o->recipes, o->app);
	char *all = strlist_join(&o->recipes, " ");

	if (!*o->app)
		die_hint(xasprintf("give APP=name; there are: %s", all), "which app?");
	if (nearest)
		die_hint(xasprintf("did you mean '%s'? there are: %s", nearest, all),
			 "there is no app '%s'", o->app);
	die_hint(xasprintf("there are: %s", all), "there is no app '%s'", o->app);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options,   parse_option,
					  "FILE...", "Find what make would ignore in a recipe.",
					  NULL,	     NULL,
					  NULL };
	struct options o = { 0 };
	unsigned faults;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (o.app)
		name_app(&o);
	faults = check_twins(&o);
	for (size_t i = 0; i < o.files.n; i++)
		faults += check(&o, o.files.v[i]);
	return faults ? EXIT_NO : EXIT_YES;
}
