/* SPDX-License-Identifier: MIT */
#include "diff_inputs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "field.h"

/* What is one value of the manifest. */
static const struct {
	const char *name, *path;
} singles[] = {
	{ "profile", "profile" }, { "recipe", "recipe_sha256" }, { "files", "files.sha256" },
	{ "shake", "shake" },	  { "march", "march" },		 { "machine", "machine" },
	{ "cpu", "cpu" },	  { "compiler", "compiler" },
};

/* What is recorded of each component: in components[] or, of how it was compiled, in builds[]. */
static const struct {
	const char *what, *list, *key;
} of_component[] = {
	{ "version", "components", "version" },	 { "source", "components", "source_sha256" },
	{ "compiler", "builds", "compiler" },	 { "flags", "builds", "flags" },
	{ "recipe", "builds", "recipe_sha256" }, { "capsule", "components", "capsule" },
};

/* Flags are a list of words. NULL: not recorded. A new reference. */
static json_t *as_text(const json_t *value)
{
	struct strlist words = STRLIST_INIT;
	json_t *word, *text;
	size_t i;

	if (!json_is_array(value))
		return json_incref((json_t *)value);
	json_array_foreach(value, i, word)
		strlist_push(&words, json_is_string(word) ? json_string_value(word) : "?");
	text = words.n ? json_text(strlist_join(&words, " ")) : json_null();
	strlist_release(&words);
	return text;
}

/* A new reference. */
static json_t *compare(const struct diff_sides *sides, const char *name, const json_t *a,
		       const json_t *b)
{
	json_t *from = as_text(a), *to = as_text(b), *input;
	bool recorded = from && to;
	char *why = from || to ? xasprintf("not recorded in generation %u",
					   from ? sides->to.number : sides->from.number)
			       : xstrdup("not recorded");

	input = json_pack("{s:s, s:o, s:o, s:o}", "name", name, "from", from ? from : json_null(),
			  "to", to ? to : json_null(), "changed",
			  recorded ? json_boolean(!json_equal(from, to)) : json_null());
	if (!recorded) {
		json_object_set_new(input, "recorded", json_false());
		json_object_set_new(input, "why", json_string(why));
	}
	free(why);
	return input;
}

/* The kernel first, others by name. */
static int by_name(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	bool linux_x = !strcmp(x, "linux"), linux_y = !strcmp(y, "linux");

	return linux_x != linux_y ? linux_y - linux_x : strcmp(x, y);
}

static void collect(struct strlist *names, const json_t *manifest)
{
	json_t *component;
	size_t i;

	json_array_foreach(json_object_get(manifest, "components"), i, component)
		if (*field_text(component, "name") &&
		    !strlist_has(names, field_text(component, "name")))
			strlist_push(names, field_text(component, "name"));
}

static json_t *named(const json_t *list, const char *name)
{
	json_t *element;
	size_t i;

	json_array_foreach(list, i, element)
		if (!strcmp(field_text(element, "name"), name))
			return element;
	return NULL;
}

/* null if the component is not in this generation, NULL if that is not recorded of it. */
static json_t *of(const struct diff_side *side, const char *component, size_t what)
{
	static json_t *none;
	const json_t *m = side->manifest;
	const char *list = of_component[what].list;

	none = none ? none : json_null();
	if (!named(json_object_get(m, "components"), component))
		return none;
	return json_object_get(named(json_object_get(m, list), component), of_component[what].key);
}

/* All that is known of one component. */
static void add_component(json_t *list, const struct diff_sides *sides, const char *component)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_component); i++) {
		const char *what = of_component[i].what;
		/* a component is its version, so that is how it is called */
		char *name = i ? xasprintf("%s %s", component, what) : xstrdup(component);
		json_t *input = compare(sides, name, of(&sides->from, component, i),
					of(&sides->to, component, i));

		json_object_set_new(input, "component", json_string(component));
		json_object_set_new(input, "what", json_string(what));
		json_array_append_new(list, input);
		free(name);
	}
}

void diff_inputs(json_t *record, const struct diff_sides *sides)
{
	const json_t *from = sides->from.manifest, *to = sides->to.manifest;
	struct strlist names = STRLIST_INIT;
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(singles); i++)
		json_array_append_new(list, compare(sides, singles[i].name,
						    field_at(from, singles[i].path),
						    field_at(to, singles[i].path)));
	collect(&names, from);
	collect(&names, to);
	qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; i < names.n; i++)
		add_component(list, sides, names.v[i]);
	json_object_set_new(record, "inputs", list);
	strlist_release(&names);
}
