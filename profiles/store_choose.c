/* SPDX-License-Identifier: MIT */
/* Which profile an image gets: chosen.json, as bitcode/profile.h has it. */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/util.h"
#include "profile-store.h"
#include "store.h"

/* An id; NULL: no profile. `*note` is store_newest's. */
static const char *id_for(const struct store_options *o, char **note)
{
	const struct profile *newest;
	struct profile *profiles;
	size_t n;

	*note = NULL;
	if (o->word_count != 1)
		die("profile-store choose: which profile? name one id, auto or none");
	if (!strcmp(o->words[0], "none"))
		return NULL;
	if (strcmp(o->words[0], "auto"))
		return o->words[0];
	n = store_list(o->out, o->app, &profiles);
	newest = store_newest(o->out, o->app, profiles, n, note);
	return newest ? newest->id : NULL;
}

/* For the step's line on the screen, and for the log. Each note is NULL or a sentence. */
static void tell(const char *chosen, const char *note, const char *missing)
{
	if (note)
		warn("%s", note);
	if (missing)
		warn("%s", missing);
	report_note("%s%s%s%s%s", chosen, note ? "; " : "", note ? note : "", missing ? "; " : "",
		    missing ? missing : "");
}

/* NULL, or a sentence: the image's kernel or app gets nothing from it. The caller frees. */
static char *describe_missing(const struct store_options *o, const struct profile *p)
{
	const char *const needed[] = { "vmlinux", o->app };
	json_t *units = json_object_get(p->record, "units");

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!json_object_get(units, needed[i]))
			return xasprintf(
				"the profile %s has no counts of %s, which is linked without; make "
				"profile-merge APP=%s IDS=\"%s other\" adds those of another",
				p->id, needed[i], o->app, p->id);
	return NULL;
}

static json_t *units_of(const struct profile *p)
{
	json_t *units = json_object(), *unit;
	const char *name;

	json_object_foreach(json_object_get(p->record, "units"), name, unit)
		json_object_set_new(units, name,
				    json_string(xasprintf("%s/%s.prof", p->directory, name)));
	return units;
}

int store_choose(const struct store_options *o)
{
	char *note, *missing;
	const char *id = id_for(o, &note);
	struct profile p;
	json_t *chosen;
	char *plan;

	if (!o->output)
		die("profile-store choose: name a file with --output");
	if (!id) {
		xjson_write_if_changed(o->output,
				       json_pack("{s:i, s:n, s:{}}", "schema", 1, "id", "units"));
		tell("none", note, NULL);
		return EXIT_YES;
	}
	p = xstore_find(o->out, o->app, id);
	if (!p.accepted)
		die_hint("PROFILE=none builds without one, PROFILE=auto with the newest good one",
			 "the profile %s was refused: %s", p.id,
			 xjson_string(p.record, "reason", "its profile.json"));
	chosen = json_pack("{s:i, s:s, s:o}", "schema", 1, "id", p.id, "units", units_of(&p));
	plan = store_origin_plan(o, &p);
	if (plan)
		json_object_set_new(chosen, "plan", json_string(plan));
	xjson_write_if_changed(o->output, chosen);
	missing = describe_missing(o, &p);
	tell(p.id, note, missing);
	free(missing);
	return EXIT_YES;
}
