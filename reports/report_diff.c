/* SPDX-License-Identifier: MIT */
/*
 * report_diff.c - diff-A-B.json as tables
 */
#include <math.h>
#include <string.h>

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "report_sections.h"

/* A value of any kind, as one line of text. A new string. */
static char *value_text(const json_t *value)
{
	char *text;

	if (!value || json_is_null(value))
		return xstrdup("none");
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	text = json_dumps(value,
			  JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_REAL_PRECISION(8));
	return text ? text : xstrdup("?");
}

static void changed_inputs(struct html *h, const json_t *inputs)
{
	static const char *const columns[] = { "input", "before", "now", NULL };
	const struct html_table table = { "inputs", "Inputs that changed", columns, false };
	json_t *input;
	size_t i;

	html_table_begin(h, &table);
	json_array_foreach(inputs, i, input) {
		if (!json_is_true(json_object_get(input, "changed")))
			continue;
		html_row(h, NULL);
		html_cell_text(h, report_string(input, "name"));
		html_cell_name(h, value_text(json_object_get(input, "from")));
		html_cell_name(h, value_text(json_object_get(input, "to")));
	}
	html_table_end(h);
}

static void inputs(struct html *h, const json_t *diff)
{
	json_t *list = json_object_get(diff, "inputs"), *input;
	struct strlist same = STRLIST_INIT, unknown = STRLIST_INIT;
	size_t i, changed = 0;

	json_array_foreach(list, i, input) {
		json_t *is_changed = json_object_get(input, "changed");
		const char *name = report_string(input, "name");

		if (json_is_true(is_changed))
			changed++;
		else if (name)
			strlist_push(json_is_false(is_changed) ? &same : &unknown, name);
	}
	if (changed)
		changed_inputs(h, list);
	if (same.n)
		html_paragraph(h, "note", "The same in both: %s.", strlist_join(&same, ", "));
	if (unknown.n)
		html_paragraph(h, "note", "Not recorded, so not compared: %s.",
			       strlist_join(&unknown, ", "));
}

/* "exact", "wall, emulated"; "under -icount", whose measures have the names of others. */
static const char *kind_of(const json_t *m)
{
	const char *kind = report_string(m, "kind"), *group = report_string(m, "group");

	if (group && !strcmp(group, "icount"))
		return "under -icount";
	if (!kind)
		return "?";
	return json_is_true(json_object_get(m, "emulated")) ? xasprintf("%s, emulated", kind)
							    : kind;
}

static void measures(struct html *h, const json_t *diff)
{
	static const char *const columns[] = { "measure", "kind",  "unit", "#before", "#now",
					       "#change", "#runs", "#p",   NULL };
	const struct html_table table = { "measures", "What was measured", columns, false };
	json_t *list = json_object_get(diff, "measures"), *m;
	const char *sessions = report_string(diff, "measures_note");
	size_t i;

	if (!json_array_size(list))
		return;
	html_table_begin(h, &table);
	json_array_foreach(list, i, m) {
		double percent = report_number(m, "percent");
		const char *title = report_string(m, "title");
		json_t *n = json_object_get(m, "n");
		bool noise = !json_is_true(json_object_get(m, "significant"));
		bool lower = json_is_true(json_object_get(m, "lower_is_better"));
		const char *class = noise || !(fabs(percent) > 0) ? NULL
				    : (percent < 0) == lower	  ? "better"
								  : "worse";

		html_row(h, class);
		html_cell_text(h, title ? title : report_string(m, "name"));
		html_cell_text(h, kind_of(m));
		html_cell_text(h, report_string(m, "unit"));
		html_cell_number(h, report_number(m, "from"),
				 fabs(report_number(m, "from")) < 100 ? 2 : 0);
		html_cell_number(h, report_number(m, "to"),
				 fabs(report_number(m, "to")) < 100 ? 2 : 0);
		html_cell_percent(h, noise && percent != 0 ? (double)NAN : percent, "~");
		html_raw(h, "<td class=\"n\">");
		if (json_array_size(n) == 2)
			html_add(h, "%.0f, %.0f", json_number_value(json_array_get(n, 0)),
				 json_number_value(json_array_get(n, 1)));
		html_cell_number(h, report_number(m, "p"), 3);
	}
	html_table_end(h);
	html_raw(
		h,
		"<p class=\"note\">~ is a difference that the noise of the runs can explain, or that too few runs were made to tell. "
		"p: Mann-Whitney, two-sided.</p>\n");
	if (sessions)
		html_paragraph(h, "note", "%s", sessions);
}

static void parts(struct html *h, const json_t *diff)
{
	static const char *const columns[] = { "part", "#before, bytes", "#now, bytes", "#change",
					       NULL };
	const struct html_table table = { "size-parts", "Size by part", columns, false };
	json_t *list = report_value(diff, "size.parts"), *part;
	size_t i;

	if (!json_array_size(list))
		return;
	html_table_begin(h, &table);
	json_array_foreach(list, i, part) {
		double depth = report_number(part, "depth");

		html_row(h, NULL);
		html_add(h, "<td class=\"depth%d\">", depth > 0 ? depth > 3 ? 3 : (int)depth : 0);
		html_text(h, report_string(part, "name") ? report_string(part, "name") : "?");
		html_cell_number(h, report_number(part, "from"), 0);
		html_cell_number(h, report_number(part, "to"), 0);
		html_cell_delta(h, report_number(part, "delta"), 0);
	}
	html_table_end(h);
}

static void units(struct html *h, const json_t *diff)
{
	static const char *const columns[] = { "unit",	      "#added",	 "#removed",
					       "#grew",	      "#shrank", "#bytes up",
					       "#bytes down", "#change", NULL };
	static const char *const keys[] = { "added",  "removed",  "grew",
					    "shrank", "up_bytes", "down_bytes" };
	const struct html_table table = { "size-units", "Symbols, by unit", columns, false };
	json_t *list = report_value(diff, "size.units"), *unit;
	size_t i;

	if (!json_array_size(list))
		return;
	html_table_begin(h, &table);
	json_array_foreach(list, i, unit) {
		html_row(h, NULL);
		html_cell_text(h, report_string(unit, "name"));
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			html_cell_number(h, report_number(unit, keys[k]), 0);
		html_cell_delta(h, report_number(unit, "delta_bytes"), 0);
	}
	html_table_end(h);
}

static void symbols(struct html *h, const json_t *diff, size_t rows)
{
	static const char *const columns[] = {
		"symbol", "unit", "#before", "#now", "#change", NULL
	};
	const struct html_table table = { "size-symbols", "Symbols that changed, bytes", columns,
					  true };
	json_t *list = report_value(diff, "size.symbols"), *symbol;
	size_t i;

	if (!json_array_size(list))
		return;
	html_table_begin(h, &table);
	json_array_foreach(list, i, symbol) {
		double from = report_number(symbol, "from"), to = report_number(symbol, "to");

		if (i == rows)
			break;
		html_row(h, NULL);
		html_cell_name(h, report_string(symbol, "name"));
		html_cell_text(h, report_string(symbol, "unit"));
		html_raw(h, "<td class=\"n\">");
		isfinite(from) ? html_number(h, from, 0) : html_raw(h, "new");
		html_raw(h, "<td class=\"n\">");
		isfinite(to) ? html_number(h, to, 0) : html_raw(h, "gone");
		html_cell_delta(h, report_number(symbol, "delta"), 0);
	}
	html_table_end(h);
	report_left_out(h, json_array_size(list), rows, "symbols with smaller changes");
}

static void names(struct html *h, const json_t *list, const char *what)
{
	json_t *name;
	size_t i;

	if (!json_array_size(list))
		return;
	html_add(h, "<p class=\"words\">%s: ", what);
	json_array_foreach(list, i, name) {
		char *text = value_text(report_string(name, "name") ? json_object_get(name, "name")
								    : name);

		html_name(h, text);
		html_raw(h, " ");
	}
	html_raw(h, "</p>\n");
}

static void not_compared(struct html *h, const json_t *diff)
{
	json_t *list = json_object_get(diff, "not_compared"), *entry;
	size_t i;

	if (!json_array_size(list))
		return;
	html_raw(h, "<h3>Not compared</h3>\n<ul>\n");
	json_array_foreach(list, i, entry) {
		const char *what = report_string(entry, "what"), *why = report_string(entry, "why");

		html_raw(h, "<li>");
		html_text(h, what ? what : "?");
		html_raw(h, ": ");
		html_text(h, why ? why : "?");
		html_raw(h, "\n");
	}
	html_raw(h, "</ul>\n");
}

static void budget(struct html *h, const json_t *diff)
{
	static const char *const columns[] = { "budget", "#limit, percent", "#is, percent", "kept?",
					       NULL };
	const struct html_table table = { "budgets", "Budget", columns, false };
	json_t *list = json_object_get(diff, "budget"), *entry;
	size_t i;

	if (!json_array_size(list))
		return;
	html_table_begin(h, &table);
	json_array_foreach(list, i, entry) {
		bool ok = json_is_true(json_object_get(entry, "ok"));

		html_row(h, ok ? "better" : "worse");
		html_cell_text(h, report_string(entry, "name"));
		html_cell_number(h, report_number(entry, "limit_percent"), 2);
		html_cell_number(h, report_number(entry, "percent"), 2);
		html_cell_text(h, ok ? "yes" : "no");
	}
	html_table_end(h);
}

void report_diff(struct html *h, const struct report_data *d, const struct report_limits *l)
{
	const char *verdict = report_string(d->diff, "verdict.text");

	report_section_begin(h, "diff", "Changes");
	if (!d->diff) {
		html_paragraph(h, "missing", "%s", d->why_no_diff);
		report_section_end(h);
		return;
	}
	html_paragraph(h, NULL, "From generation %u to generation %u.", d->from->number,
		       d->to->number);
	if (verdict)
		html_paragraph(h, "verdict", "%s", verdict);
	inputs(h, d->diff);
	measures(h, d->diff);
	budget(h, d->diff);
	not_compared(h, d->diff);
	parts(h, d->diff);
	units(h, d->diff);
	symbols(h, d->diff, l->rows);
	names(h, report_value(d->diff, "syscalls.added"), "System calls added");
	names(h, report_value(d->diff, "syscalls.removed"), "System calls removed");
	names(h, report_value(d->diff, "drivers.added"), "Drivers added");
	names(h, report_value(d->diff, "drivers.removed"), "Drivers removed");
	report_section_end(h);
}
