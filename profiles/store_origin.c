/* SPDX-License-Identifier: MIT */
/* Which generation a profile was recorded on: its plan names the modules that lines are of. */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "code.h"
#include "profile-store.h"
#include "store.h"

bool store_has_build_ids(const char *directory, json_t *ids)
{
	bool same = json_object_size(ids) > 0;
	const char *unit;
	json_t *wanted;

	json_object_foreach(ids, unit, wanted) {
		char *elf = xasprintf("%s/%s.debug", directory, unit), id[129] = "";
		char *error = code_build_id(elf, id);

		same &= !error && json_is_string(wanted) && !strcmp(id, json_string_value(wanted));
		free(error);
		free(elf);
	}
	return same;
}

/* The generation of this record alone, or -1 if it is not there any more. */
static json_int_t own_generation(const struct store_options *o, const json_t *record)
{
	json_t *number = json_object_get(record, "generation");
	char *directory;
	bool there;

	if (!json_is_integer(number))
		return -1;
	directory = xasprintf("%s/%s/%lld", o->out, o->app, (long long)json_integer_value(number));
	there = store_has_build_ids(directory, json_object_get(record, "build_ids"));
	free(directory);
	return there ? json_integer_value(number) : -1;
}

/* What `p` and those in `ids` are of, each once: chains of merged profiles share most of them. */
static void push_parents(struct strlist *ids, const struct profile *p)
{
	json_t *parents = json_object_get(p->record, "merged_from"), *parent;
	size_t i;

	json_array_foreach(parents, i, parent) {
		const char *id = json_string_value(json_object_get(parent, "id"));

		if (id && !strlist_has(ids, id))
			strlist_push(ids, id);
	}
}

/* The newest of those that it was recorded on or merged from; -1: none is there any more. */
static json_int_t newest_generation(const struct store_options *o, const struct profile *profiles,
				    size_t n, const struct profile *profile)
{
	json_int_t newest = own_generation(o, profile->record);
	struct strlist ids = STRLIST_INIT;

	push_parents(&ids, profile);
	for (size_t i = 0; i < ids.n; i++)
		for (size_t k = 0; k < n; k++) {
			json_int_t of;

			if (profiles[k].damage || strcmp(profiles[k].id, ids.v[i]))
				continue;
			push_parents(&ids, &profiles[k]);
			of = own_generation(o, profiles[k].record);
			newest = of > newest ? of : newest;
		}
	strlist_release(&ids);
	return newest;
}

char *store_origin_plan(const struct store_options *o, const struct profile *profile)
{
	struct profile *profiles;
	size_t n = store_list(o->out, o->app, &profiles);
	json_int_t newest = newest_generation(o, profiles, n, profile);
	char *plan;

	if (newest < 0)
		return NULL;
	plan = xasprintf("%s/%s/%lld/plan.json", o->out, o->app, (long long)newest);
	if (fs_exists(plan))
		return plan;
	free(plan);
	return NULL;
}

/* A manifest that cannot be read is that of a generation without a profile. */
bool store_predecessor(const struct store_options *o, const struct profile *p,
		       struct profile *predecessor)
{
	json_t *number = json_object_get(p->record, "generation"), *manifest;
	struct profile *profiles;
	size_t n = store_list(o->out, o->app, &profiles);
	bool found = false;
	const char *id;
	char *path;

	if (!json_is_integer(number) || json_is_array(json_object_get(p->record, "merged_from")))
		return false;
	path = xasprintf("%s/%s/%lld/manifest.json", o->out, o->app,
			 (long long)json_integer_value(number));
	manifest = json_read(path);
	id = json_string_value(json_object_get(manifest, "profile"));
	for (size_t i = 0; id && !found && i < n; i++)
		if (!strcmp(profiles[i].id, id)) {
			found = profiles[i].accepted && !profiles[i].damage;
			*predecessor = profiles[i];
		}
	if (id && !found)
		warn("generation %lld was relinked with the profile %s, which is not there or damaged: "
		     "what that one knew is forgotten",
		     (long long)json_integer_value(number), id);
	json_decref(manifest);
	free(path);
	return found;
}
