/* SPDX-License-Identifier: MIT */
#include "store_line.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "profile-store.h"

/* A merged profile of merged profiles: no store has as many in a chain. */
enum { DEEPEST = 1000 };

void xstore_line_open(struct store_line *line, const char *out, const char *app,
		      const struct profile *profiles, size_t count)
{
	*line = (struct store_line){ .directory = xasprintf("%s/%s", out, app),
				     .profiles = profiles,
				     .count = count };
	xpromotions_read(&line->promotions, out, app);
	if (line->promotions.disagreement)
		warn("%s", line->promotions.disagreement);
	for (size_t i = 0; i < line->promotions.line_count; i++) {
		char *path = xasprintf("%s/%u/manifest.json", line->directory,
				       line->promotions.line[i].number);
		json_t *manifest = json_read(path);
		const char *id = json_string_value(json_object_get(manifest, "profile"));

		if (id)
			strlist_push(&line->linked_with, id);
		json_decref(manifest);
		free(path);
	}
}

static const struct profile *find(const struct store_line *line, const char *id)
{
	for (size_t i = 0; id && i < line->count; i++)
		if (!strcmp(line->profiles[i].id, id))
			return &line->profiles[i];
	return NULL;
}

/*
 * Counts that come without a number are taken for those of the newest generation of their build ids
 * (import, collect, fleet), which other pages or another configuration do not change.
 */
static bool is_recorded_on(const struct store_line *line, const json_t *record)
{
	const json_t *generation = json_object_get(record, "generation");

	if (json_is_integer(generation) &&
	    promotions_on_line(&line->promotions, (unsigned)json_integer_value(generation)))
		return true;
	for (size_t i = 0; i < line->promotions.line_count; i++) {
		char *directory =
			xasprintf("%s/%u", line->directory, line->promotions.line[i].number);
		bool has = store_origin_has_ids(directory, json_object_get(record, "build_ids"));

		free(directory);
		if (has)
			return true;
	}
	return false;
}

/* The first recording below `p` that is not of the line; NULL: all are. */
static const struct profile *find_outside(const struct store_line *line, const struct profile *p,
					  unsigned depth)
{
	json_t *parents = json_object_get(p->record, "merged_from"), *parent;
	size_t i;

	if (strlist_has(&line->linked_with, p->id))
		return NULL;
	if (!json_array_size(parents))
		return is_recorded_on(line, p->record) ? NULL : p;
	json_array_foreach(parents, i, parent) {
		const struct profile *known =
			find(line, json_string_value(json_object_get(parent, "id")));
		const struct profile *outside =
			known && depth < DEEPEST ? find_outside(line, known, depth + 1) : p;

		if (outside)
			return outside;
	}
	return NULL;
}

bool store_line_has(const struct store_line *line, const struct profile *p)
{
	return !promotions_top(&line->promotions) || !find_outside(line, p, 0);
}

char *store_line_why_not(const struct store_line *line, const struct profile *p)
{
	const struct profile *outside = find_outside(line, p, 0);
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
	free(line->directory);
	strlist_release(&line->linked_with);
}
