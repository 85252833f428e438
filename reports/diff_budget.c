/* SPDX-License-Identifier: MIT */
#include "diff_budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "diff_measures.h"
#include "diff_side.h"
#include "field.h"

enum place { PART, COUNT, MEASURE };

static const struct budget_name {
	const char *name;
	enum place place;
	const char *key;  /* a part's name, a member of the record, a measure's name */
	const char *what; /* of an entry of not_compared[] */
	char unit;	  /* 'b'ytes, 'n'anoseconds, 'm'illiseconds or 0 */
	bool higher_is_better;
} names[] = {
	{ "size", PART, "image", "image", 'b', false },
	{ "xz", PART, "image, xz", "image, xz", 'b', false },
	{ "kernel", PART, "kernel", "kernel", 'b', false },
	{ "text", PART, "kernel text", "kernel text", 'b', false },
	{ "initramfs", PART, "initramfs", "initramfs", 'b', false },
	{ "app", PART, "app", "app", 'b', false },
	{ "syscalls", COUNT, "syscalls", "system calls", 0, false },
	{ "drivers", COUNT, "drivers", "drivers", 0, false },
	{ "functions", COUNT, "functions", "functions", 0, false },
	{ "instructions", MEASURE, "instructions", "counts", 0, false },
	{ "taken_branches", MEASURE, "taken_branches", "counts", 0, false },
	{ "l1i_misses", MEASURE, "l1i_misses", "counts", 0, false },
	{ "l1d_misses", MEASURE, "l1d_misses", "counts", 0, false },
	{ "itlb_misses", MEASURE, "itlb_misses", "counts", 0, false },
	{ "boot", MEASURE, "boot", "boot", 0, false },
	{ "icount_instructions", MEASURE, "icount_instructions", "icount", 0, false },
	{ "icount_latency_p50", MEASURE, "icount_latency_p50", "icount", 'n', false },
	{ "icount_latency_p99", MEASURE, "icount_latency_p99", "icount", 'n', false },
	{ "latency_p50", MEASURE, "latency_p50", "latency", 'n', false },
	{ "latency_p90", MEASURE, "latency_p90", "latency", 'n', false },
	{ "latency_p99", MEASURE, "latency_p99", "latency", 'n', false },
	{ "latency_p999", MEASURE, "latency_p999", "latency", 'n', false },
	{ "throughput", MEASURE, "throughput", "throughput", 0, true },
	{ "boot_ms", MEASURE, "boot_ms", "boot time", 'm', false },
	{ "memory", MEASURE, "memory", "memory", 'b', false },
	{ "memory_min", MEASURE, "memory_min", "memory least", 'b', false },
};

static void list_names(struct strlist *all)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		strlist_push(all, names[i].name);
}

char *budget_names(void)
{
	struct strlist all = STRLIST_INIT;

	list_names(&all);
	return strlist_join(&all, " ");
}

static const struct budget_name *find(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == length && !memcmp(names[i].name, name, length))
			return &names[i];
	return NULL;
}

static char *unknown(const char *name, size_t length)
{
	char *word = xstrndup(name, length > 60 ? 60 : length), *all = budget_names();
	struct strlist known = STRLIST_INIT;
	const char *near;

	list_names(&known);
	near = strlist_nearest(&known, word);
	return near ? xasprintf("there is no '%s' to limit; '%s' perhaps? There are: %s", word,
				near, all)
		    : xasprintf("there is no '%s' to limit; there are: %s", word, all);
}

/* What a unit behind a number multiplies it with; 0: not a unit of this figure. */
static double factor(const char *unit, const struct budget_name *of)
{
	static const struct {
		const char *text;
		char unit;
		double factor;
	} units[] = { { "Ki", 'b', 1024 },  { "Mi", 'b', 1048576 }, { "ns", 'n', 1 },
		      { "us", 'n', 1000 },  { "ms", 'n', 1000000 }, { "ns", 'm', 0.000001 },
		      { "us", 'm', 0.001 }, { "ms", 'm', 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (units[i].unit == of->unit && !strcmp(units[i].text, unit))
			return units[i].factor;
	return *unit ? 0 : 1;
}

/* "+1%" or "4.5Mi"; false if it is neither. */
static bool parse_number(const char *text, const struct budget_name *of, struct budget_limit *l)
{
	size_t digits, all;
	const char *unit;

	bool is_negative = *text == '-';

	l->is_change = *text == '+' || is_negative;
	text += l->is_change;
	digits = strspn(text, "0123456789");
	all = digits + (text[digits] == '.' ? 1 + strspn(text + digits + 1, "0123456789") : 0);
	unit = text + all;
	if (!digits || digits > 15 || all > 32)
		return false;
	l->number = strtod(text, NULL) * (is_negative ? -1 : 1);
	l->is_percent = !strcmp(unit, "%");
	l->is_change = l->is_change || l->is_percent;
	if (l->is_percent)
		return true;
	l->number *= factor(unit, of);
	return factor(unit, of) != 0;
}

static char *parse_word(struct budget_limit *l, const char *word)
{
	size_t length = strcspn(word, "<>=");
	const struct budget_name *of = find(word, length);
	const char *relation = word + length;

	if (!of)
		return unknown(word, length);
	*l = (struct budget_limit){ .name = of->name, .text = xstrdup(word) };
	if (strncmp(relation, of->higher_is_better ? ">=" : "<=", 2))
		return xasprintf("'%.60s': a limit of %s is written %s%s5%%", word, of->name,
				 of->name, of->higher_is_better ? ">=-" : "<=+");
	if (!parse_number(relation + 2, of, l))
		return xasprintf("'%.60s': a limit is a change like +1%% or +0, or without a sign "
				 "the most there may be%s",
				 word,
				 of->unit == 'b'   ? ", in bytes, Ki or Mi"
				 : of->unit == 'n' ? ", in nanoseconds, us or ms"
				 : of->unit == 'm' ? ", in milliseconds, or with ns, us or ms"
						   : "");
	return NULL;
}

char *budget_parse(struct budget *b, const char *text)
{
	struct strlist words = STRLIST_INIT;
	char *why = NULL;

	*b = (struct budget){ 0 };
	strlist_split(&words, text);
	for (size_t i = 0; i < words.n && !why; i++) {
		struct budget_limit limit = { 0 };

		why = parse_word(&limit, words.v[i]);
		for (size_t j = 0; j < b->n && !why; j++)
			if (!strcmp(b->v[j].name, limit.name))
				why = xasprintf("'%s' is limited twice", limit.name);
		b->v = xrealloc(b->v, (b->n + 1) * sizeof(*b->v));
		b->v[b->n++] = limit;
	}
	strlist_release(&words);
	return why;
}

/* What is limited: { from, to } and the rest of a measure. NULL: not compared. */
static json_t *figure_of(const struct budget_name *of, const json_t *record)
{
	json_t *list = of->place == PART ? field_at(record, "size.parts")
					 : json_object_get(record, "measures");

	if (of->place == COUNT)
		return json_object_get(record, of->key);
	return field_at(list, of->key);
}

/* Why a figure that is there decides nothing, or NULL. */
static char *undecided(const json_t *figure, const struct budget_limit *l)
{
	json_int_t from = json_integer_value(json_array_get(json_object_get(figure, "n"), 0));
	json_int_t to = json_integer_value(json_array_get(json_object_get(figure, "n"), 1));
	/* not a size or a set, and not the same each time */
	bool is_of_runs = json_is_array(json_object_get(figure, "n")) &&
			  !json_is_true(json_object_get(figure, "deterministic"));

	if (json_is_true(json_object_get(figure, "emulated")))
		return xstrdup("the clock of an emulated guest decides nothing");
	if (is_of_runs && l->is_change && json_is_null(json_object_get(figure, "p")))
		return xasprintf("%" JSON_INTEGER_FORMAT " and %" JSON_INTEGER_FORMAT
				 " runs are too few to tell a change from chance; %d a side are "
				 "the least",
				 from, to, DIFF_LEAST_RUNS);
	/* a limit of the figure itself asks nothing of the other side */
	if (is_of_runs && !l->is_change && to < DIFF_LEAST_RUNS)
		return xasprintf("%" JSON_INTEGER_FORMAT " runs are too few to know the figure; "
				 "%d are the least",
				 to, DIFF_LEAST_RUNS);
	if (l->is_percent && !json_number_value(json_object_get(figure, "from")) &&
	    json_number_value(json_object_get(figure, "to")))
		return xstrdup("there is no percentage of 0");
	return NULL;
}

/* Is it within its limit? *change is what was compared to it. */
static bool holds(const struct budget_limit *l, const struct budget_name *of, const json_t *figure,
		  double *change)
{
	double from = json_number_value(json_object_get(figure, "from"));
	double to = json_number_value(json_object_get(figure, "to"));

	*change = l->is_percent	 ? from ? 100 * (to - from) / from : 0
		  : l->is_change ? to - from
				 : to;
	if (l->is_change && json_is_false(json_object_get(figure, "significant")))
		*change = 0;
	return of->higher_is_better ? *change >= l->number : *change <= l->number;
}

/* The reason in not_compared[] that fits the figure best. */
static const char *reason(const struct budget_name *of, const json_t *record)
{
	static const char fallback[] = "what bench measures";
	json_t *entry;
	const char *why = NULL;
	size_t i;

	json_array_foreach(json_object_get(record, "not_compared"), i, entry) {
		const char *what = field_text(entry, "what");

		if (!strcmp(what, of->what))
			return field_text(entry, "why");
		if (of->place == MEASURE && !strcmp(what, fallback))
			why = field_text(entry, "why");
	}
	return why ? why : "it was not compared";
}

static json_t *apply(const struct budget_limit *l, const json_t *record)
{
	const struct budget_name *of = find(l->name, strlen(l->name));
	const json_t *figure = figure_of(of, record);
	char *why = figure ? undecided(figure, l) : xstrdup(reason(of, record));
	json_t *entry =
		json_pack("{s:s, s:s, s:o, s:o}", "name", l->name, "limit", l->text,
			  "limit_percent", l->is_percent ? json_real(l->number) : json_null(),
			  "why", why ? json_string(why) : json_null());
	double change = 0;
	bool ok = !why && holds(l, of, figure, &change);

	json_object_set_new(entry, "ok", why ? json_null() : json_boolean(ok));
	json_object_set_new(entry, "percent",
			    !why && l->is_percent ? json_real(change) : json_null());
	if (figure) {
		json_object_set(entry, "from", json_object_get(figure, "from"));
		json_object_set(entry, "to", json_object_get(figure, "to"));
	}
	free(why);
	return entry;
}

const char *budget_apply(const struct budget *b, json_t *record)
{
	bool over = false, missing = false;
	json_t *list = json_array();

	for (size_t i = 0; i < b->n; i++) {
		json_t *entry = apply(&b->v[i], record), *ok = json_object_get(entry, "ok");

		over = over || json_is_false(ok);
		missing = missing || json_is_null(ok);
		json_array_append_new(list, entry);
	}
	json_object_set_new(record, "budget", list);
	return !b->n ? NULL : over ? "fail" : missing ? "cannot compare" : "pass";
}

void budget_release(struct budget *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].text);
	free(b->v);
	*b = (struct budget){ 0 };
}
