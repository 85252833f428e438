/* SPDX-License-Identifier: MIT */
#include "report_tree.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "report_html.h"

struct report_tree *report_tree_new(const char *name)
{
	struct report_tree *t = xcalloc(1, sizeof(*t));

	t->name = xstrdup(name);
	return t;
}

/* Deeper paths end in one step: what reads the JSON calls itself for each. */
enum { DEPTH_MAX = 12 };

static struct report_tree *child(struct report_tree *t, const char *name, size_t length)
{
	struct report_tree *found;

	HASH_FIND(hh, t->children, name, length, found);
	if (!found) {
		char *copy = xstrndup(name, length);

		found = report_tree_new(copy);
		free(copy);
		HASH_ADD_KEYPTR(hh, t->children, found->name, length, found);
	}
	return found;
}

static struct report_tree *step(struct report_tree *t, const char *name, size_t length,
				uint64_t bytes)
{
	t->bytes += bytes;
	t->symbols++;
	return child(t, name, length);
}

void report_tree_add(struct report_tree *t, const char *component, const char *directory,
		     const char *symbol, uint64_t bytes, unsigned reason)
{
	unsigned depth = 0;

	if (component && *component)
		t = step(t, component, strlen(component), bytes);
	for (const char *part = directory; part && *part; depth++) {
		size_t length = depth < DEPTH_MAX ? strcspn(part, "/") : strlen(part);

		if (length)
			t = step(t, part, length, bytes);
		part += length + (part[length] == '/');
	}
	/* its key has the NUL, so that a directory of that name is another one */
	t = step(t, symbol, strlen(symbol) + 1, bytes);
	t->bytes += bytes;
	t->symbols++;
	if (!t->reason)
		t->reason = reason;
}

/* Takes the place of its only child. */
static void swallow(struct report_tree *t, struct report_tree *only, bool keep_both_names)
{
	struct report_tree *grandchildren = only->children;

	if (keep_both_names) {
		char *both = xasprintf("%s/%s", t->name, only->name);

		free(t->name);
		t->name = both;
	}
	HASH_DEL(t->children, only);
	t->children = grandchildren;
	free(only->name);
	free(only);
}

static struct report_tree *only_directory(const struct report_tree *t)
{
	return HASH_COUNT(t->children) == 1 && t->children->children ? t->children : NULL;
}

/* Names change only below `t`, which is not in a table itself: keys stay valid while they are used. */
static void collapse_below(struct report_tree *t)
{
	struct report_tree *c, *next, *renamed = NULL;

	HASH_ITER(hh, t->children, c, next)
	{
		HASH_DEL(t->children, c);
		while (c->children && only_directory(c))
			swallow(c, only_directory(c), true);
		collapse_below(c);
		HASH_ADD_KEYPTR(hh, renamed, c->name, strlen(c->name) + !c->children, c);
	}
	t->children = renamed;
}

void report_tree_collapse(struct report_tree *t)
{
	if (only_directory(t))
		swallow(t, only_directory(t), false);
	collapse_below(t);
}

static bool is_shown(const struct report_tree *t, uint64_t threshold_bytes)
{
	return t->bytes >= threshold_bytes;
}

size_t report_tree_arrays(const struct report_tree *t, uint64_t threshold_bytes)
{
	size_t n = 1;
	bool rest = false;

	for (const struct report_tree *c = t->children; c; c = c->hh.next)
		if (is_shown(c, threshold_bytes))
			n += report_tree_arrays(c, threshold_bytes);
		else
			rest = true;
	return n + rest;
}

static int larger_first(const struct report_tree *a, const struct report_tree *b)
{
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return strcmp(a->name, b->name);
}

static json_t *name_json(const char *name, size_t name_bytes)
{
	char *kept = html_shortened(name, name_bytes);
	json_t *text = json_string(kept);

	free(kept);
	return text;
}

json_t *report_tree_json(struct report_tree *t, uint64_t threshold_bytes, size_t name_bytes)
{
	json_t *array = json_array(), *children;
	uint64_t rest_bytes = 0, rest_symbols = 0;

	json_array_append_new(array, name_json(t->name, name_bytes));
	if (!t->children) {
		json_array_append_new(array, json_integer((json_int_t)t->bytes));
		if (t->reason) {
			json_array_append_new(array, json_integer(0));
			json_array_append_new(array, json_integer(t->reason));
		}
		return array;
	}
	children = json_array();
	HASH_SORT(t->children, larger_first);
	for (struct report_tree *c = t->children; c; c = c->hh.next) {
		if (is_shown(c, threshold_bytes)) {
			json_array_append_new(children,
					      report_tree_json(c, threshold_bytes, name_bytes));
			continue;
		}
		rest_bytes += c->bytes;
		rest_symbols += c->symbols;
	}
	if (rest_symbols)
		json_array_append_new(children, json_pack("[s, I, I]", "", (json_int_t)rest_bytes,
							  (json_int_t)rest_symbols));
	json_array_append_new(array, children);
	return array;
}
