/* SPDX-License-Identifier: MIT */
#include "builds.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/generation.h"
#include "../pipeline/lib/util.h"

void xbuilds_open(struct builds *b, const char *out, const char *app)
{
	const char *const names[BUILD_UNITS] = { "vmlinux", app, "init" };
	unsigned *numbers;

	*b = (struct builds){ .app = app };
	b->n = generation_list(out, app, &numbers);
	if (!b->n)
		die_hint("recordings are held against the ELF files of the generation they are of; "
			 "O= says where those are",
			 "there is no generation of '%s' in '%s'", app, out);
	b->v = xcalloc(b->n, sizeof(*b->v));
	for (size_t i = 0; i < b->n; i++) {
		b->v[i].number = numbers[i];
		for (size_t unit = 0; unit < BUILD_UNITS; unit++) {
			struct build_unit *u = &b->v[i].units[unit];

			u->name = names[unit];
			u->path = xasprintf("%s/%s/%u/%s.debug", out, app, numbers[i], u->name);
			free(code_build_id(u->path, u->build_id));
		}
	}
	free(numbers);
}

static bool has_ids(const struct build *build, const json_t *build_ids,
		    const bool wanted[BUILD_UNITS])
{
	for (size_t i = 0; i < BUILD_UNITS; i++) {
		const struct build_unit *u = &build->units[i];
		const char *id = json_string_value(json_object_get(build_ids, u->name));

		if (wanted[i] && (!id || !*u->build_id || strcmp(id, u->build_id)))
			return false;
	}
	return true;
}

struct build *builds_find(struct builds *b, const json_t *build_ids, uint64_t preferred,
			  const bool wanted[BUILD_UNITS])
{
	struct build *found = NULL;

	for (size_t i = 0; i < b->n; i++)
		if (has_ids(&b->v[i], build_ids, wanted) && (!found || b->v[i].number == preferred))
			found = &b->v[i];
	return found;
}

char *build_unit_open(struct build_unit *u)
{
	char *error;

	if (u->is_open)
		return NULL;
	error = code_open(&u->code, u->path);
	if (error)
		return error;
	patched_read(&u->patched, &u->code);
	u->is_open = true;
	return NULL;
}

const struct sources *build_unit_sources(struct build_unit *u)
{
	if (!u->has_sources)
		sources_read(&u->sources, u->path);
	u->has_sources = true;
	return &u->sources;
}

const struct exclusions *build_unit_waiting(struct build_unit *u)
{
	if (!u->has_waiting)
		xwaiting_read(&u->waiting, u->name, u->path);
	u->has_waiting = true;
	return &u->waiting;
}
