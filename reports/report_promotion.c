/* SPDX-License-Identifier: MIT */
/*
 * report_promotion.c - which generations were found good, by which checks, and which were not
 *
 * A row is what happened last to a generation at the gate (pipeline/promotion.h). Generations that were
 * never there have none.
 */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "report_sections.h"

/* "pass: answers after 0.70 s", as the gate says it; a forced or failed one has its reason. */
static void cell_check(struct html *h, const json_t *check)
{
	const char *result = report_string(check, "result");
	const char *why = report_string(check, "reason");

	if (!why)
		why = report_string(check, "summary");
	if (!result)
		html_cell_name(h, NULL);
	else
		html_cell_text(h, html_shortened(xasprintf("%s%s%s", result,
							   why && *why ? ": " : "", why ? why : ""),
						 h->name_bytes));
}

/* A roll-back checks nothing: what counts is the last time that it was checked. */
static const json_t *last_checked(const struct promotion *p)
{
	json_t *history = json_object_get(p->record, "history"), *found = NULL, *event;
	size_t i;

	json_array_foreach(history, i, event)
		found = json_object_get(event, "checks") ? event : found;
	return found;
}

static void row(struct html *h, const struct report_data *d, const struct promotion *p)
{
	bool is_to = p->number == d->to->number, is_from = d->from && p->number == d->from->number;
	char *state = promotion_describe(p);
	const json_t *event = last_checked(p), *checks = json_object_get(event, "checks");

	html_row(h, is_to ? "now" : is_from ? "then" : NULL);
	html_cell_number(h, p->number, 0);
	html_cell_text(h, html_shortened(state, h->name_bytes));
	html_cell_number(h, report_number(event, "against"), 0);
	html_cell_name(h, report_string(event, "budget"));
	for (size_t i = 0; promotion_checks[i]; i++)
		cell_check(h, json_object_get(checks, promotion_checks[i]));
	free(state);
}

static void table(struct html *h, const struct report_data *d, const struct report_limits *l)
{
	static const char *const columns[] = { "#generation", "state", "#against", "budget",
					       "boot",	      "tests", "audit",	   "bench",
					       "compared",    NULL };
	const struct html_table t = { "promotions", "At the gate", columns, false };
	size_t n = d->promotions.n, first = n > l->rows ? n - l->rows : 0;

	html_table_begin(h, &t);
	for (size_t i = first; i < n; i++)
		row(h, d, &d->promotions.v[i]);
	html_table_end(h);
	report_left_out(h, n, n - first, "generations, which are older,");
}

void report_promotion(struct html *h, const struct report_data *d, const struct report_limits *l)
{
	const struct promoted *top = promotions_top(&d->promotions);

	report_section_begin(h, "promotion", "Promotion");
	/* sentences of promotion.h have paths, and the page does not */
	if (d->promotions.damage)
		report_missing(h, "a promotion.json was changed or is broken",
			       xasprintf("make generations APP=%s", d->app));
	else if (!d->promotions.n)
		report_missing(h, "no generation was at the gate",
			       xasprintf("make promote APP=%s", d->app));
	else if (top)
		html_paragraph(h, NULL, "Generation %u is promoted%s.", top->number,
			       top->is_there ? "" : ", but it is gone");
	else
		html_paragraph(h, NULL, "No generation is promoted.");
	if (d->promotions.disagreement)
		html_paragraph(
			h, "note",
			"The link 'promoted' is another one than the records say; the next make promote "
			"or make rollback puts it right.");
	if (d->promotions.n && !d->promotions.damage)
		table(h, d, l);
	report_section_end(h);
}
