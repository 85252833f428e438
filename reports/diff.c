/* SPDX-License-Identifier: MIT */
/*
 * diff - compare two generations of an app, from their files alone
 *
 *   diff --out out --app nginx [--from 0] [--to 7] [--load NAME] [--budget 'size<=+1%']
 *   diff --render out/nginx/diff-0-7.json
 *
 * Writes OUT/APP/diff-A-B.json (schema 1; with --load diff-A-B-LOAD.json), and prints it as text,
 * Markdown or JSON. With --render an earlier one is printed again.
 *
 * schema 1, all sizes in bytes and times in nanoseconds:
 *   app, from, to, load (null: the recipe's own)
 *   inputs        reports/diff_inputs.h
 *   size          parts (diff_surface.h), units and symbols (diff_symbols.h)
 *   syscalls, drivers { from, to, added, removed }, functions { from, to }
 *   measures, measures_note  diff_measures.h
 *   not_compared  [ { what, why } ]: nothing is left out silently
 *   budget        diff_budget.h
 *   verdict       { text, gate: null, "pass", "fail" or "cannot compare" }
 *
 * Exit status: 0; with a budget 1 if it is exceeded, 2 if it cannot be told.
 */
#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "diff_bench.h"
#include "diff_budget.h"
#include "diff_inputs.h"
#include "diff_measures.h"
#include "diff_render.h"
#include "diff_side.h"
#include "diff_surface.h"
#include "diff_symbols.h"
#include "diff_verdict.h"
#include "field.h"

struct options {
	const char *out, *app, *from, *to, *load, *budget, *format, *render;
	struct diff_view view;
	struct budget limits;
};

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where generations are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "from", 'f', "N", 0, "a generation; the one before the other if left out", 0 },
	{ "to", 't', "N", 0, "a generation; the newest if left out", 0 },
	{ "load", 'L', "NAME", 0, "what was measured under this load, not the recipe's own", 0 },
	{ "budget", 'b', "LIMITS", 0, "how much worse it may be, see below", 0 },
	{ "format", 'F', "FORMAT", 0, "text, md or json", 0 },
	{ "lines", 'n', "N", 0, "how many symbols to print, 0 for all; 25 if left out", 0 },
	{ "threshold", 'T', "BYTES", 0, "print no smaller changes of symbols", 0 },
	{ "render", 'r', "FILE", 0, "print this comparison again", 0 },
	{ 0 }
};

static json_int_t parse_count(struct argp_state *state, const char *what, const char *text)
{
	if (!*text || text[strspn(text, "0123456789")] || strlen(text) > 15)
		argp_error(state, "%s is a number, not '%s'", what, text);
	return strtoll(text, NULL, 10);
}

static void check(struct options *o, struct argp_state *state)
{
	char *why = budget_parse(&o->limits, o->budget ? o->budget : "");

	if (why)
		argp_error(state, "the budget cannot be read: %s", why);
	if (strcmp(o->format, "text") && strcmp(o->format, "md") && strcmp(o->format, "json"))
		argp_error(state, "there is no format '%s'; there are: text md json", o->format);
	if (o->load && (strchr(o->load, '/') || !*o->load))
		argp_error(state, "'%s' is not the name of a load", o->load);
	if (o->render && o->limits.n)
		argp_error(state, "a budget is judged when two generations are compared, and what "
				  "--render prints again keeps its verdict: leave --budget out, or "
				  "compare with --out and --app");
	if (!o->render && (!o->out || !o->app))
		argp_usage(state);
	o->view.is_markdown = !strcmp(o->format, "md");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o': o->out = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'f': o->from = arg; return 0;
	case 't': o->to = arg; return 0;
	case 'L': o->load = arg; return 0;
	case 'b': o->budget = arg; return 0;
	case 'F': o->format = arg; return 0;
	case 'n': o->view.lines = (size_t)parse_count(state, "LINES", arg); return 0;
	case 'T': o->view.threshold_bytes = parse_count(state, "THRESHOLD", arg); return 0;
	case 'r': o->render = arg; return 0;
	case ARGP_KEY_END: check(o, state); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static json_t *compare(const struct options *o, const struct diff_sides *sides)
{
	struct diff_benches benches;
	json_t *record = json_pack("{s:i, s:s, s:I, s:I, s:s?, s:[]}", "schema", 1, "app", o->app,
				   "from", (json_int_t)sides->from.number, "to",
				   (json_int_t)sides->to.number, "load", o->load, "not_compared");

	diff_inputs(record, sides);
	diff_parts(record, sides);
	diff_symbols(record, sides);
	diff_surface(record, sides);
	diff_benches_open(&benches, record, sides, o->load);
	diff_measures(record, &benches);
	diff_verdict(record, budget_apply(&o->limits, record));
	return record;
}

static json_t *make(const struct options *o)
{
	struct diff_sides sides;
	json_t *record;

	xdiff_sides_open(&sides, o->out, o->app, o->from, o->to);
	record = compare(o, &sides);
	xjson_write(xasprintf("%s/%s/diff-%u-%u%s%s.json", o->out, o->app, sides.from.number,
			      sides.to.number, o->load ? "-" : "", o->load ? o->load : ""),
		    record);
	return record;
}

static json_t *read_again(const char *path)
{
	json_t *record = xjson_read(path);

	if (field_integer(record, "schema") != 1 || !json_is_object(field_at(record, "verdict")))
		die_hint("such files are out/APP/diff-A-B.json, made by 'make diff'",
			 "'%s' is no comparison of schema 1", path);
	return record;
}

static int status_of(const json_t *record)
{
	const char *gate = json_string_value(field_at(record, "verdict.gate"));

	if (!gate || !strcmp(gate, "pass"))
		return EXIT_YES;
	return strcmp(gate, "fail") ? EXIT_FAILED : EXIT_NO;
}

/* The names of what can be limited, below the list of options. */
static char *help_filter(int key, const char *text, void *input)
{
	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	return xasprintf(
		"LIMITS are words NAME<=LIMIT; a LIMIT is +1%% (of what it was), +0 (a change by that "
		"much) or 4.5Mi (at most that). What is better when higher has >=: "
		"throughput>=-5%%.\nNames: %s\n\n"
		"EXAMPLES:\n"
		"  diff --out out --app nginx --budget 'size<=+1%% instructions<=+0%%'\n"
		"  diff --render out/nginx/diff-0-7.json --format md",
		budget_names());
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Compare two generations of an app.\v ",
					  NULL,	   help_filter,
					  NULL };
	struct options o = { .format = "text", .view = { .lines = 25 } };
	json_t *record;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	record = o.render ? read_again(o.render) : make(&o);
	if (!strcmp(o.format, "json"))
		json_print(record);
	else
		diff_render(stdout, record, &o.view);
	if (fflush(stdout) || ferror(stdout))
		die("the comparison could not be printed: is the disk full?");
	return o.render ? EXIT_YES : status_of(record);
}
