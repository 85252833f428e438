/* SPDX-License-Identifier: MIT */
#include "programs.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"

void xprograms_find(struct programs *p, const char *out, const char *app)
{
	if (!builds_read(&p->builds, out, app))
		die_hint("recordings are held against the ELF files of the generation they are of; "
			 "O= says where those are",
			 "there is no generation of '%s' in '%s'", app, out);
	p->v = xcalloc(p->builds.n, sizeof(*p->v));
	for (size_t i = 0; i < p->builds.n; i++)
		for (enum unit unit = 0; unit < UNITS; unit++)
			p->v[i][unit] =
				(struct program){ .of = &p->builds.v[i].units[unit],
						  .name = builds_unit_name(&p->builds, unit) };
}

const struct build *programs_build(const struct programs *p, const json_t *build_ids,
				   uint64_t preferred, const bool wanted[UNITS])
{
	const char *ids[UNITS] = { NULL };

	for (enum unit unit = 0; unit < UNITS; unit++) {
		const char *name = builds_unit_name(&p->builds, unit);
		const char *id = json_string_value(json_object_get(build_ids, name));

		if (wanted[unit])
			ids[unit] = id ? id : "";
	}
	return builds_find(&p->builds, ids, preferred);
}

struct program *programs_of(const struct programs *p, const struct build *build)
{
	return p->v[build - p->builds.v];
}

char *program_open(struct program *p)
{
	char *error;

	if (p->is_open)
		return NULL;
	error = code_open(&p->code, p->of->path);
	if (error)
		return error;
	patched_read(&p->patched, &p->code);
	p->is_open = true;
	return NULL;
}

const struct sources *program_sources(struct program *p)
{
	if (!p->has_sources)
		sources_read(&p->sources, p->of->path);
	p->has_sources = true;
	return &p->sources;
}

const struct exclusions *program_waiting(struct program *p)
{
	if (!p->has_waiting)
		xwaiting_read(&p->waiting, p->name, p->of->path);
	p->has_waiting = true;
	return &p->waiting;
}
