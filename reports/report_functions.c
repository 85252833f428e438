/* SPDX-License-Identifier: MIT */
/*
 * report_functions.c - where the instructions of a request go: by part, and by function
 *
 * From the exact run's counts, bench.json's per_request_by and bench.symbols.json. Functions
 * of both generations are the same if region and name in the source are.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "../pipeline/lib/util.h"
#include "report_sections.h"
#include "symbol_name.h"

struct function {
	char *key;
	const char *region;
	char *name;
	double from, to; /* instructions a request; 0: not executed */
	UT_hash_handle hh;
};

static void add_symbol(struct function **functions, const char *region, const json_t *symbol,
		       double requests, bool is_to)
{
	const char *name = report_string(symbol, "name");
	double count = report_number(symbol, "instructions");
	struct function *f;
	char *plain, *key;

	if (!name || !isfinite(count))
		return;
	plain = symbol_frame(name);
	if (!*plain)
		plain = xstrdup(*name ? name : "(no name)");
	key = xasprintf("%s\n%s", region, plain);
	HASH_FIND_STR(*functions, key, f);
	if (!f) {
		f = xcalloc(1, sizeof(*f));
		f->key = key;
		f->region = region;
		f->name = plain;
		HASH_ADD_KEYPTR(hh, *functions, f->key, strlen(f->key), f);
	}
	*(is_to ? &f->to : &f->from) += count / requests;
}

/* False: there are no symbols of this generation. */
static bool add_generation(struct function **functions, const struct report_generation *g,
			   bool is_to)
{
	json_t *file = g ? g->symbols : NULL, *region, *symbol;
	double requests = report_number(file, "requests");
	size_t r, s;

	if (!(requests > 0))
		return false;
	json_array_foreach(json_object_get(file, "regions"), r, region) {
		const char *name = report_string(region, "name");

		json_array_foreach(json_object_get(region, "symbols"), s, symbol)
			add_symbol(functions, name ? name : "?", symbol, requests, is_to);
	}
	return true;
}

static int hottest_first(const struct function *a, const struct function *b)
{
	double x = fmax(a->from, a->to), y = fmax(b->from, b->to);

	return x < y ? 1 : x > y ? -1 : strcmp(a->key, b->key);
}

static void function_row(struct html *h, const struct function *f, bool has_from)
{
	html_row(h, NULL);
	html_cell_name(h, f->name);
	html_cell_name(h, f->region);
	if (has_from)
		html_cell_number(h, f->from, 1);
	html_cell_number(h, f->to, 1);
	if (!has_from)
		return;
	html_cell_delta(h, f->to - f->from, 1);
	html_cell_percent(h, f->from > 0 && f->to > 0 ? (f->to / f->from - 1) * 100 : (double)NAN,
			  f->from > 0 ? "gone" : "new");
}

static void function_table(struct html *h, const struct report_data *d, struct function *functions,
			   bool has_from, size_t rows)
{
	char *to = xasprintf("#generation %u", d->to->number);
	const char *plain[] = { "function", "part", to, NULL };
	const char *both[] = { "function", "part", "", to, "#change", "#percent", NULL };
	struct html_table table = { "hot", "Guest instructions a request, by function", plain,
				    true };
	size_t all = HASH_COUNT(functions), shown = 0;
	double rest = 0;

	if (has_from) {
		both[2] = xasprintf("#generation %u", d->from->number);
		table.columns = both;
	}
	HASH_SORT(functions, hottest_first);
	html_table_begin(h, &table);
	for (struct function *f = functions; f; f = f->hh.next) {
		if (shown < rows) {
			function_row(h, f, has_from);
			shown++;
		} else {
			rest += f->to;
		}
	}
	html_table_end(h);
	if (all > shown)
		html_paragraph(
			h, "note",
			"%zu smaller functions, together %.1f instructions a request, are left out.",
			all - shown, rest);
}

/* Parts of both, in the newer one's order; parts only of the older one at the end. */
static void parts_table(struct html *h, const struct report_data *d)
{
	static const char *const keys[] = { "instructions", "taken_branches", "l1i_misses",
					    "l1d_misses", "itlb_misses" };
	static const char *const columns[] = { "part",		"#generation",
					       "#instructions", "#taken branches",
					       "#L1I misses",	"#L1D misses",
					       "#iTLB misses",	NULL };
	const struct html_table table = { "parts", "A request, by part", columns, false };
	const struct report_generation *side[] = { d->from == d->to ? NULL : d->from, d->to };
	json_t *list = report_value(d->to->bench, "per_request_by"), *part;
	size_t i;

	if (!json_array_size(list))
		return;
	html_table_begin(h, &table);
	json_array_foreach(list, i, part) {
		const char *name = report_string(part, "name");

		for (size_t s = 0; name && s < 2; s++) {
			json_t *own = side[s] ? report_named(report_value(side[s]->bench,
									  "per_request_by"),
							     name)
					      : NULL;
			if (!own)
				continue;
			html_row(h, NULL);
			html_cell_name(h, name);
			html_add(h, "<td class=\"n\">%u", side[s]->number);
			for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
				html_cell_number(h, report_number(own, keys[k]), k < 2 ? 0 : 1);
		}
	}
	html_table_end(h);
}

void report_functions(struct html *h, const struct report_data *d, const struct report_limits *l)
{
	struct function *functions = NULL;
	bool has_from = d->from && d->from != d->to, has_to;

	report_section_begin(h, "functions", "Functions");
	if (d->to->bench)
		parts_table(h, d);
	has_from = has_from && add_generation(&functions, d->from, false);
	has_to = add_generation(&functions, d->to, true);
	if (has_to)
		function_table(h, d, functions, has_from, l->rows);
	else
		report_missing(h,
			       d->to->bench ? xasprintf("generation %u has no counts by function",
							d->to->number)
					    : d->to->why_no_bench,
			       report_bench_command(d, d->to));
	report_section_end(h);
}
