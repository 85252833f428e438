/* SPDX-License-Identifier: MIT */
/*
 * recipe-check - find what make would ignore in a recipe
 *
 *   recipe-check --known "SOURCE DEPENDS ..." [--recipes "musl zlib ..."] FILE...
 *
 * A misspelt variable is simply another variable to make. Here it is an error
 * with file and line, and what was probably meant. So are a missing SOURCE,
 * LICENSE or closing line, a wrong prefix, and a dependency without a recipe.
 * Exit status 1 if anything is found.
 *
 *   recipe-check --app nginy --recipes "nginx redis"	which app was meant?
 */
#include <argp.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/util.h"

struct options {
	struct strlist known, recipes, files;
	const char *app;
};

struct recipe {
	const char *path;
	char *name;	     /* "pcre2", from the file's name */
	char *prefix;	     /* "PCRE2_" */
	struct strlist seen; /* variables without the prefix */
	bool closed;
	unsigned faults;
};

static const struct argp_option options[] = {
	{ "known", 'k', "WORDS", 0, "variables a recipe may set, without the prefix", 0 },
	{ "recipes", 'r', "WORDS", 0, "components there are", 0 },
	{ "app", 'a', "NAME", 0, "say which app was meant instead", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'k': strlist_split(&o->known, arg); return 0;
	case 'r': strlist_split(&o->recipes, arg); return 0;
	case 'a': o->app = arg; return 0;
	case ARGP_KEY_ARG: strlist_push(&o->files, arg); return 0;
	case ARGP_KEY_END:
		if (!o->app && (!o->known.n || !o->files.n))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void fault(struct recipe *r, unsigned line, const char *format, ...) PRINTF(3, 4);

static void fault(struct recipe *r, unsigned line, const char *format, ...)
{
	va_list ap;

	r->faults++;
	fprintf(stderr, "%s:%u: ", r->path, line);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* "NAME = value" or with := += ?=: the name's length, else 0. */
static size_t assignment(const char *line)
{
	size_t length =
		strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
	const char *rest = line + length + strspn(line + length, " ");

	if (!length || !*rest)
		return 0;
	return *rest == '=' || (strchr(":+?", *rest) && rest[1] == '=') ? length : 0;
}

static void check_depends(struct recipe *r, const struct options *o, unsigned line,
			  const char *value)
{
	struct strlist names = STRLIST_INIT;

	strlist_split(&names, value + strspn(value, " :+?="));
	for (size_t i = 0; i < names.n; i++) {
		const char *nearest = strlist_nearest(&o->recipes, names.v[i]);

		if (o->recipes.n && !strlist_has(&o->recipes, names.v[i]))
			fault(r, line, "there is no recipe '%s'%s%s%s", names.v[i],
			      nearest ? "; did you mean '" : "", nearest ? nearest : "",
			      nearest ? "'?" : "");
	}
	strlist_release(&names);
}

/* "SYSCALLS_AT_" among the known ones stands for SYSCALLS_AT_<function>. */
static bool is_known(const struct strlist *known, const char *variable)
{
	for (size_t i = 0; i < known->n; i++) {
		size_t length = strlen(known->v[i]);

		if (length && known->v[i][length - 1] == '_' && variable[length] &&
		    !strncmp(known->v[i], variable, length))
			return true;
	}
	return strlist_has(known, variable);
}

static void check_assignment(struct recipe *r, const struct options *o, unsigned line,
			     const char *text, size_t length)
{
	char *name = xstrndup(text, length);
	size_t prefix_length = strlen(r->prefix);
	const char *variable = name + prefix_length, *nearest;

	if (!strncmp(name, r->name, strlen(r->name)) && name[strlen(r->name)] == '-')
		return; /* a helper of its own, "linux-fragments" */
	if (strncmp(name, r->prefix, prefix_length)) {
		fault(r, line, "'%s' does not begin with '%s', so it is not this recipe's", name,
		      r->prefix);
		return;
	}
	nearest = strlist_nearest(&o->known, variable);
	if (!is_known(&o->known, variable))
		fault(r, line, "'%s' is not a variable of recipes%s%s%s%s", name,
		      nearest ? "; did you mean '" : "", nearest ? r->prefix : "",
		      nearest ? nearest : "", nearest ? "'?" : "");
	else if (strlist_has(&r->seen, variable))
		fault(r, line, "'%s' is set a second time", name);
	if (!strcmp(variable, "DEPENDS"))
		check_depends(r, o, line, text + length);
	strlist_push(&r->seen, variable);
	free(name);
}

static void init_recipe(struct recipe *r, const char *path)
{
	const char *base = fs_base(path);

	*r = (struct recipe){ .path = path, .name = xstrndup(base, strcspn(base, ".")) };
	r->prefix = xasprintf("%s_", r->name);
	for (char *c = r->prefix; *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

/* One line with those that continue it; `*number` is that of its first. */
static char *next_line(char **at, unsigned *number, unsigned *next_number)
{
	char *line = *at, *end = line;

	*number = *next_number;
	for (; *end && *end != '\n'; end++) {
		if (end[0] != '\\' || end[1] != '\n')
			continue;
		end[0] = end[1] = ' ';
		++*next_number;
	}
	++*next_number;
	*at = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

static unsigned check(const struct options *o, const char *path)
{
	char *text = xfs_read(path, NULL), *at = text, *closing;
	unsigned number = 1, next_number = 1;
	struct recipe r;

	init_recipe(&r, path);
	closing = xasprintf("$(eval $(call recipe,%s))", r.name);
	if (text[0] != '#')
		fault(&r, 1, "begin with a comment: '# %s - what it is'", r.name);
	while (*at) {
		char *line = next_line(&at, &number, &next_number);
		size_t length = *line == '#' ? 0 : assignment(line);

		if (length)
			check_assignment(&r, o, number, line, length);
		else if (!strcmp(line, closing))
			r.closed = true;
		else if (*line && *line != '#')
			fault(&r, number, "neither a variable nor the closing line: '%s'", line);
	}
	if (!strlist_has(&r.seen, "SOURCE"))
		fault(&r, number, "%sSOURCE is missing: the source package, or see docs/recipes.md",
		      r.prefix);
	if (!strlist_has(&r.seen, "LICENSE"))
		fault(&r, number, "%sLICENSE is missing: its SPDX name", r.prefix);
	if (strlist_has(&r.seen, "COMMAND") && !strlist_has(&r.seen, "READY"))
		fault(&r, number,
		      "%sREADY is missing: how is it known that the app is up? http:80/, https:443/, tcp:53 or exchange:6379 \"PING\\r\\n\" \"+PONG\"",
		      r.prefix);
	if (!r.closed)
		fault(&r, number, "the closing line is missing: %s", closing);
	free(text);
	return r.faults;
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
	unsigned faults = 0;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (o.app)
		name_app(&o);
	for (size_t i = 0; i < o.files.n; i++)
		faults += check(&o, o.files.v[i]);
	return faults ? EXIT_NO : EXIT_YES;
}
