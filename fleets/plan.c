/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "facts.h"

/* A share of the result, with six decimals. */
static json_t *json_share(double share)
{
	return json_real(round(share * 1e6) / 1e6);
}

static json_t *label(const char *text)
{
	json_t *string = json_string(text);

	if (!string)
		die_hint("rename the directory",
			 "the recording '%s' has a name that is not UTF-8, and cannot be in a plan",
			 text);
	return string;
}

static char *group_name(const struct sketch *s)
{
	return s->kind == READING_EXACT
		       ? xasprintf("%u", s->generation)
		       : xasprintf("%u-%s", s->generation, reading_kind_names[s->kind]);
}

/* The first recording of each group stands for it. By generation, then kind. */
static int compare_groups(const void *a, const void *b)
{
	const struct sketch *x = *(const struct sketch *const *)a,
			    *y = *(const struct sketch *const *)b;

	if (x->generation != y->generation)
		return x->generation < y->generation ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

static size_t find_groups(const struct judgement *j, const struct sketch **groups)
{
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++) {
		size_t known = 0;

		if (j->v[i].why)
			continue;
		while (known < n && !judge_same_group(groups[known], j->v[i].sketch))
			known++;
		if (known == n)
			groups[n++] = j->v[i].sketch;
	}
	qsort(groups, n, sizeof(*groups), compare_groups);
	return n;
}

/* The record.json of the result: what all recordings of the group agree on. */
static json_t *group_record(const struct judgement *j, const struct sketch *group, const char *app)
{
	json_t *facts = NULL, *ids = json_object(), *record;
	json_int_t records = 0;
	double share = 0;

	for (size_t i = 0; i < j->n; i++) {
		const struct sketch *s = j->v[i].sketch;

		if (j->v[i].why || !judge_same_group(s, group))
			continue;
		facts = facts_combine(facts, s->facts);
		json_object_update(ids, s->build_ids);
		records++;
		share += j->v[i].share;
	}
	record = json_pack("{s:i, s:s, s:i, s:s, s:s, s:i, s:o, s:{s:I, s:o}}", "schema", 1, "app",
			   app, "generation", (int)group->generation, "method", "fleet", "kind",
			   reading_kind_names[group->kind], "weight", 1, "build_ids", ids, "fleet",
			   "records", records, "share", json_share(share));
	json_object_update(record, facts);
	if (!json_object_get(ids, "vmlinux") || !json_object_get(ids, app))
		json_object_set_new(record, "partial", json_true());
	json_decref(facts);
	return record;
}

static json_t *plan_entry(const struct verdict *v, const struct sketch *const *groups)
{
	const struct sketch *s = v->sketch;
	size_t group = 0;
	json_t *entry;

	while (!judge_same_group(groups[group], s))
		group++;
	entry = json_pack("{s:o, s:s, s:I, s:I, s:I, s:o}", "label", label(s->about.label), "id",
			  s->id, "group", (json_int_t)group, "instructions",
			  (json_int_t)llround(v->share * (double)PLAN_INSTRUCTIONS), "counted",
			  (json_int_t)s->instructions, "share", json_share(v->share));
	json_object_set_new(entry, "likeness",
			    v->likeness < 0 ? json_null() : json_share(v->likeness));
	json_object_set_new(entry, "note", v->note ? json_text(v->note) : json_null());
	return entry;
}

json_t *plan_make(const struct judgement *j, const char *app)
{
	const struct sketch **groups = xcalloc(j->n + 1, sizeof(*groups));
	size_t n = find_groups(j, groups);
	json_t *list = json_array(), *records = json_array(), *refused = json_array();

	for (size_t i = 0; i < n; i++) {
		char *name = group_name(groups[i]);

		json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", name, "kind",
						      reading_kind_names[groups[i]->kind], "record",
						      group_record(j, groups[i], app)));
		free(name);
	}
	for (size_t i = 0; i < j->n; i++) {
		const struct verdict *v = &j->v[i];

		if (!v->why)
			json_array_append_new(records, plan_entry(v, groups));
		else
			json_array_append_new(refused,
					      json_pack("{s:o, s:s, s:o}", "label",
							label(v->sketch->about.label), "why",
							v->why, "reason", json_text(v->reason)));
	}
	free(groups);
	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:{s:o, s:o, s:o}}", "schema", 1, "app", app,
			 "groups", list, "records", records, "refused", refused, "caps", "record",
			 json_share(j->caps.record), "host", json_share(j->caps.host), "relaxed",
			 json_share(j->caps.relaxed));
}

bool plan_open_group(struct plan_group *g, json_t *from)
{
	const char *kind;

	if (json_unpack(from, "{s:s, s:s, s:o}", "name", &g->name, "kind", &kind, "record",
			&g->record) ||
	    !*g->name || *g->name == '.' || strchr(g->name, '/') || !json_is_object(g->record))
		return false;
	g->kind = reading_kind_of(kind);
	return g->kind != READING_KINDS;
}

static bool open_record(struct plan *p, size_t index, json_t *from)
{
	struct plan_record *r = &p->records[index];
	json_int_t group, instructions;

	if (json_unpack(from, "{s:s, s:s, s:I, s:I}", "label", &r->label, "id", &r->id, "group",
			&group, "instructions", &instructions) ||
	    group < 0 || (size_t)group >= p->group_count || instructions < 0 ||
	    instructions > PLAN_INSTRUCTIONS ||
	    (index && strcmp(p->records[index - 1].label, r->label) >= 0))
		return false;
	r->group = (size_t)group;
	r->instructions = (uint64_t)instructions;
	return true;
}

/* The shares of all may add up to a little more than one, by rounding. */
static bool open_all(struct plan *p)
{
	const char *app = json_string_value(json_object_get(p->json, "app"));
	json_t *groups = json_object_get(p->json, "groups"),
	       *records = json_object_get(p->json, "records");
	uint64_t sum = 0;

	if (json_integer_value(json_object_get(p->json, "schema")) != 1 || !app ||
	    !json_is_array(groups) || !json_is_array(records) ||
	    !json_is_array(json_object_get(p->json, "refused")))
		return false;
	p->app = xstrdup(app);
	p->group_count = json_array_size(groups);
	p->groups = xcalloc(p->group_count + 1, sizeof(*p->groups));
	p->record_count = json_array_size(records);
	p->records = xcalloc(p->record_count + 1, sizeof(*p->records));
	for (size_t i = 0; i < p->group_count; i++)
		if (!plan_open_group(&p->groups[i], json_array_get(groups, i)))
			return false;
	for (size_t i = 0; i < p->record_count; i++) {
		if (!open_record(p, i, json_array_get(records, i)))
			return false;
		sum += p->records[i].instructions;
	}
	return sum <= PLAN_INSTRUCTIONS + p->record_count;
}

char *plan_open(struct plan *p, json_t *json)
{
	char *text;

	*p = (struct plan){ .json = json };
	if (!open_all(p)) {
		plan_release(p);
		return xstrdup("it is not a plan of fleet's, of schema 1");
	}
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
	if (!text)
		die("cannot encode JSON");
	hash_bytes(text, strlen(text), p->digest);
	free(text);
	return NULL;
}

void plan_release(struct plan *p)
{
	free(p->app);
	free(p->groups);
	free(p->records);
	json_decref(p->json);
	*p = (struct plan){ 0 };
}

static int compare_label(const void *key, const void *record)
{
	return strcmp(key, ((const struct plan_record *)record)->label);
}

size_t plan_find(const struct plan *p, const char *wanted)
{
	const struct plan_record *found =
		bsearch(wanted, p->records, p->record_count, sizeof(*p->records), compare_label);

	return found ? (size_t)(found - p->records) : p->record_count;
}

bool plan_refuses(const struct plan *p, const char *wanted)
{
	const json_t *refused = json_object_get(p->json, "refused"), *entry;
	size_t i;

	json_array_foreach(refused, i, entry) {
		const char *name = json_string_value(json_object_get(entry, "label"));

		if (name && !strcmp(name, wanted))
			return true;
	}
	return false;
}
