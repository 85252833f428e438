/* SPDX-License-Identifier: MIT */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/generation.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "code.h"

bool recording_needs(const char *unit)
{
	return strcmp(unit, "init") != 0;
}

char *recording_file(const struct recording *r, const char *unit, const char *kind)
{
	char *path = xasprintf("%s/%s.%s", r->directory, unit, kind);

	if (fs_exists(path))
		return path;
	free(path);
	return NULL;
}

/* The form of a unit's counts, or NULL if there are none. */
static const char *form_of(const struct recording *r, const char *unit)
{
	static const char *const forms[] = { "raw", "addresses", "prof" };
	const char *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char *path = recording_file(r, unit, forms[i]);

		if (path && found)
			die("the recording '%s' has both '%s.%s' and '%s.%s'", r->directory, unit,
			    found, unit, forms[i]);
		found = path ? forms[i] : found;
		free(path);
	}
	return found;
}

/* Counts of a unit come in one form; what merely recorded the kernel or the app says so. */
static void find_units(struct recording *r, const char *app)
{
	const char *const units[] = { "vmlinux", app, "init" };
	bool partial = json_is_true(json_object_get(r->record, "partial"));

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (form_of(r, units[i]))
			strlist_push(&r->units, units[i]);
		else if (recording_needs(units[i]) && !partial)
			die("the recording '%s' has no '%s.raw' and no '%s.addresses'",
			    r->directory, units[i], units[i]);
	if (!r->units.n || (r->units.n == 1 && !recording_needs(r->units.v[0])))
		die("the recording '%s' has no counts of the kernel or of %s", r->directory, app);
}

/* Do the ELFs in `directory` have the build ids of the recording? NULL, or the unit that has not. */
static const char *other_unit(const struct recording *r, const char *directory)
{
	const json_t *ids = json_object_get(r->record, "build_ids");

	for (size_t i = 0; i < r->units.n; i++) {
		char *elf = xasprintf("%s/%s.debug", directory, r->units.v[i]);
		const char *wanted = json_string_value(json_object_get(ids, r->units.v[i]));
		char id[129] = "", *error = code_build_id(elf, id);
		bool same = !error && wanted && *id && !strcmp(id, wanted);

		free(error);
		free(elf);
		if (!same)
			return r->units.v[i];
	}
	return NULL;
}

/* A hint that names the generation whose ELFs they are, if there is one. */
static char *who_has(const struct recording *r, const char *out, const char *app)
{
	unsigned *numbers;
	size_t n = generation_list(out, app, &numbers);
	char *hint = NULL;

	while (!hint && n-- > 0) {
		char *directory = xasprintf("%s/%s/%u", out, app, numbers[n]);

		if (!other_unit(r, directory))
			hint = xasprintf("generation %u has these build ids", numbers[n]);
		free(directory);
	}
	free(numbers);
	return hint ? hint
		    : xasprintf("no generation in '%s/%s' has these build ids; record again with "
				"one that is there",
				out, app);
}

static void check_generation(struct recording *r, const char *out, const char *app)
{
	const char *unit;

	r->generation_directory = xasprintf("%s/%s/%u", out, app, r->generation);
	if (!fs_is_directory(r->generation_directory))
		die_hint(who_has(r, out, app),
			 "the recording '%s' is of generation %u of '%s', which is not there",
			 r->directory, r->generation, app);
	unit = other_unit(r, r->generation_directory);
	if (unit)
		die_hint(
			who_has(r, out, app),
			"the recording '%s' was not made with the '%s' of generation %u: the build "
			"ids differ",
			r->directory, unit, r->generation);
}

void xrecording_open(struct recording *r, const char *directory, const char *out, const char *app)
{
	char *path = xasprintf("%s/record.json", directory);
	const char *of;
	uint64_t number;

	*r = (struct recording){ .directory = directory };
	if (!fs_is_directory(directory))
		die("there is no recording '%s'", directory);
	r->record = xjson_read(path);
	if (xjson_uint(r->record, "schema", path) != 1)
		die("'%s' has another schema than 1", path);
	of = xjson_string(r->record, "app", path);
	if (strcmp(of, app))
		die("the recording '%s' is of '%s', not of '%s'", directory, of, app);
	xjson_string(r->record, "method", path);
	if (!json_is_object(json_object_get(r->record, "build_ids")))
		die("'%s' has no object 'build_ids'", path);
	number = xjson_uint(r->record, "generation", path);
	if (number > 99999999)
		die("'%s' has no generation of number %llu", app, (unsigned long long)number);
	r->generation = (unsigned)number;
	find_units(r, app);
	check_generation(r, out, app);
}
