/* SPDX-License-Identifier: MIT */
/* What profile-store tells a person. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "profile-store.h"

enum { HOT_LINES = 10 };

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* 12345678 as "12,345,678"; the caller frees. */
static char *grouped(json_int_t value)
{
	char *plain = xasprintf("%" JSON_INTEGER_FORMAT, value), *text, *end;
	size_t length = strlen(plain);

	text = end = xmalloc(length + length / 3 + 1);
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*end++ = ',';
		*end++ = plain[i];
	}
	*end = '\0';
	free(plain);
	return text;
}

static json_int_t all_instructions(const json_t *record)
{
	json_int_t sum = 0;
	const char *name;
	json_t *unit;

	json_object_foreach(json_object_get(record, "units"), name, unit)
		sum += json_integer_value(json_object_get(unit, "instructions"));
	return sum;
}

/* The smallest share of a unit. */
static double least_symbolized(const json_t *record)
{
	double least = 100;
	const char *name;
	json_t *unit;

	json_object_foreach(json_object_get(record, "units"), name, unit)
		if (number_of(unit, "symbolized_percent") < least)
			least = number_of(unit, "symbolized_percent");
	return least;
}

static const char *origin(const json_t *record)
{
	const json_t *generation = json_object_get(record, "generation");

	return json_is_integer(generation)
		       ? xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(generation))
		       : "-";
}

static bool is_merged(const json_t *record)
{
	return json_is_array(json_object_get(record, "merged_from"));
}

static void print_list_line(const struct profile *p)
{
	char *instructions;

	if (p->damage) {
		printf("%-12s   -    -  damaged: %s\n", p->id, p->damage);
		return;
	}
	instructions = grouped(all_instructions(p->record));
	printf("%-12s %3llu %4s  %-8s %-9s %-14.14s %16s %8.2f %%  %s\n", p->id,
	       (unsigned long long)p->number, origin(p->record),
	       is_merged(p->record) ? "merged" : text_of(p->record, "method", "-"),
	       text_of(p->record, "kind", "exact"), text_of(p->record, "load", "-"), instructions,
	       least_symbolized(p->record), p->accepted ? "accepted" : "refused");
	free(instructions);
}

void print_profile_list(const struct profile *profiles, size_t n)
{
	printf("%-12s %3s %4s  %-8s %-9s %-14s %16s %10s  %s\n", "id", "no.", "gen", "method",
	       "kind", "load", "instructions", "symbolized", "verdict");
	for (size_t i = 0; i < n; i++)
		print_list_line(&profiles[i]);
}

static void print_units(const json_t *record)
{
	const char *name;
	json_t *unit;

	printf("  %-10s %16s %10s %10s %10s %10s\n", "unit", "instructions", "symbolized",
	       "assembly", "rejected", "functions");
	json_object_foreach(json_object_get(record, "units"), name, unit) {
		char *instructions =
			grouped(json_integer_value(json_object_get(unit, "instructions")));
		double ranges = number_of(json_object_get(unit, "ranges"), "rejected_percent"),
		       branches = number_of(json_object_get(unit, "branches"), "rejected_percent");

		printf("  %-10s %16s %8.2f %% %8.2f %% %8.2f %% %10.0f\n", name, instructions,
		       number_of(unit, "symbolized_percent"), number_of(unit, "assembly_percent"),
		       ranges > branches ? ranges : branches, number_of(unit, "profile_functions"));
		free(instructions);
	}
}

static void print_rejected(const json_t *record)
{
	json_t *unit, *reason;
	const char *name;
	size_t i;

	json_object_foreach(json_object_get(record, "units"), name, unit)
		json_array_foreach(json_object_get(unit, "rejected"), i, reason)
			printf("  rejected   %s: %.4f %% of counts of %s: %s, as in %s\n", name,
			       number_of(reason, "percent"),
			       !strcmp(text_of(reason, "kind", ""), "range") ? "ranges"
									     : "branches",
			       text_of(reason, "sentence", "-"),
			       json_string_value(
				       json_array_get(json_object_get(reason, "examples"), 0)));
}

static void print_parents(const json_t *record)
{
	json_t *parent;
	size_t i;

	json_array_foreach(json_object_get(record, "merged_from"), i, parent)
		printf("  of         %s, weight %.0f\n", text_of(parent, "id", "-"),
		       number_of(parent, "weight"));
}

/* What plain samples are good for: how much of the code they say something about. */
static void print_spread(const json_t *record)
{
	json_t *units = json_object_get(record, "units"), *unit;
	const char *name;

	json_object_foreach(units, name, unit) {
		const json_t *spread = json_object_get(unit, "spread");

		if (!spread)
			continue;
		printf("  samples    %s: %.0f, in %.0f of %.0f blocks of %.0f functions, of %.0f%s\n",
		       name, number_of(spread, "samples") - number_of(spread, "waiting"),
		       number_of(spread, "blocks_hit"), number_of(spread, "blocks"),
		       number_of(spread, "functions_hit"), number_of(spread, "functions"),
		       strcmp(text_of(spread, "taken", ""), "anywhere")
			       ? ", taken only where blocks start"
			       : "");
	}
}

/* The kernel or the app alone was recorded, on purpose. */
static void print_partial(const json_t *record)
{
	json_t *units = json_object_get(record, "units"), *unit;
	const char *name;

	if (!json_is_true(json_object_get(record, "partial")))
		return;
	printf("  partial    used for");
	json_object_foreach(units, name, unit)
		printf(" %s", name);
	printf(" only\n");
}

static void print_quality(const struct profile *p)
{
	const char *name;
	json_t *reason;

	print_parents(p->record);
	print_units(p->record);
	print_spread(p->record);
	print_rejected(p->record);
	print_partial(p->record);
	json_object_foreach(json_object_get(p->record, "left_out"), name, reason)
		printf("  left out   %s: %s\n", name, json_string_value(reason));
}

static void print_hot(const json_t *record)
{
	json_t *unit, *function;
	const char *name;
	size_t i;

	json_object_foreach(json_object_get(record, "units"), name, unit) {
		printf("  hot in %s\n", name);
		json_array_foreach(json_object_get(unit, "hot"), i, function)
			if (i < HOT_LINES)
				printf("    %6.2f %%  %s%s\n", number_of(function, "percent"),
				       text_of(function, "name", "-"),
				       json_is_true(json_object_get(function, "debug_info"))
					       ? ""
					       : "  (no debug information)");
	}
}

static void print_head(const struct profile *p)
{
	printf("profile %s, number %llu of %s\n", p->id, (unsigned long long)p->number,
	       text_of(p->record, "app", "-"));
}

void print_profile(const struct profile *p)
{
	print_head(p);
	printf("  %s%s%s\n",
	       p->accepted ? "accepted" : "refused: ", text_of(p->record, "reason", ""),
	       is_merged(p->record) ? ", merged" : "");
	if (!is_merged(p->record))
		printf("  recorded   generation %s, method %s, counts %s, load %s\n",
		       origin(p->record), text_of(p->record, "method", "-"),
		       text_of(p->record, "kind", "exact"), text_of(p->record, "load", "-"));
	print_quality(p);
	print_hot(p->record);
}

/* Not "make image" alone if that would take another one. */
void print_next(const struct store_options *o, const struct profile *p)
{
	struct profile *profiles;
	size_t n = store_list(o->out, o->app, &profiles);
	char *note;
	const struct profile *newest = store_newest(o->out, o->app, profiles, n, &note);

	if (newest && !strcmp(newest->id, p->id))
		printf("next: make image APP=%s\n", o->app);
	else
		printf("next: make image APP=%s PROFILE=%s, because auto takes another one%s%s\n",
		       o->app, p->id, note ? ": " : "", note ? note : "");
	free(note);
}

int print_new_profile(const struct store_options *o, const struct profile *p, bool known,
		      bool is_last)
{
	print_head(p);
	if (known)
		printf("  it was there already\n");
	print_quality(p);
	if (!p->accepted) {
		fflush(stdout);
		fprintf(stderr, "refused: %s\n", text_of(p->record, "reason", "-"));
		return EXIT_NO;
	}
	if (is_last)
		print_next(o, p);
	return EXIT_YES;
}
