/* SPDX-License-Identifier: MIT */
/*
 * report_tests.c - the app's own tests against this image (pipeline/test-app.c)
 */
#include "../pipeline/lib/util.h"
#include "report_sections.h"

static void counts(struct html *h, const json_t *object)
{
	html_cell_number(h, report_number(object, "passed"), 0);
	html_cell_number(h, report_number(object, "failed"), 0);
	html_cell_number(h, report_number(object, "skipped"), 0);
}

static void all_tests(struct html *h, const json_t *tests)
{
	static const char *const columns[] = { "test",	 "#passed", "#failed", "#skipped",
					       "result", "reason",  NULL };
	const struct html_table table = { "test-table", "The app's tests", columns, false };
	json_t *test;
	size_t i;

	html_table_begin(h, &table);
	json_array_foreach(json_object_get(tests, "tests"), i, test) {
		html_row(h, NULL);
		html_cell_name(h, report_string(test, "name"));
		counts(h, test);
		html_cell_text(h, report_string(test, "result"));
		html_cell_text(h, report_string(test, "reason"));
	}
	html_row(h, "now");
	html_cell_text(h, "all");
	counts(h, tests);
	html_cell_text(h, report_string(tests, "result"));
	html_cell_text(h, "");
	html_table_end(h);
}

/* What failed, and what was left out. */
static void points(struct html *h, const json_t *tests, size_t most)
{
	static const char *const columns[] = { "test", "what", "result", "reason", NULL };
	const struct html_table table = { "test-points", "Not passed", columns, false };
	size_t all = 0, i, p;
	json_t *test, *point;

	json_array_foreach(json_object_get(tests, "tests"), i, test)
		all += json_array_size(json_object_get(test, "points"));
	if (!all)
		return;
	html_table_begin(h, &table);
	most = all < most ? all : most;
	all = 0;
	json_array_foreach(json_object_get(tests, "tests"), i, test)
		json_array_foreach(json_object_get(test, "points"), p, point) {
			if (all++ >= most)
				continue;
			html_row(h, NULL);
			html_cell_name(h, report_string(test, "name"));
			html_cell_name(h, report_string(point, "name"));
			html_cell_text(h, report_string(point, "result"));
			html_cell_name(h, report_string(point, "reason"));
		}
	html_table_end(h);
	report_left_out(h, all, most, "points");
}

void report_tests(struct html *h, const struct report_data *d, const struct report_limits *l)
{
	const json_t *tests = d->to->tests;
	double dropped = report_number(tests, "dropped");
	const char *stopped = report_string(tests, "stopped");

	report_section_begin(h, "tests", "Tests of the app");
	if (!tests) {
		report_missing(h, d->to->why_no_tests,
			       xasprintf("make test-app APP=%s GEN=%u", d->app, d->to->number));
		report_section_end(h);
		return;
	}
	all_tests(h, tests);
	html_raw(h, "<p>Dropped system calls hit: ");
	html_text(h, dropped >= 0 ? xasprintf("%.0f", dropped) : "not known");
	html_text(h, stopped ? xasprintf(". After the tests, %s.", stopped) : ".");
	html_raw(h, "</p>\n");
	points(h, tests, l->rows);
	report_section_end(h);
}
