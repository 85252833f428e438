/* SPDX-License-Identifier: MIT */
#include "counterparts.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/*
 * How alike two functions of different names must be: at least that, and more than any other pair.
 * Small ones look alike: below FEW lines nothing may differ.
 */
static const double alike = 0.6, alike_namesake = 0.3;
enum { FEW = 5 };

void counterparts_init(struct counterparts *c, struct bodies *then, struct bodies *now)
{
	json_t *value;
	const char *name;

	*c = (struct counterparts){
		.then = then, .now = now, .candidates = json_object(), .known = json_object()
	};
	if (!then)
		return;
	json_object_foreach(now->index, name, value)
		if (!bodies_module(then, name))
			json_object_set_new(c->candidates, name, json_true());
}

/* Is this module of then also one of now? Then its function has the same plain name there. */
static char *in_same_module(struct counterparts *c, const char *name)
{
	const char *sha256 = bodies_module(c->then, name);
	char *plain, *linked;

	if (!json_object_get(c->now->names.modules, sha256))
		return NULL;
	plain = names_plain(&c->then->names, sha256, name);
	linked = names_linked(&c->now->names, sha256, plain);
	free(plain);
	return linked;
}

static bool is_namesake(const char *a, const char *b)
{
	const char *end = strstr(a, ".__uniq."), *other = strstr(b, ".__uniq.");
	size_t length = end ? (size_t)(end - a) : strlen(a);

	return length == (other ? (size_t)(other - b) : strlen(b)) && !strncmp(a, b, length);
}

/* Do so few lines differ in number that the two may be one? Cheap, asked before they are compared. */
static bool may_be(const struct body *a, const struct body *b)
{
	return a->n <= 2 * b->n && b->n <= 2 * a->n;
}

struct best {
	struct body body;
	double score, second;
};

static void compare(struct best *best, const struct body *then, struct body *now, bool namesake)
{
	struct linemap map;
	double score;

	if (!namesake && !may_be(then, now)) {
		body_release(now);
		return;
	}
	linemap_make(&map, then, now);
	score = map.similarity;
	linemap_release(&map);
	if (namesake ? score < alike_namesake : score < (then->n < FEW ? 1 : alike))
		score = 0;
	else if (namesake)
		score += 1; /* before all of other names */
	if (score > best->score) {
		body_release(&best->body);
		best->second = best->score;
		best->score = score;
		best->body = *now;
	} else {
		best->second = score > best->second ? score : best->second;
		body_release(now);
	}
}

/* The candidate most like it, if there is one that is more like it than all others. */
static bool find_alike(struct counterparts *c, const struct body *then, struct body *found)
{
	struct best best = { 0 };
	json_t *value;
	const char *name;

	json_object_foreach(c->candidates, name, value) {
		struct body now;

		/* what did not change was not renamed */
		if (json_object_get(c->then->names.modules, bodies_module(c->now, name)) ||
		    !bodies_find(c->now, name, &now))
			continue;
		compare(&best, then, &now, is_namesake(then->name, name));
	}
	if (best.score > best.second) {
		*found = best.body;
		return true;
	}
	body_release(&best.body);
	return false;
}

static struct counterpart by_name(struct counterparts *c, const char *name)
{
	struct counterpart result = { .kind = COUNTERPART_BY_NAME, .name = xstrdup(name) };
	struct body now;

	if (bodies_find(c->now, name, &now)) {
		linemap_make(&result.map, &now, &now);
		body_release(&now);
	}
	return result;
}

static struct counterpart changed(struct counterparts *c, const char *name)
{
	struct counterpart result = { .kind = COUNTERPART_NONE };
	struct body then, now;
	bool there;

	if (!bodies_find(c->then, name, &then)) {
		/* no debug information, or a capsule that is gone */
		c->gone |= bodies_is_gone(c->then, name);
		if (bodies_module(c->now, name))
			result = by_name(c, name);
		return result;
	}
	there = bodies_module(c->now, name) ? bodies_find(c->now, name, &now)
					    : find_alike(c, &then, &now);
	if (there) {
		result.kind = COUNTERPART_CHANGED;
		result.name = xstrdup(now.name);
		linemap_make(&result.map, &then, &now);
		json_object_del(c->candidates, now.name);
		body_release(&now);
	}
	body_release(&then);
	return result;
}

static struct counterpart look(struct counterparts *c, const char *name)
{
	bool then = c->then && bodies_module(c->then, name);
	char *linked;

	if (!then && bodies_module(c->now, name))
		return by_name(c, name);
	if (!then)
		return (struct counterpart){ .kind = COUNTERPART_NONE };
	linked = in_same_module(c, name);
	if (linked)
		return (struct counterpart){ COUNTERPART_SAME, linked, { 0 } };
	return changed(c, name);
}

size_t counterparts_find(struct counterparts *c, const char *name)
{
	json_t *number = json_object_get(c->known, name);

	if (number)
		return (size_t)json_integer_value(number);
	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	c->v[c->n] = look(c, name);
	json_object_set_new(c->known, name, json_integer((json_int_t)c->n));
	return c->n++;
}

void counterparts_release(struct counterparts *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		linemap_release(&c->v[i].map);
	}
	free(c->v);
	json_decref(c->known);
	json_decref(c->candidates);
}
