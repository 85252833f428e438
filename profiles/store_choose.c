/* SPDX-License-Identifier: MIT */
/* Which profile an image gets: chosen.json, as bitcode/profile.h has it. */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "profile-store.h"
#include "store.h"

static bool is_better(const struct profile *p, const struct profile *than)
{
	const json_t *generation = json_object_get(than->record, "generation");

	return p->accepted && !p->damage && json_is_integer(generation) &&
	       json_equal(generation, json_object_get(p->record, "generation")) &&
	       (!strcmp(profile_kind(p), "exact") || !strcmp(profile_kind(p), "branches"));
}

/*
 * The newest is taken whatever it is: what production does now counts for more than how well it is counted.
 * But plain samples know little of branches, so a person is told of a better one of the same generation,
 * if there is one. NULL or a sentence; the caller frees.
 */
static char *describe_better(const struct profile *newest, const struct profile *profiles, size_t n)
{
	const struct profile *better = NULL;

	if (strcmp(profile_kind(newest), "addresses") != 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (is_better(&profiles[i], newest))
			better = &profiles[i];
	return better ? xasprintf(
				"profile %s is of plain samples; the older %s of the same generation has %s, and PROFILE=%s takes it",
				newest->id, better->id,
				!strcmp(profile_kind(better), "exact") ? "exact counts"
								       : "branch records",
				better->id)
		      : NULL;
}

/* What "auto" has to say of its choice; each is NULL or a sentence. */
struct notes {
	char *left_out; /* store_newest's */
	char *better;
};

/* An id; NULL: no profile. */
static const char *id_for(const struct store_options *o, struct notes *notes)
{
	const struct profile *newest;
	struct profile *profiles;
	size_t n;

	*notes = (struct notes){ 0 };
	if (o->word_count != 1)
		die("profile-store choose: which profile? name one id, auto or none");
	if (!strcmp(o->words[0], "none"))
		return NULL;
	if (strcmp(o->words[0], "auto"))
		return o->words[0];
	n = store_list(o->out, o->app, &profiles);
	newest = store_newest(o->out, o->app, profiles, n, &notes->left_out);
	if (!newest)
		return NULL;
	notes->better = describe_better(newest, profiles, n);
	return newest->id;
}

/* For the step's line on the screen, and for the log. */
static void tell(const char *chosen, const struct notes *notes, const char *missing)
{
	const char *const sentences[] = { notes->better, notes->left_out, missing };
	struct strlist words = STRLIST_INIT;
	char *line;

	strlist_push(&words, chosen);
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++)
		if (sentences[i]) {
			warn("%s", sentences[i]);
			strlist_push(&words, sentences[i]);
		}
	line = strlist_join(&words, "; ");
	report_note("%s", line);
	free(line);
	strlist_release(&words);
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
	struct notes notes;
	const char *id = id_for(o, &notes);
	struct profile p;
	json_t *chosen;
	char *plan, *missing;

	if (!o->output)
		die("profile-store choose: name a file with --output");
	if (!id) {
		xjson_write_if_changed(o->output,
				       json_pack("{s:i, s:n, s:{}}", "schema", 1, "id", "units"));
		tell("none", &notes, NULL);
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
	tell(p.id, &notes, missing);
	free(missing);
	return EXIT_YES;
}
