/* SPDX-License-Identifier: MIT */
#include "diff_render.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "diff_render_symbols.h"
#include "field.h"
#include "page.h"
#include "quantity.h"

/* A hash is known by its first digits. */
static char *value_text(const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text)
		return xstrdup("none");
	if (strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64)
		return xstrndup(text, 12);
	return xstrdup(text);
}

static void render_change(struct page *p, const json_t *input)
{
	char *from = value_text(json_object_get(input, "from"));
	char *to = value_text(json_object_get(input, "to"));

	page_paragraph(p, "  ", "%s: %s -> %s", field_text(input, "name"), from, to);
	free(from);
	free(to);
}

static void render_names(struct page *p, const char *label, const struct strlist *names)
{
	char *joined;

	if (!names->n)
		return;
	joined = strlist_join(names, ", ");
	page_paragraph(p, label, "%s", joined);
	free(joined);
}

/* Add `name` to the list that fits; a component is in one of them by its name alone. */
static void sort_input(const json_t *input, struct strlist *same, struct strlist *unknown)
{
	const char *component = field_text(input, "component"), *what = field_text(input, "what");
	bool is_unknown = json_is_null(json_object_get(input, "changed"));
	struct strlist *list = is_unknown ? unknown : same;
	char *name = !*component  ? xstrdup(field_text(input, "name"))
		     : is_unknown ? xasprintf("each component's %s", what)
				  : xstrdup(component);

	if (!strlist_has(list, name))
		strlist_push(list, name);
	free(name);
}

static bool has_changed(const json_t *inputs, const char *component)
{
	json_t *input;
	size_t i;

	json_array_foreach(inputs, i, input)
		if (*component && !strcmp(field_text(input, "component"), component) &&
		    json_is_true(json_object_get(input, "changed")))
			return true;
	return false;
}

/* What changed, a line each; what did not and what nobody knows, as two lists. */
static void render_inputs(struct page *p, const json_t *record)
{
	struct strlist same = STRLIST_INIT, unknown = STRLIST_INIT;
	json_t *inputs = json_object_get(record, "inputs"), *input;
	size_t i;

	page_heading(p, "inputs");
	json_array_foreach(inputs, i, input) {
		const json_t *changed = json_object_get(input, "changed");

		if (json_is_true(changed))
			render_change(p, input);
		else if (json_is_null(changed) ||
			 !has_changed(inputs, field_text(input, "component")))
			sort_input(input, &same, &unknown);
	}
	render_names(p, "  same: ", &same);
	render_names(p, "  not recorded: ", &unknown);
	strlist_release(&same);
	strlist_release(&unknown);
}

static char *generation_title(const json_t *record, const char *side)
{
	return xasprintf("gen %lld", (long long)field_integer(record, side));
}

static void render_parts(struct page *p, const json_t *record)
{
	const struct page_column columns[] = { { "size", -32 },
					       { generation_title(record, "from"), 11 },
					       { generation_title(record, "to"), 11 },
					       { "change", 11 },
					       { "", 9 } };
	json_t *parts = field_at(record, "size.parts"), *part;
	size_t i;

	page_heading(p, "size by part");
	page_table(p, columns, ARRAY_SIZE(columns));
	json_array_foreach(parts, i, part) {
		json_int_t from = field_integer(part, "from"), to = field_integer(part, "to");
		int depth = (int)field_integer(part, "depth");
		char *name = xasprintf("%*s%s", depth < 0 || depth > 9 ? 2 : 2 + 2 * depth, "",
				       field_text(part, "name"));
		char *before = fs_human_bytes((uint64_t)from), *now = fs_human_bytes((uint64_t)to);
		char *change = quantity_bytes_change(to - from);
		char *percent = quantity_percent_of(from, to);
		const char *const cells[] = { name, before, now, change, percent };

		page_row(p, cells);
		free(name);
		free(before);
		free(now);
		free(change);
		free(percent);
	}
}

static void render_list(struct page *p, const char *label, const json_t *list)
{
	struct strlist names = STRLIST_INIT;
	json_t *name;
	size_t i;

	json_array_foreach(list, i, name)
		if (json_is_string(name))
			strlist_push(&names, json_string_value(name));
	render_names(p, label, &names);
	strlist_release(&names);
}

static void render_set(struct page *p, const json_t *record, const char *key, const char *title)
{
	const json_t *set = json_object_get(record, key);

	if (!json_is_object(set))
		return;
	page_paragraph(p, "  ", "%s: %lld -> %lld", title, (long long)field_integer(set, "from"),
		       (long long)field_integer(set, "to"));
	render_list(p, "    came: ", json_object_get(set, "added"));
	render_list(p, "    went: ", json_object_get(set, "removed"));
}

static void render_surface(struct page *p, const json_t *record)
{
	page_heading(p, "what the guest offers");
	render_set(p, record, "syscalls", "system calls");
	render_set(p, record, "drivers", "drivers");
	render_set(p, record, "functions", "kernel functions");
}

/* "p=0.008 n=5+5", "deterministic" */
static char *certainty(const json_t *measure)
{
	const json_t *n = json_object_get(measure, "n"), *p = json_object_get(measure, "p");
	long long from = (long long)json_integer_value(json_array_get(n, 0));
	long long to = (long long)json_integer_value(json_array_get(n, 1));

	if (json_is_true(json_object_get(measure, "deterministic")))
		return xstrdup("deterministic");
	if (json_is_number(p))
		return xasprintf("p=%.3f n=%lld+%lld", json_number_value(p), from, to);
	return xasprintf("n=%lld+%lld", from, to);
}

static void render_measure(struct page *p, const json_t *m)
{
	const char *unit = field_text(m, "unit"), *part = field_text(m, "part");
	char *title = *part ? xasprintf("    %s", part) : xasprintf("  %s", field_text(m, "title"));
	char *from = quantity_measure(json_number_value(json_object_get(m, "from")), unit);
	char *to = quantity_measure(json_number_value(json_object_get(m, "to")), unit);
	char *percent = json_is_true(json_object_get(m, "significant"))
				? quantity_percent(json_object_get(m, "percent"))
				: xstrdup("~");
	char *sure = certainty(m);
	const char *const cells[] = { title, from, to, percent, sure };

	page_row(p, cells);
	free(title);
	free(from);
	free(to);
	free(percent);
	free(sure);
}

/* Groups of measures that are one table (diff_measures.c). */
static const struct {
	const char *title, *groups[5];
} tables[] = {
	{ "counted, per request", { "counts" } },
	{ "counted while booting", { "boot" } },
	{ "by instruction count as the clock", { "icount" } },
	{ "wall clock", { "latency", "throughput", "boot time" } },
	{ "memory", { "memory", "memory least" } },
};

/* Is the measure in this table? Parts are shown of instructions only; JSON has the others. */
static bool is_shown(const json_t *m, size_t table)
{
	const char *group = field_text(m, "group"), *name = field_text(m, "name");

	if (*field_text(m, "part") && strncmp(name, "instructions_", strlen("instructions_")))
		return false;
	for (size_t g = 0; g < ARRAY_SIZE(tables[table].groups); g++)
		if (tables[table].groups[g] && !strcmp(tables[table].groups[g], group))
			return true;
	return false;
}

static void render_table(struct page *p, const json_t *record, size_t table)
{
	const struct page_column columns[] = { { "", -28 },
					       { generation_title(record, "from"), 11 },
					       { generation_title(record, "to"), 11 },
					       { "change", 9 },
					       { "", -15 } };
	json_t *measures = json_object_get(record, "measures"), *m;
	bool started = false;
	size_t i;

	json_array_foreach(measures, i, m) {
		if (!is_shown(m, table))
			continue;
		if (!started) {
			bool emulated = json_is_true(json_object_get(m, "emulated"));

			page_heading(p, "%s%s", tables[table].title,
				     emulated ? ", emulated: no part of the verdict" : "");
			page_table(p, columns, ARRAY_SIZE(columns));
		}
		started = true;
		render_measure(p, m);
	}
}

/* Nothing of an earlier version's record, which has no note. */
static void render_note(struct page *p, const json_t *record)
{
	const char *note = field_text(record, "measures_note");

	if (!*note)
		return;
	page_heading(p, "how far the counts can be believed");
	page_paragraph(p, "  ", "%s", note);
}

static void render_not_compared(struct page *p, const json_t *record)
{
	json_t *list = json_object_get(record, "not_compared"), *entry;
	size_t i;

	if (!json_array_size(list))
		return;
	page_heading(p, "not compared");
	json_array_foreach(list, i, entry)
		page_paragraph(p, "  ", "%s: %s", field_text(entry, "what"),
			       field_text(entry, "why"));
}

static void render_limit(struct page *p, const json_t *limit)
{
	const json_t *ok = json_object_get(limit, "ok"), *percent;
	double from = json_number_value(json_object_get(limit, "from"));
	double to = json_number_value(json_object_get(limit, "to"));
	const char *text = field_text(limit, "limit"), *why = field_text(limit, "why");
	char *change;

	percent = json_object_get(limit, "percent");
	change = json_is_number(percent) ? quantity_percent(percent)
					 : xasprintf("%.15g -> %.15g", from, to);
	if (json_is_true(ok))
		page_status(p, "green", "within budget:", xasprintf("%s (%s)", text, change));
	else if (json_is_false(ok))
		page_status(p, "red", "over budget:", xasprintf("%s (%s)", text, change));
	else
		page_status(p, "yellow", "cannot compare:", xasprintf("%s: %s", text, why));
	free(change);
}

static void render_verdict(struct page *p, const json_t *record)
{
	json_t *budget = json_object_get(record, "budget"), *limit;
	size_t i;

	page_heading(p, "verdict");
	page_paragraph(p, "", "%s", json_string_value(field_at(record, "verdict.text")) ?: "none");
	json_array_foreach(budget, i, limit)
		render_limit(p, limit);
}

void diff_render(FILE *to, const json_t *record, const struct diff_view *view)
{
	struct page p = { .to = to, .is_markdown = view->is_markdown };
	const char *load = field_text(record, "load");

	page_paragraph(&p, view->is_markdown ? "Comparison of " : "",
		       "%s: generation %lld -> %lld%s%s", field_text(record, "app"),
		       (long long)field_integer(record, "from"),
		       (long long)field_integer(record, "to"), *load ? ", load " : "", load);
	render_inputs(&p, record);
	render_parts(&p, record);
	diff_render_symbols(&p, record, view);
	render_surface(&p, record);
	for (size_t table = 0; table < ARRAY_SIZE(tables); table++)
		render_table(&p, record, table);
	render_note(&p, record);
	render_not_compared(&p, record);
	render_verdict(&p, record);
}
