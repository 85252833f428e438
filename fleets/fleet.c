/* SPDX-License-Identifier: MIT */
/*
 * fleet - recordings of many hosts and several generations, as one recording a generation
 *
 *   fleet run   --out OUT --app APP [--weights FILE] [--keep-outliers] [--plan PLAN.json]
 *               --output DIR RECORDS...
 *
 * or, for many workers, each with some of the recordings:
 *
 *   fleet scan  --out OUT --app APP --output SKETCHES RECORDS...             each worker
 *   fleet judge [--weights FILE] [--keep-outliers] --output PLAN.json SKETCHES...     one
 *   fleet sum   --out OUT --app APP --plan PLAN.json --output PART RECORDS...   each worker
 *   fleet merge --output DIR PART...                                                  one
 *
 * RECORDS are recordings, directories of recordings, list files (records.h), or "-", a list on
 * standard input. DIR and PART must not be there yet. The result is the same to the byte
 * however the recordings are ordered and spread over workers. DIR has a recording for
 * each generation, for profile-store add.
 *
 * Exit status 1: no recording is left that counts; PLAN.json says why.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/term.h"
#include "../pipeline/lib/util.h"
#include "part.h"

struct options {
	const char *out, *app, *weights, *plan, *output, *command;
	bool keep_outliers;
	struct strlist words;
};

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where the generations are", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "weights", 'w', "FILE", 0, "what shall count how much (docs/fleets.md)", 0 },
	{ "keep-outliers", 'k', NULL, 0, "let recordings count that are unlike all others", 0 },
	{ "plan", 'p', "FILE", 0, "sum: the judge's plan; run: write it there, too", 0 },
	{ "output", 'O', "PATH", 0, "what is made", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o': o->out = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'w': o->weights = arg; return 0;
	case 'k': o->keep_outliers = true; return 0;
	case 'p': o->plan = arg; return 0;
	case 'O': o->output = arg; return 0;
	case ARGP_KEY_ARG:
		if (o->command)
			strlist_push(&o->words, arg);
		else
			o->command = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->command || !o->output || (o->app && (!*o->app || strchr(o->app, '/'))))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* Dies if an option is missing that the command needs. */
static void xneed(const struct options *o, const char *option, const char *value)
{
	if (value)
		return;
	fprintf(stderr, "error: fleet %s needs %s\n", o->command, option);
	exit(EXIT_USAGE);
}

static void xread_records(struct records *r, const struct options *o)
{
	size_t twice;

	for (size_t i = 0; i < o->words.n; i++)
		xrecords_add(r, o->words.v[i]);
	twice = records_sort(r);
	if (twice)
		warn("%zu recordings are named more than once; each counts once", twice);
}

static void progress(const char *what, size_t done, size_t all)
{
	if (!term_is_live())
		return;
	if (done == all)
		fprintf(stderr, "\r%*s\r", (int)strlen(what) + 24, "");
	else if (done % 10 == 0)
		fprintf(stderr, "\r%s %zu of %zu", what, done, all);
}

/* A sketch of each recording, or why it is of no use. */
static void scan(struct sketches *all, const struct records *records, struct programs *programs)
{
	all->app = xstrdup(programs->builds.app);
	for (size_t i = 0; i < records->n; i++) {
		struct reading r;
		struct sketch s;
		char *error = reading_open(&r, programs, records->v[i].label);

		if (error)
			sketch_refuse(&s, &records->v[i], error);
		else
			sketch_make(&s, &records->v[i], &r);
		sketches_push(all, &s);
		reading_release(&r);
		progress("reading recording", i + 1, records->n);
	}
}

static int run_scan(const struct options *o)
{
	struct sketches all = { 0 };
	struct records records = { 0 };
	struct programs programs;
	size_t bytes, refused = 0;
	char *text;

	xneed(o, "--out and --app", o->out ? o->app : NULL);
	xread_records(&records, o);
	xprograms_find(&programs, o->out, o->app);
	scan(&all, &records, &programs);
	text = sketches_format(&all, &bytes);
	xfs_write(o->output, text, bytes);
	for (size_t i = 0; i < all.n; i++)
		refused += all.v[i].refused != NULL;
	say(0, "%zu recordings scanned, %zu of them of no use", all.n, refused);
	return EXIT_YES;
}

static void xread_wishes(struct wishes *w, const struct options *o)
{
	char *text, *error;
	size_t bytes;

	*w = (struct wishes)WISHES_DEFAULT;
	if (!o->weights)
		return;
	text = xfs_read(o->weights, &bytes);
	error = wishes_parse(w, o->weights, text, bytes);
	if (error)
		die("%s", error);
	free(text);
}

/* Judge, tell, and make the plan. */
static json_t *plan(struct sketches *all, const struct options *o, int *status)
{
	struct judgement j;
	struct wishes w;
	json_t *json;

	if (!all->n)
		die_hint("name recordings, directories of them, or a list file (docs/fleets.md)",
			 "there are no recordings");
	xread_wishes(&w, o);
	judge(&j, all, &w, o->keep_outliers);
	json = plan_make(&j, all->app);
	plan_print(&j, all->app);
	fflush(stdout);
	*status = j.counting ? EXIT_YES : EXIT_NO;
	if (!j.counting)
		fprintf(stderr, "refused: no recording is left that counts\n");
	return json;
}

static int run_judge(const struct options *o)
{
	struct sketches all = { 0 };
	int status;

	for (size_t i = 0; i < o->words.n; i++) {
		size_t bytes;
		char *text = xfs_read(o->words.v[i], &bytes);
		char *error = sketches_parse(&all, o->words.v[i], text, bytes);

		if (error)
			die("%s", error);
		free(text);
	}
	xjson_write(o->output, plan(&all, o, &status));
	return status;
}

static void xsum_one(struct part *part, const struct plan *p, size_t index,
		     struct programs *programs)
{
	const struct plan_record *planned = &p->records[index];
	const struct plan_group *group = &p->groups[planned->group];
	struct reading r;
	char *error = reading_open(&r, programs, planned->label);

	if (error)
		die("the recording '%s' was good when it was scanned, and is not now: %s",
		    planned->label, error);
	if (strcmp(r.id, planned->id) ||
	    r.build->number !=
		    (unsigned)json_integer_value(json_object_get(group->record, "generation")))
		die_hint("scan and judge again",
			 "the recording '%s' has changed since it was scanned", planned->label);
	total_add(&part->totals[planned->group], &r, planned->instructions);
	part->has[index] = true;
	reading_release(&r);
}

static void sum(struct part *part, const struct plan *p, const struct records *records,
		struct programs *programs)
{
	part_start(part, p);
	for (size_t i = 0; i < records->n; i++) {
		const char *label = records->v[i].label;
		size_t index = plan_find(p, label);

		if (index < p->record_count)
			xsum_one(part, p, index, programs);
		else if (!plan_refuses(p, label))
			die_hint("scan and judge what is to be summed up",
				 "the recording '%s' is not in the plan", label);
		progress("adding up recording", i + 1, records->n);
	}
}

static int run_sum(const struct options *o)
{
	struct records records = { 0 };
	struct programs programs;
	struct part part;
	struct plan p;
	char *error;

	xneed(o, "--out and --app", o->out ? o->app : NULL);
	xneed(o, "--plan", o->plan);
	xread_records(&records, o);
	error = plan_open(&p, xjson_read(o->plan));
	if (error)
		die("'%s': %s", o->plan, error);
	if (strcmp(p.app, o->app))
		die("'%s' is a plan for '%s', not for '%s'", o->plan, p.app, o->app);
	xprograms_find(&programs, o->out, o->app);
	sum(&part, &p, &records, &programs);
	xpart_write(&part, o->output);
	return EXIT_YES;
}

static int run_merge(const struct options *o)
{
	struct part all = { 0 };

	if (!o->words.n)
		die("fleet merge: which parts? name their directories");
	for (size_t i = 0; i < o->words.n; i++) {
		struct part one;

		xpart_read(i ? &one : &all, o->words.v[i]);
		if (i) {
			xpart_join(&all, &one, o->words.v[i]);
			part_release(&one);
		}
	}
	xpart_finish(&all, o->output);
	return EXIT_YES;
}

static int run_all(const struct options *o)
{
	struct sketches all = { 0 };
	struct records records = { 0 };
	struct programs programs;
	struct rusage usage;
	struct part part;
	struct plan p;
	json_t *json;
	int status;

	xneed(o, "--out and --app", o->out ? o->app : NULL);
	if (fs_exists(o->output))
		die_hint("remove it, or name another one", "'%s' is there already", o->output);
	xread_records(&records, o);
	xprograms_find(&programs, o->out, o->app);
	scan(&all, &records, &programs);
	json = plan(&all, o, &status);
	sketches_release(&all);
	if (o->plan)
		xjson_write(o->plan, json);
	if (status != EXIT_YES)
		return status;
	if (plan_open(&p, json))
		die("the plan cannot be read back: this is a bug");
	sum(&part, &p, &records, &programs);
	xpart_finish(&part, o->output);
	getrusage(RUSAGE_SELF, &usage);
	say(1, "%.1f s of processor time, at most %ld MB of memory",
	    (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
		    (double)usage.ru_stime.tv_sec,
	    usage.ru_maxrss / 1024);
	return EXIT_YES;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
	} commands[] = { { "run", run_all },
			 { "scan", run_scan },
			 { "judge", run_judge },
			 { "sum", run_sum },
			 { "merge", run_merge } };
	static const struct argp argp = {
		options,
		parse_option,
		"run RECORDS...|scan RECORDS...|judge SKETCHES...|sum RECORDS...|merge PART...",
		"Make one recording a generation out of those of many hosts.",
		NULL,
		NULL,
		NULL
	};
	struct options o = { 0 };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(o.command, commands[i].name))
			return commands[i].run(&o);
	fprintf(stderr, "error: there is no command '%s'; there are run, scan, judge, sum, merge\n",
		o.command);
	return EXIT_USAGE;
}
