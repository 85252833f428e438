/* SPDX-License-Identifier: MIT */
/* Which generation a profile was recorded on: its plan names the modules that lines are of. */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "code.h"
#include "profile-store.h"
#include "store.h"

bool store_origin_has_ids(const char *directory, json_t *ids)
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
	there = store_origin_has_ids(directory, json_object_get(record, "build_ids"));
	free(directory);
	return there ? json_integer_value(number) : -1;
}

/* The newest of those that it was recorded on or merged from; -1: none is there any more. */
static json_int_t newest_generation(const struct store_options *o, const struct profile *profiles,
				    size_t n, const json_t *record)
{
	json_int_t newest = own_generation(o, record);
	json_t *parents = json_object_get(record, "merged_from"), *parent;
	size_t i;

	json_array_foreach(parents, i, parent) {
		const char *id = json_string_value(json_object_get(parent, "id"));

		for (size_t p = 0; id && p < n; p++) {
			json_int_t of = -1;

			/* a parent is older: so this comes to an end */
			if (!profiles[p].damage && !strcmp(profiles[p].id, id) &&
			    profiles[p].record != record)
				of = newest_generation(o, profiles, n, profiles[p].record);
			newest = of > newest ? of : newest;
		}
	}
	return newest;
}

char *store_origin_plan(const struct store_options *o, const struct profile *profile)
{
	struct profile *profiles;
	size_t n = store_list(o->out, o->app, &profiles);
	json_int_t newest = newest_generation(o, profiles, n, profile->record);
	char *plan;

	if (newest < 0)
		return NULL;
	plan = xasprintf("%s/%s/%lld/plan.json", o->out, o->app, (long long)newest);
	if (fs_exists(plan))
		return plan;
	free(plan);
	return NULL;
}
