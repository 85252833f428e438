/* SPDX-License-Identifier: MIT */
/*
 * new-recipe - write a recipe to begin with, from what a source package says about itself
 *
 *   new-recipe --app redis --source redis --recipes "zlib:zlib pcre2:pcre2" --to recipes
 *              --cache DIR --lock sources.lock
 *
 * --source is a Debian source package, which is fetched, checked and added to the lock file as for a
 * build; or a directory. --recipes are names and what each is built from: Build-Depends are
 * looked up among them, by the source package that Debian makes each from. A recipe that is there is
 * never written over.
 */
#include <argp.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bitcode/apt.h"
#include "../bitcode/source.h"
#include "lib/fs.h"
#include "lib/util.h"
#include "recipe_draft.h"

struct options {
	const char *app, *source, *to, *cache, *lock;
	struct strlist recipes; /* "name:source" */
};

static const struct argp_option options[] = {
	{ "app", 'a', "NAME", 0, "name of the recipe", 0 },
	{ "source", 's', "PACKAGE", 0, "Debian source package, or a directory", 0 },
	{ "recipes", 'r', "WORDS", 0, "recipes there are, NAME:SOURCE", 0 },
	{ "to", 't', "DIR", 0, "directory of recipes that it is written to", 0 },
	{ "cache", 'c', "DIR", 0, "where sources are kept", 0 },
	{ "lock", 'l', "FILE", 0, "the lock file of sources", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'a': o->app = arg; return 0;
	case 's': o->source = arg; return 0;
	case 'r': strlist_split(&o->recipes, arg); return 0;
	case 't': o->to = arg; return 0;
	case 'c': o->cache = arg; return 0;
	case 'l': o->lock = arg; return 0;
	case ARGP_KEY_END:
		if (!o->app || !o->source || !o->to || !o->cache || !o->lock)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void check_name(const struct options *o)
{
	size_t length = strspn(o->app, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (!*o->app)
		die_hint("make new-recipe APP=name SOURCE=package",
			 "give APP=, the name of the recipe");
	if (!*o->source)
		die_hint("make new-recipe APP=name SOURCE=package",
			 "give SOURCE=, a Debian source package or a directory");
	if (o->app[length] || !islower((unsigned char)*o->app))
		die("'%s' is no name of a recipe: a small letter, then small letters, digits and '-'",
		    o->app);
	for (size_t i = 0; i < o->recipes.n; i++)
		if (!strncmp(o->recipes.v[i], o->app, strlen(o->app)) &&
		    o->recipes.v[i][strlen(o->app)] == ':')
			die_hint("give another APP=, or edit that recipe",
				 "there is a recipe '%s' already", o->app);
}

/* The tree to look at: the directory itself, or the package unpacked into `scratch`. */
static char *open_source(const struct options *o, const char *scratch)
{
	struct spec spec = { .name = o->app,
			     .source = o->source,
			     .source_kind = SOURCE_DEBIAN_SOURCE };
	struct source source;
	char *tree;

	if (fs_is_directory(o->source))
		return xstrdup(o->source);
	xsource_fetch(&source, &spec, o->lock, o->cache);
	tree = xasprintf("%s/src", scratch);
	xsource_unpack(&source, &spec, tree);
	return tree;
}

/* The recipe that is built from this source package, or NULL. */
static char *recipe_from(const struct options *o, const char *package)
{
	for (size_t i = 0; i < o->recipes.n; i++) {
		const char *colon = strchr(o->recipes.v[i], ':');

		if (colon && !strcmp(colon + 1, package))
			return xstrndup(o->recipes.v[i], (size_t)(colon - o->recipes.v[i]));
	}
	return NULL;
}

static void map_depends(const struct options *o, struct draft *d)
{
	const struct strlist *wanted = &d->survey.development;
	struct strlist sources = STRLIST_INIT;
	struct apt apt;

	if (!wanted->n)
		return;
	xapt_init(&apt, o->cache);
	apt_sources_of(&apt, wanted, &sources);
	for (size_t i = 0; i < wanted->n; i++) {
		char *recipe = *sources.v[i] ? recipe_from(o, sources.v[i]) : NULL;

		if (!recipe)
			strlist_pushf(&d->missing, "%s%s%s%s", wanted->v[i],
				      *sources.v[i] ? " (" : "", sources.v[i],
				      *sources.v[i] ? ")" : "");
		else if (!strlist_has(&d->depends, recipe))
			strlist_push(&d->depends, recipe);
		free(recipe);
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, NULL, "Write a recipe to begin with.", NULL, NULL, NULL
	};
	struct options o = { 0 };
	struct draft d = { 0 };
	char *scratch, *path, *text;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	check_name(&o);
	path = xasprintf("%s/%s/%s.mk", o.to, o.app, o.app);
	if (fs_exists(path))
		die_hint("give another APP=, or edit that recipe", "'%s' is there already", path);
	scratch =
		xfs_temporary_directory(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", "new-recipe");
	d.app = o.app;
	d.is_tree = fs_is_directory(o.source);
	d.source = d.is_tree ? xfs_absolute(o.source) : o.source;
	text = open_source(&o, scratch);
	survey_tree(&d.survey, text, o.app);
	map_depends(&o, &d);
	xfs_remove(scratch);
	text = draft_text(&d);
	xfs_mkdirs_above(path);
	xfs_write(path, text, strlen(text));
	printf("written: %s, from %s%s%s\n", path, fs_base(o.source), d.survey.version ? " " : "",
	       d.survey.version ? d.survey.version : "");
	return EXIT_YES;
}
