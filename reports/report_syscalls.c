/* SPDX-License-Identifier: MIT */
/*
 * report_syscalls.c - the system calls that the programs can make, with the places that make them, and
 * those that the kernel does not have any more
 */
#include <math.h>
#include <string.h>

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "report_sections.h"

/* [[1],null,[0,2]] -> "1, any, 0|2": what is known of each argument. */
static char *arguments_text(const json_t *arguments)
{
	struct strlist words = STRLIST_INIT;
	json_t *argument, *value;
	size_t i, v;

	json_array_foreach(arguments, i, argument) {
		struct strlist values = STRLIST_INIT;

		json_array_foreach(argument, v, value)
			strlist_pushf(&values, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		strlist_push(&words, values.n ? strlist_join(&values, "|") : "any");
		strlist_release(&values);
	}
	return strlist_join(&words, ", ");
}

static void site_item(struct html *h, const json_t *site)
{
	const char *program = report_string(site, "program"), *file = report_string(site, "file");
	const char *caller = report_string(site, "caller"), *how = report_string(site, "how");
	const char *function = report_string(site, "function");
	char *arguments = arguments_text(json_object_get(site, "arguments"));

	html_raw(h, "<li>");
	html_name(h, program ? program : "?");
	html_raw(h, ": ");
	html_name(h, caller && *caller ? caller : function);
	if (caller && *caller && function && strcmp(caller, function)) {
		html_raw(h, " calls ");
		html_name(h, function);
	}
	if (file && *file) {
		html_raw(h, ", ");
		html_name(h, file);
		html_add(h, ":%.0f",
			 report_number(site, "line") > 0 ? report_number(site, "line") : 0);
	}
	if (*arguments) {
		html_raw(h, " (");
		html_text(h, html_shortened(arguments, h->name_bytes));
		html_raw(h, ")");
	}
	if (how && strcmp(how, "syscall instruction")) {
		html_raw(h, ", ");
		html_text(h, html_shortened(how, h->name_bytes));
	}
}

static void sites_cell(struct html *h, const json_t *sites, size_t limit)
{
	size_t n = json_array_size(sites), i;
	json_t *site;

	html_raw(h, "<td>");
	if (!n)
		return;
	html_raw(h, "<details><summary>");
	site = json_array_get(sites, 0);
	html_name(h, report_string(site, "caller") && *report_string(site, "caller")
			     ? report_string(site, "caller")
			     : report_string(site, "function"));
	if (n > 1)
		html_add(h, " and %zu more", n - 1);
	html_raw(h, "</summary><ul>");
	json_array_foreach(sites, i, site) {
		if (i == limit) {
			html_add(h, "<li>%zu more in syscalls.json", n - limit);
			break;
		}
		site_item(h, site);
	}
	html_raw(h, "</ul></details>");
}

static void kept_table(struct html *h, const json_t *kept, const struct report_limits *l)
{
	static const char *const columns[] = { "#number", "system call", "#call sites",
					       "where (arguments as far as they are known)", NULL };
	const struct html_table table = { "syscalls-kept", "System calls that were kept", columns,
					  true };
	size_t sites_each = l->rows / 32 + 4, i;
	json_t *call;

	html_table_begin(h, &table);
	json_array_foreach(kept, i, call) {
		const json_t *sites = json_object_get(call, "sites");

		if (i == l->rows)
			break;
		html_row(h, NULL);
		html_cell_number(h, report_number(call, "number"), 0);
		html_cell_name(h, report_string(call, "name"));
		html_cell_number(h, (double)json_array_size(sites), 0);
		sites_cell(h, sites, sites_each);
	}
	html_table_end(h);
	report_left_out(h, json_array_size(kept), l->rows, "system calls");
}

static void dropped_list(struct html *h, const json_t *dropped, const struct report_limits *l)
{
	json_t *call;
	size_t i;

	html_add(
		h,
		"<h3>Dropped: %zu</h3>\n<p>No program of the image has a call of these; the kernel's code for them "
		"is gone. A call would print its number on the console and return <code>ENOSYS</code>.</p>\n<p class=\"words\">",
		json_array_size(dropped));
	json_array_foreach(dropped, i, call) {
		if (i == l->rows)
			break;
		html_name(h, report_string(call, "name"));
		html_raw(h, " ");
	}
	html_raw(h, "</p>\n");
	report_left_out(h, json_array_size(dropped), l->rows, "system calls");
}

void report_syscalls(struct html *h, const struct report_data *d, const struct report_limits *l)
{
	json_t *syscalls = d->to->syscalls;
	json_t *kept = json_object_get(syscalls, "kept");
	json_t *dropped = report_value(d->to->shake, "syscalls.dropped");

	report_section_begin(h, "syscalls", "System calls");
	if (kept) {
		html_paragraph(
			h, NULL,
			"Generation %u: %zu system calls are kept, because the image's programs can make them; %zu "
			"are dropped.",
			d->to->number, json_array_size(kept), json_array_size(dropped));
		kept_table(h, kept, l);
	} else {
		report_missing(h, "the generation has no syscalls.json",
			       xasprintf("make image APP=%s SHAKE=full", d->app));
	}
	if (json_array_size(dropped))
		dropped_list(h, dropped, l);
	report_section_end(h);
}
