/* SPDX-License-Identifier: MIT */
#include "diff_side.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/generation.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "../pipeline/promotion.h"

struct numbers {
	unsigned *v;
	size_t n;
	const char *out, *app;
};

static const char *listed(const struct numbers *all)
{
	struct strlist words = STRLIST_INIT;

	for (size_t i = 0; i < all->n; i++)
		strlist_pushf(&words, "%u", all->v[i]);
	return xasprintf("there are: %s", strlist_join(&words, " "));
}

/* Index of the generation that was asked for by name. */
static size_t xindex_of(const struct numbers *all, const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);
	bool is_known = *name >= '0' && *name <= '9';

	if (!strcmp(name, "latest"))
		return all->n - 1;
	if (!strcmp(name, "promoted")) {
		char *directory = xpromoted_directory(all->out, all->app);

		number = strtoul(fs_base(directory), &end, 10);
		free(directory);
		is_known = true;
	}
	for (size_t i = 0; i < all->n && !*end && is_known; i++)
		if (all->v[i] == number)
			return i;
	die_hint(listed(all), "'%s' has no generation '%s'", all->app, name);
}

static bool is_given(const char *name)
{
	return name && *name;
}

static void choose(const struct numbers *all, const char *from, const char *to, size_t *a,
		   size_t *b)
{
	*b = is_given(to) ? xindex_of(all, to) : all->n - 1;
	if (is_given(from)) {
		*a = xindex_of(all, from);
		if (!is_given(to) && *a == *b)
			die_hint(listed(all),
				 "generation %u of '%s' is the newest; compare it to which? "
				 "give TO=N",
				 all->v[*a], all->app);
		return;
	}
	if (all->n == 1)
		die_hint(xasprintf("change something and build another: make image APP=%s; with a "
				   "profile: make profile APP=%s first",
				   all->app, all->app),
			 "'%s' has only generation %u, and a comparison takes two", all->app,
			 all->v[0]);
	if (!*b)
		die_hint(listed(all), "'%s' has no generation before %u; give FROM=N", all->app,
			 all->v[0]);
	*a = *b - 1;
}

json_t *diff_side_read(const struct diff_side *side, const char *name, char **why)
{
	char *path = xasprintf("%s/%s", side->directory, name);
	json_t *object = NULL;
	json_error_t error;
	size_t bytes;
	char *text = fs_read(path, &bytes);

	*why = NULL;
	if (!text)
		*why = xasprintf("generation %u has no %s", side->number, name);
	else
		object = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
	if (text && !json_is_object(object)) {
		*why = xasprintf("%s of generation %u cannot be read: %s", name, side->number,
				 object ? "it is no object" : error.text);
		json_decref(object);
		object = NULL;
	}
	free(text);
	free(path);
	return object;
}

static void xopen(struct diff_side *side, const char *out, const char *app, unsigned number)
{
	char *why;

	*side = (struct diff_side){ .app = app, .number = number };
	side->directory = xasprintf("%s/%s/%u", out, app, number);
	side->manifest = diff_side_read(side, "manifest.json", &why);
	if (!side->manifest)
		die_hint("remove the generation, or compare others with FROM= and TO=", "%s", why);
	if (json_integer_value(json_object_get(side->manifest, "schema")) != 1)
		die("manifest.json of generation %u is not of schema 1", number);
}

void xdiff_sides_open(struct diff_sides *sides, const char *out, const char *app, const char *from,
		      const char *to)
{
	struct numbers all = { .out = out, .app = app };
	size_t a, b;

	all.n = generation_list(out, app, &all.v);
	if (!all.n)
		die_hint(xasprintf("build one: make image APP=%s", app),
			 "there is no image of '%s' in '%s'", app, out);
	choose(&all, from, to, &a, &b);
	xopen(&sides->from, out, app, all.v[a]);
	xopen(&sides->to, out, app, all.v[b]);
	free(all.v);
}

void diff_not_compared(json_t *record, const char *what, const char *why)
{
	json_t *list = json_object_get(record, "not_compared");

	if (!list) {
		list = json_array();
		json_object_set_new(record, "not_compared", list);
	}
	json_array_append_new(list, json_pack("{s:s, s:o}", "what", what, "why", json_text(why)));
}
