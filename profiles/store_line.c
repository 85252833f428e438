/* SPDX-License-Identifier: MIT */
#include "store_line.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "profile-store.h"
#include "../pipeline/lib/util.h"

static const struct profile *find(const struct store_line *line, const char *id)
{
	for (size_t i = 0; id && i < line->count; i++)
		if (!strcmp(line->profiles[i].id, id))
			return &line->profiles[i];
	return NULL;
}

/* Ids of what `p` was merged from, each once; how many it has. */
static size_t push_parents(struct strlist *ids, const struct profile *p)
{
	json_t *parents = json_object_get(p->record, "merged_from"), *parent;
	size_t i;

	json_array_foreach(parents, i, parent) {
		const char *id = json_string_value(json_object_get(parent, "id"));

		if (!strlist_has(ids, id ? id : ""))
			strlist_push(ids, id ? id : "");
	}
	return json_array_size(parents);
}

void xstore_line_open(struct store_line *line, const char *out, const char *app,
		      const struct profile *profiles, size_t count)
{
	*line = (struct store_line){ .out = out, .app = app, .profiles = profiles, .count = count };
	xpromotions_read(&line->promotions, out, app);
	if (line->promotions.disagreement)
		warn("%s", line->promotions.disagreement);
	for (size_t i = 0; i < line->promotions.line_count; i++) {
		char *path = xasprintf("%s/%s/%u/manifest.json", out, app,
				       line->promotions.line[i].number);
		json_t *manifest = json_read(path);
		const char *id = json_string_value(json_object_get(manifest, "profile"));

		if (id)
			strlist_push(&line->linked_with, id);
		json_decref(manifest);
		free(path);
	}
	/* and what those were merged from */
	for (size_t i = 0; i < line->linked_with.n; i++) {
		const struct profile *p = find(line, line->linked_with.v[i]);

		if (p)
			push_parents(&line->linked_with, p);
	}
}

/* By its number, or by its code: a generation may have the ELF files of one of the line. */
static bool is_recorded_on(const struct store_line *line, const struct profile *p)
{
	const json_t *generation = json_object_get(p->record, "generation");
	bool same = false;

	if (!json_is_integer(generation))
		return false;
	if (promotions_on_line(&line->promotions, (unsigned)json_integer_value(generation)))
		return true;
	for (size_t i = 0; i < line->promotions.line_count && !same; i++) {
		char *directory = xasprintf("%s/%s/%u", line->out, line->app,
					    line->promotions.line[i].number);

		same = store_has_build_ids(directory, json_object_get(p->record, "build_ids"));
		free(directory);
	}
	return same;
}

/* The first recording that `p` is of and that is not of the line; NULL: all are. */
static const struct profile *find_outside(const struct store_line *line, const struct profile *p)
{
	const struct profile *outside = NULL;
	struct strlist ids = STRLIST_INIT;

	strlist_push(&ids, p->id);
	for (size_t i = 0; i < ids.n && !outside; i++) {
		const struct profile *of = i ? find(line, ids.v[i]) : p;

		if (strlist_has(&line->linked_with, ids.v[i]))
			continue;
		if (!of)
			outside = p;
		else if (!push_parents(&ids, of) && !is_recorded_on(line, of))
			outside = of;
	}
	strlist_release(&ids);
	return outside;
}

bool store_line_has(const struct store_line *line, const struct profile *p)
{
	return !promotions_top(&line->promotions) || !find_outside(line, p);
}

char *store_line_why_not(const struct store_line *line, const struct profile *p)
{
	const struct profile *outside = find_outside(line, p);
	const json_t *generation = json_object_get(outside ? outside->record : NULL, "generation");

	if (!json_is_integer(generation))
		return xstrdup("merged from what is not of a promoted generation");
	return xasprintf("%s generation %" JSON_INTEGER_FORMAT ", which is not promoted",
			 outside == p ? "of" : "merged with one of",
			 json_integer_value(generation));
}

void store_line_release(struct store_line *line)
{
	promotions_release(&line->promotions);
	strlist_release(&line->linked_with);
}
