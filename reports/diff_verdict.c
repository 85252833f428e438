/* SPDX-License-Identifier: MIT */
#include "diff_verdict.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "field.h"

static json_int_t delta_of(const json_t *figure)
{
	return field_integer(figure, "to") - field_integer(figure, "from");
}

static bool has_any(const json_t *record, const char *path)
{
	return json_array_size(field_at(record, path)) > 0;
}

static bool any_true(const json_t *list, const char *key)
{
	json_t *element;
	size_t i;

	json_array_foreach(list, i, element)
		if (json_is_true(json_object_get(element, key)))
			return true;
	return false;
}

/*
 * Do the measures leave it open that nothing changed? One that differs, by runs too few to
 * judge it, does not. The clock of an emulated guest says nothing.
 */
static bool measures_same(const json_t *measures)
{
	json_t *m;
	size_t i;

	json_array_foreach(measures, i, m) {
		bool is_judged = json_is_true(json_object_get(m, "deterministic")) ||
				 json_is_number(json_object_get(m, "p"));

		if (json_is_true(json_object_get(m, "emulated")))
			continue;
		if (json_is_true(json_object_get(m, "significant")) ||
		    (!is_judged && json_number_value(json_object_get(m, "delta")) != 0))
			return false;
	}
	return true;
}

static bool is_same(const json_t *record)
{
	json_t *parts = field_at(record, "size.parts"), *part;
	size_t i;

	json_array_foreach(parts, i, part)
		if (field_integer(part, "delta"))
			return false;
	return !has_any(record, "size.symbols") && !has_any(record, "syscalls.added") &&
	       !has_any(record, "syscalls.removed") && !has_any(record, "drivers.added") &&
	       !has_any(record, "drivers.removed") &&
	       !delta_of(json_object_get(record, "functions")) &&
	       measures_same(json_object_get(record, "measures"));
}

static void say_size(struct strlist *clauses, const json_t *record)
{
	const json_t *image = field_at(record, "size.parts.image");
	json_int_t delta = delta_of(image), from = field_integer(image, "from");
	double percent = from ? 100.0 * (double)delta / (double)from : 0;
	const char *way = delta < 0 ? "smaller" : "larger";

	if (!image)
		return;
	if (!delta)
		strlist_push(clauses, "the same size");
	else if (fabs(percent) >= 0.05)
		strlist_pushf(clauses, "%s by %.1f %%", way, fabs(percent));
	else
		strlist_pushf(clauses, "%s by %lld bytes", way, llabs(delta));
}

/* "3 fewer system calls", "2 drivers gone and 2 others" */
static void say_count(struct strlist *clauses, const json_t *record, const char *key,
		      const char *name)
{
	const json_t *set = json_object_get(record, key);
	size_t added = json_array_size(json_object_get(set, "added"));
	size_t removed = json_array_size(json_object_get(set, "removed"));

	if (added > removed)
		strlist_pushf(clauses, "%zu more %s%s", added - removed, name,
			      added - removed == 1 ? "" : "s");
	else if (removed > added)
		strlist_pushf(clauses, "%zu fewer %s%s", removed - added, name,
			      removed - added == 1 ? "" : "s");
	else if (added)
		strlist_pushf(clauses, "%zu %s%s replaced", added, name, added == 1 ? "" : "s");
}

/* `more`, `less` and `same` follow the percentage: "14.5 % fewer instructions a request". */
static void say_measure(struct strlist *clauses, const json_t *record, const char *name,
			const char *more, const char *less, const char *same)
{
	json_t *m = field_at(json_object_get(record, "measures"), name);
	const json_t *percent = json_object_get(m, "percent");
	double change = json_number_value(percent);

	if (!m || json_is_true(json_object_get(m, "emulated")))
		return;
	if (json_is_false(json_object_get(m, "deterministic")) &&
	    json_is_null(json_object_get(m, "p")))
		strlist_pushf(clauses, "%s undecided by so few runs", same);
	else if (!json_is_true(json_object_get(m, "significant")))
		strlist_pushf(clauses, "%s unchanged within noise", same);
	else if (json_is_number(percent))
		strlist_pushf(clauses, "%.1f %% %s", fabs(change), change < 0 ? less : more);
	else
		strlist_pushf(clauses, "%s up from none", same);
}

/* The entry of not_compared[] about this, or NULL. */
static const char *why_not(const json_t *record, const char *what)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(record, "not_compared"), i, entry)
		if (!strcmp(field_text(entry, "what"), what))
			return field_text(entry, "why");
	return NULL;
}

static void say_missing(struct strlist *clauses, const json_t *record)
{
	const char *bench = why_not(record, "what bench measures");
	const char *counts = why_not(record, "counts"), *latency = why_not(record, "latency");

	if (bench) {
		strlist_pushf(clauses, "instructions and latency not compared: %s", bench);
		return;
	}
	if (counts)
		strlist_pushf(clauses, "instructions not compared: %s", counts);
	if (latency)
		strlist_pushf(clauses, "latency not compared: %s", latency);
	else if (any_true(json_object_get(record, "measures"), "emulated"))
		strlist_push(clauses, "latency not judged: the guest was emulated");
}

static char *sentence(const json_t *record)
{
	struct strlist clauses = STRLIST_INIT;
	char *text;

	say_size(&clauses, record);
	say_count(&clauses, record, "syscalls", "system call");
	say_count(&clauses, record, "drivers", "driver");
	say_measure(&clauses, record, "instructions", "more instructions a request",
		    "fewer instructions a request", "instructions a request");
	say_measure(&clauses, record, "boot", "more instructions to boot",
		    "fewer instructions to boot", "instructions to boot");
	say_measure(&clauses, record, "latency_p50", "higher latency p50", "lower latency p50",
		    "latency p50");
	say_measure(&clauses, record, "latency_p99", "higher latency p99", "lower latency p99",
		    "latency p99");
	say_missing(&clauses, record);
	text = clauses.n ? strlist_join(&clauses, ", ") : xstrdup("nothing could be compared");
	strlist_release(&clauses);
	return text;
}

static char *no_difference(const json_t *record)
{
	struct strlist changed = STRLIST_INIT;
	json_t *input;
	size_t i;

	json_array_foreach(json_object_get(record, "inputs"), i, input)
		if (json_is_true(json_object_get(input, "changed")))
			strlist_push(&changed, field_text(input, "name"));
	return changed.n ? xasprintf("no difference, though these inputs changed: %s",
				     strlist_join(&changed, ", "))
			 : xstrdup("no difference");
}

void diff_verdict(json_t *record, const char *gate)
{
	char *text = is_same(record) ? no_difference(record) : sentence(record);

	json_object_set_new(record, "verdict",
			    json_pack("{s:o, s:s?}", "text", json_text(text), "gate", gate));
	free(text);
}
