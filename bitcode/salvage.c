/* SPDX-License-Identifier: MIT */
#include "salvage.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "bodies.h"
#include "counterparts.h"
#include "fit.h"

/*
 * A line that the compiler gives no number has 0, whose distance from a function's first is negative: of
 * 16 bits, as LLVM keeps them. It says nothing of the source.
 */
enum { DEEPEST = 512, OFFSETS = 0x10000, NO_LINE = 0x8000 };

/* A function that lines of the text belong to: the outermost, or one that was inlined. */
struct frame {
	size_t function; /* number of its counterpart */
	bool lost;	 /* it, or what it is in */
};

struct walk {
	struct counterparts functions;
	struct fit fit;
	struct frame frames[DEEPEST];
	size_t depth; /* of them */
	FILE *out;
};

/* One line within a function, behind `indent` blanks: where, and what was counted there. */
struct entry {
	size_t indent;
	unsigned offset;
	const char *discriminator; /* ".2", or "" */
	char *what;
};

static _Noreturn void misunderstood(const char *line)
{
	die_hint("PROFILE=none builds without a profile",
		 "a line of the profile, as llvm-profdata prints it, is not understood: '%s'",
		 line);
}

/* Lines behind one of `indent` blanks belong to function `name`, which was inlined there if `indent`. */
static void enter(struct walk *w, size_t indent, const char *name, bool lost)
{
	struct frame *f = &w->frames[indent];

	if (indent + 1 >= DEEPEST)
		die("a profile with functions inlined %d deep is not understood", DEEPEST);
	f->function = counterparts_find(&w->functions, name);
	f->lost = lost || w->functions.v[f->function].kind == COUNTERPART_NONE;
	fit_function(&w->fit, f->function, name, w->functions.v[f->function].name);
	w->depth = indent + 1;
}

/* Where a line of a frame's function is now; false: lost. */
static bool find_line(const struct walk *w, const struct frame *f, unsigned from, unsigned *to)
{
	const struct counterpart *c = &w->functions.v[f->function];

	*to = from;
	if (f->lost)
		return false;
	if (from >= NO_LINE)
		return true;
	if (c->kind == COUNTERPART_BY_NAME)
		return linemap_has(&c->map, from);
	return c->kind != COUNTERPART_CHANGED || linemap_find(&c->map, from, to);
}

/* The name that a function has now, or the old one if there is none: it is called, no more. */
static const char *name_now(struct walk *w, const char *name)
{
	size_t number = counterparts_find(&w->functions, name); /* which may move v */

	return w->functions.v[number].name ? w->functions.v[number].name : name;
}

/* "name:samples:entries" */
static void take_function(struct walk *w, char *line)
{
	char *entries = strrchr(line, ':'), *samples;

	if (entries)
		*entries = '\0';
	samples = entries ? strrchr(line, ':') : NULL;
	if (!samples)
		misunderstood(line);
	*samples = '\0';
	enter(w, 0, line, false);
	if (w->out && !w->frames[0].lost)
		fprintf(w->out, "%s:%s:%s\n", name_now(w, line), samples + 1, entries + 1);
}

/* "count callee:count callee:count" */
static void write_counts(struct walk *w, char *counts)
{
	char *rest;

	for (char *word = strtok_r(counts, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *count = strrchr(word, ':');

		if (count)
			*count = '\0';
		fprintf(w->out, " %s%s%s", count ? name_now(w, word) : word, count ? ":" : "",
			count ? count + 1 : "");
	}
	fputc('\n', w->out);
}

static void take_counts(struct walk *w, const struct entry *e)
{
	const struct frame *f = &w->frames[e->indent - 1];
	unsigned to;
	bool found = find_line(w, f, e->offset, &to);

	w->depth = e->indent;
	if (e->offset < NO_LINE)
		fit_line(&w->fit, f->function, strtoull(e->what, NULL, 10), found, to != e->offset);
	if (!found || !w->out)
		return;
	fprintf(w->out, "%*s%u%s:", (int)e->indent, "", to, e->discriminator);
	write_counts(w, e->what);
}

/* "name:samples": what was inlined there */
static void take_inlined(struct walk *w, const struct entry *e)
{
	char *samples = strrchr(e->what, ':');
	unsigned to;
	bool found = find_line(w, &w->frames[e->indent - 1], e->offset, &to);

	if (!samples)
		misunderstood(e->what);
	*samples = '\0';
	enter(w, e->indent, e->what, !found);
	if (w->out && !w->frames[e->indent].lost)
		fprintf(w->out, "%*s%u%s: %s:%s\n", (int)e->indent, "", to, e->discriminator,
			name_now(w, e->what), samples + 1);
}

static void take_entry(struct walk *w, char *line)
{
	struct entry e = { .indent = strspn(line, " ") };
	char *colon = strchr(line, ':'), *end;

	e.offset = (unsigned)strtoul(line + e.indent, &end, 10) % OFFSETS;
	if (!colon || end == line + e.indent || e.indent > w->depth)
		misunderstood(line);
	*colon = '\0';
	e.discriminator = end;
	e.what = colon + 1 + strspn(colon + 1, " ");
	if (isdigit((unsigned char)*e.what))
		take_counts(w, &e);
	else
		take_inlined(w, &e);
}

/* The same modules in both, by their bytes? */
static bool is_same(const struct names *then, const struct names *now)
{
	const json_t *few = then->modules, *many = now->modules;
	json_t *module;
	const char *sha256;

	if (json_object_size(few) != json_object_size(many))
		return false;
	json_object_foreach(then->modules, sha256, module)
		if (!json_object_get(many, sha256))
			return false;
	return true;
}

/* NULL: a module of `then` would have had to be read, and is gone. `then` may be NULL. */
static json_t *walk(char *text, struct bodies *then, struct bodies *now, FILE *out, bool *whole)
{
	const char *compared = !then				    ? "names"
			       : is_same(&then->names, &now->names) ? "same"
								    : "sources";
	struct walk *w = xcalloc(1, sizeof(*w));
	json_t *fit;
	char *rest;

	w->out = out;
	counterparts_init(&w->functions, then, now);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (*line != ' ')
			take_function(w, line);
		else if (line[strspn(line, " ")] != '!')
			take_entry(w, line);
	}
	fit = w->functions.gone ? NULL : fit_json(&w->fit, compared);
	*whole = fit_is_whole(&w->fit);
	fit_release(&w->fit);
	counterparts_release(&w->functions);
	free(w);
	return fit;
}

json_t *salvage_text(char *text, const json_t *then, const json_t *now, const char *cache,
		     FILE *out, bool *whole)
{
	struct bodies old, new;
	json_t *fit = NULL;

	if (!bodies_open(&new, now, cache))
		die_hint("repeat 'make image'",
			 "capsules that the plan names are gone from the cache");
	if (then && bodies_open(&old, then, cache)) {
		char *copy = xstrdup(text);

		fit = walk(copy, &old, &new, out, whole);
		free(copy);
	}
	return fit ? fit : walk(text, NULL, &new, NULL, whole);
}
