/* SPDX-License-Identifier: MIT */
/* profile-store merge: several profiles become one, each with its weight. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "profdata.h"
#include "profile-store.h"

enum { HEAVIEST = 1000000 };

/* What a sum may come to: far below 63 bits, because what is merged is merged on. */
static const double most_samples = (double)(UINT64_C(1) << 61);

/* What its recording says: an import may have a weight. */
static uint64_t own_weight(const struct profile *p)
{
	json_int_t weight = json_integer_value(json_object_get(p->record, "weight"));

	return weight >= 1 && weight <= HEAVIEST ? (uint64_t)weight : 1;
}

static struct parent xparse_parent(const struct store_options *o, const char *word)
{
	char *id = xstrdup(word), *sign = strchr(id, '='), *end;
	struct parent p = { .weight = 1 };

	if (sign) {
		*sign = '\0';
		errno = 0;
		p.weight = strtoull(sign + 1, &end, 10);
		if (sign[1] < '0' || sign[1] > '9' || *end || errno || !p.weight ||
		    p.weight > HEAVIEST)
			die("'%s': a weight is a whole number from 1 to %d", word, HEAVIEST);
	}
	p.profile = xstore_find(o->out, o->app, id);
	if (!sign)
		p.weight = own_weight(&p.profile);
	if (!p.profile.accepted)
		die("profile %s was not accepted: %s", p.profile.id,
		    json_string_value(json_object_get(p.profile.record, "reason")));
	free(id);
	return p;
}

static int compare_parents(const void *a, const void *b)
{
	return strcmp(((const struct parent *)a)->profile.id,
		      ((const struct parent *)b)->profile.id);
}

static struct parent *xparse_parents(const struct store_options *o)
{
	struct parent *parents = xcalloc(o->word_count, sizeof(*parents));

	if (o->word_count < (o->onward ? 1 : 2))
		die("profile-store merge: name two profiles or more, each as ID or ID=WEIGHT");
	for (size_t i = 0; i < o->word_count; i++)
		parents[i] = xparse_parent(o, o->words[i]);
	qsort(parents, o->word_count, sizeof(*parents), compare_parents);
	for (size_t i = 1; i < o->word_count; i++)
		if (!strcmp(parents[i].profile.id, parents[i - 1].profile.id))
			die("profile %s is named twice; to count it double, write %s=2",
			    parents[i].profile.id, parents[i].profile.id);
	return parents;
}

static const json_t *unit_of(const struct parent *p, const char *unit)
{
	return json_object_get(json_object_get(p->profile.record, "units"), unit);
}

static uint64_t uint_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* Added up; dies where a weight makes more of it than is sane. */
static uint64_t xadd_weighted(uint64_t sum, uint64_t value, uint64_t weight)
{
	if (__builtin_mul_overflow(value, weight, &value) ||
	    __builtin_add_overflow(sum, value, &sum) || sum > INT64_MAX)
		die("with these weights the counts do not fit in 63 bits; take smaller ones");
	return sum;
}

static int compare_hot(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	uint64_t of_x = uint_of(x, "instructions"), of_y = uint_of(y, "instructions");

	if (of_x != of_y)
		return of_x > of_y ? -1 : 1;
	return strcmp(json_string_value(json_object_get(x, "name")),
		      json_string_value(json_object_get(y, "name")));
}

/* The parents' lists as one; it lacks what was below the end of each. */
static json_t *merge_hot(const struct parent *parents, size_t n, const char *unit, uint64_t all)
{
	json_t *by_name = json_object(), *list = json_array(), *function;
	json_t **sorted;
	const char *name;
	size_t at, count = 0;

	for (size_t i = 0; i < n; i++)
		json_array_foreach(json_object_get(unit_of(&parents[i], unit), "hot"), at,
				   function) {
			name = json_string_value(json_object_get(function, "name"));
			json_t *known = json_object_get(by_name, name);

			if (!known) {
				known = json_deep_copy(function);
				json_object_set_new(known, "instructions", json_integer(0));
				json_object_set_new(by_name, name, known);
			}
			json_object_set_new(
				known, "instructions",
				json_integer((json_int_t)xadd_weighted(
					uint_of(known, "instructions"),
					uint_of(function, "instructions"), parents[i].weight)));
		}
	sorted = xcalloc(json_object_size(by_name), sizeof(*sorted));
	json_object_foreach(by_name, name, function)
		sorted[count++] = function;
	qsort(sorted, count, sizeof(*sorted), compare_hot);
	for (size_t i = 0; i < count && i < CHECK_HOT_FUNCTIONS; i++) {
		json_object_set_new(sorted[i], "percent",
				    check_json_percent(uint_of(sorted[i], "instructions"), all));
		json_array_append(list, sorted[i]);
	}
	free(sorted);
	json_decref(by_name);
	return list;
}

/* Percentages of the parents, each counting as much as its instructions. */
static json_t *mean_percent(const struct parent *parents, size_t n, const char *unit,
			    const char *key)
{
	double sum = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		const json_t *u = unit_of(&parents[i], unit);
		double instructions =
			(double)uint_of(u, "instructions") * (double)parents[i].weight;

		sum += instructions * json_number_value(json_object_get(u, key));
		all += instructions;
	}
	return json_real(all > 0 ? (double)(int64_t)(sum / all * 10000 + 0.5) / 10000 : 0);
}

static json_t *describe_unit(const struct parent *parents, size_t n, const char *unit,
			     const struct profdata *made)
{
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all = xadd_weighted(all, uint_of(unit_of(&parents[i], unit), "instructions"),
				    parents[i].weight);
	return json_pack("{s:I, s:o, s:o, s:I, s:I, s:b, s:o}", "instructions", (json_int_t)all,
			 "symbolized_percent", mean_percent(parents, n, unit, "symbolized_percent"),
			 "assembly_percent", mean_percent(parents, n, unit, "assembly_percent"),
			 "profile_functions", (json_int_t)made->functions, "samples",
			 (json_int_t)made->samples, "fs_discriminators",
			 (int)made->fs_discriminators, "hot", merge_hot(parents, n, unit, all));
}

/* NULL if no parent has the unit. */
static json_t *merge_unit(const struct parent *parents, size_t n, const char *unit,
			  const char *directory)
{
	char *output = xasprintf("%s/%s.prof", directory, unit), *error;
	struct strlist inputs = STRLIST_INIT;
	struct profdata made;
	json_t *result;

	for (size_t i = 0; i < n; i++)
		if (unit_of(&parents[i], unit))
			strlist_pushf(&inputs, "%llu,%s/%s.prof",
				      (unsigned long long)parents[i].weight,
				      parents[i].profile.directory, unit);
	if (!inputs.n)
		return NULL;
	error = profdata_merge(&inputs, output);
	if (!error)
		error = profdata_look(&made, output);
	if (error)
		die("cannot merge the profiles of %s: %s", unit, error);
	result = describe_unit(parents, n, unit, &made);
	strlist_release(&inputs);
	free(output);
	return result;
}

/* What all parents agree on, or null. */
static void set_common(json_t *record, const struct parent *parents, size_t n, const char *key)
{
	json_t *value = json_object_get(parents[0].profile.record, key);

	for (size_t i = 1; value && i < n; i++)
		if (!json_equal(value, json_object_get(parents[i].profile.record, key)))
			value = NULL;
	json_object_set_new(record, key, value ? json_deep_copy(value) : json_null());
}

const char *profile_kind(const struct profile *p)
{
	const char *kind = json_string_value(json_object_get(p->record, "kind"));

	return kind ? kind : "exact"; /* the tracer does not say it */
}

/* Counts of which quality; nothing if all are the tracer's. */
static void set_kind(json_t *record, const struct parent *parents, size_t n)
{
	const char *first = profile_kind(&parents[0].profile);
	bool same = true;

	for (size_t i = 1; i < n; i++)
		same &= !strcmp(first, profile_kind(&parents[i].profile));
	if (!same || strcmp(first, "exact") != 0)
		json_object_set_new(record, "kind", json_string(same ? first : "mixed"));
}

static json_t *describe(const struct store_options *o, const struct parent *parents, size_t n,
			json_t *units)
{
	static const char *const common[] = { "generation", "build_ids",   "method", "load",
					      "machine",    "accelerator", "window" };
	json_t *from = json_array(), *record;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(from, json_pack("{s:s, s:I}", "id", parents[i].profile.id,
						      "weight", (json_int_t)parents[i].weight));
	record =
		json_pack("{s:i, s:s, s:b, s:n, s:o, s:{}, s:o}", "schema", 1, "app", o->app,
			  "accepted", 1, "reason", "units", units, "left_out", "merged_from", from);
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		set_common(record, parents, n, common[i]);
	set_kind(record, parents, n);
	return record;
}

/* The lock is held. */
static struct profile xmerge(const struct store_options *o, const struct parent *parents, size_t n,
			     bool *known)
{
	const char *const names[] = { "vmlinux", o->app, "init" };
	char *directory = xstore_begin(o->out, o->app);
	json_t *units = json_object(), *unit;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		unit = merge_unit(parents, n, names[i], directory);
		if (unit)
			json_object_set_new(units, names[i], unit);
	}
	return xstore_commit(o->out, o->app, directory, describe(o, parents, n, units), known);
}

/* Merged ones were merged again until their sums grew too large. */
static struct parent *xtake_apart(const struct store_options *o, struct parent *named, size_t *n)
{
	say(0,
	    "note: the counts would not fit together: the recordings that these are merged from are "
	    "merged instead, each with its part of the whole");
	return xstore_taken_apart(o, named, n);
}

int store_merge(const struct store_options *o)
{
	size_t n = o->word_count;
	struct parent *parents;
	struct profile p;
	bool known;

	xstore_lock(o->out, o->app);
	parents = xparse_parents(o);
	if (o->onward)
		parents = xstore_onward(o, parents, &n);
	else if (store_samples(parents, n) > most_samples)
		parents = xtake_apart(o, parents, &n);
	if (!n)
		die("the profiles are too large to be merged, and those that they were merged from are gone");
	if (n == 1) {
		print_next(o, &parents[0].profile);
		return EXIT_YES;
	}
	qsort(parents, n, sizeof(*parents), compare_parents);
	p = xmerge(o, parents, n, &known);
	return print_new_profile(o, &p, known, true);
}

struct profile xstore_merge_evenly(const struct store_options *o, struct profile a,
				   struct profile b, bool *known)
{
	struct parent newer = { a, own_weight(&a) }, older = { b, own_weight(&b) };
	struct parent *parents;
	size_t n;

	parents = xstore_evenly(o, &newer, &older, &n);
	qsort(parents, n, sizeof(*parents), compare_parents);
	*known = true;
	return n == 1 ? parents[0].profile : xmerge(o, parents, n, known);
}
