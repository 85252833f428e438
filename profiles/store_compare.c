/* SPDX-License-Identifier: MIT */
/* profile-store compare: how much two profiles say the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "profdata.h"
#include "profile-store.h"

struct comparison {
	struct profile a, b;
	double all_a, all_b;  /* instructions */
	struct overlap total; /* sums of parts, each times its weight */
	json_t *units;
};

static double instructions(const struct profile *p, const char *unit)
{
	const json_t *u = json_object_get(json_object_get(p->record, "units"), unit);

	return json_number_value(json_object_get(u, "instructions"));
}

static double rounded(double value)
{
	return (double)(int64_t)(value * 1000 + 0.5) / 1000;
}

static json_t *json_overlap(const struct overlap *o)
{
	return json_pack("{s:f, s:f, s:f, s:f, s:f}", "similarity_percent", rounded(o->similarity),
			 "hot_block_overlap_percent", rounded(o->hot_blocks),
			 "hot_function_overlap_percent", rounded(o->hot_functions),
			 "function_overlap_percent", rounded(o->functions),
			 "sample_overlap_percent", rounded(o->samples));
}

/* A unit that only one of the two has is in common by nothing. */
static void compare_unit(struct comparison *c, const char *unit)
{
	double of_a = instructions(&c->a, unit), of_b = instructions(&c->b, unit);
	double weight = (of_a / c->all_a + of_b / c->all_b) / 2;
	struct overlap o = { 0 };
	json_t *result;

	if (!(of_a > 0) && !(of_b > 0))
		return;
	if (of_a > 0 && of_b > 0) {
		char *error = profdata_overlap(&o, xasprintf("%s/%s.prof", c->a.directory, unit),
					       xasprintf("%s/%s.prof", c->b.directory, unit));

		if (error)
			die("cannot compare the profiles of %s: %s", unit, error);
	}
	result = json_overlap(&o);
	json_object_set_new(result, "weight_percent", json_real(rounded(100 * weight)));
	json_object_set_new(c->units, unit, result);
	c->total.similarity += weight * o.similarity;
	c->total.samples += weight * o.samples;
	c->total.functions += weight * o.functions;
	c->total.hot_functions += weight * o.hot_functions;
	c->total.hot_blocks += weight * o.hot_blocks;
}

static struct profile xfind_accepted(const struct store_options *o, const char *word)
{
	struct profile p = xstore_find(o->out, o->app, word);

	if (!p.accepted)
		die("profile %s was not accepted, so there is nothing to compare: %s", p.id,
		    json_string_value(json_object_get(p.record, "reason")));
	return p;
}

static void print_line(const char *name, const json_t *o)
{
	static const char *const keys[] = { "weight_percent", "similarity_percent",
					    "hot_block_overlap_percent",
					    "hot_function_overlap_percent" };

	printf("%-12s", name);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_t *value = json_object_get(o, keys[i]);

		if (value)
			printf(" %10.2f %%", json_number_value(value));
		else
			printf(" %12s", "");
	}
	putchar('\n');
}

static void print_comparison(const json_t *result)
{
	const char *unit;
	json_t *value;

	printf("%-12s %12s %12s %12s %12s\n", "unit", "weight", "similarity", "hot blocks",
	       "hot functions");
	json_object_foreach(json_object_get(result, "units"), unit, value)
		print_line(unit, value);
	print_line("total", json_object_get(result, "total"));
}

int store_compare(const struct store_options *o)
{
	const char *const names[] = { "vmlinux", o->app, "init" };
	struct comparison c = { .units = json_object() };
	json_t *result;

	if (o->word_count != 2)
		die("profile-store compare: name two profiles");
	c.a = xfind_accepted(o, o->words[0]);
	c.b = xfind_accepted(o, o->words[1]);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		c.all_a += instructions(&c.a, names[i]);
		c.all_b += instructions(&c.b, names[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		compare_unit(&c, names[i]);
	result = json_pack("{s:i, s:s, s:[s, s], s:o, s:o}", "schema", 1, "app", o->app, "profiles",
			   c.a.id, c.b.id, "units", c.units, "total", json_overlap(&c.total));
	if (o->json)
		json_print(result);
	else
		print_comparison(result);
	return EXIT_YES;
}
