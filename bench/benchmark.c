/* SPDX-License-Identifier: MIT */
/*
 * benchmark - measure generations and peers in turn, so that they can be compared
 *
 *   benchmark --load recipes/nginx/loads/get1k.load out/nginx/0 out/nginx/1
 *   benchmark --load F --load-name other --runs 3 --only exact,boot out/nginx/peers/debian out/nginx/1
 *
 * Runs of the subjects alternate, since a shared machine is never twice the same. What is known is
 * written after each run (measurement.h). What is measured: docs/measuring.md.
 *
 * Exit status: 0 all was measured, 1 some of it was not (why is said and written), 2 it failed or was
 * stopped.
 */
#include <argp.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/number.h"
#include "pipeline/lib/util.h"
#include "scratch.h"
#include "session.h"
#include "table.h"
#include "wall.h"

enum { RUNS = 5, MOST_RUNS = 100, REQUESTS = 5000, SECONDS = 2, MOST_SUBJECTS = 32 };

struct options {
	const char *default_load, *format;
	uint64_t requests;
	bool ratios;
	const char *directories[MOST_SUBJECTS];
	size_t count;
	struct session *session;
};

static struct session session;
static bool has_ended;

static const struct argp_option options[] = {
	{ "load", 'l', "FILE", 0, "the requests (docs/loads.md)", 0 },
	{ "load-name", 'n', "NAME", 0, "what it is called; else the file's name", 0 },
	{ "default-load", 'd', "NAME", 0, "the recipe's: its figures go to bench.json", 0 },
	{ "tools", 't', "DIR", 0, "where record and load are; else beside this program", 0 },
	{ "log", 'L', "FILE", 0, "gets all that is said on the way; else it is gone at the end",
	  0 },
	{ "runs", 'r', "N", 0, "of each kind; 5", 0 },
	{ "requests", 'q', "N", 0, "counted in an exact run; 5000", 0 },
	{ "seconds", 's', "N", 0, "of each wall-clock load; 2", 0 },
	{ "rate", 'R', "N", 0,
	  "requests a second of the open loop; else a quarter of what the closed loop reached", 0 },
	{ "only", 'o', "KINDS", 0, "of exact,boot,wall,stacks,icount,memory", 0 },
	{ "format", 'f', "text|json|md", 0, "of what is printed", 0 },
	{ "ratios", 'x', NULL, 0, "print ratios to the first subject, too", 0 },
	{ 0 }
};

static void choose_kinds(struct session *s, const char *text)
{
	char *copy = xstrdup(text), *save;

	memset(s->kinds, 0, sizeof(s->kinds));
	if (!copy[strspn(copy, ", ")]) {
		fprintf(stderr, "error: KINDS is empty; there are exact, boot, wall, stacks, "
				"icount, memory\n");
		exit(EXIT_USAGE);
	}
	for (char *word = strtok_r(copy, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		size_t kind = 0;

		while (kind < KIND_COUNT && strcmp(word, session_kinds[kind]))
			kind++;
		if (kind == KIND_COUNT) {
			fprintf(stderr,
				"error: KINDS has '%s'; there are exact, boot, wall, "
				"stacks, icount, memory\n",
				word);
			exit(EXIT_USAGE);
		}
		s->kinds[kind] = true;
	}
	free(copy);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct session *s = o->session;

	switch (key) {
	case 'l': s->load_path = arg; return 0;
	case 'n': s->load_name = arg; return 0;
	case 'd': o->default_load = arg; return 0;
	case 't': s->tools = arg; return 0;
	case 'L': s->log = arg; return 0;
	case 'r': s->runs = (unsigned)number_option("RUNS", arg, 1, MOST_RUNS); return 0;
	case 'q': o->requests = number_option("REQUESTS", arg, 1, LOADFILE_MOST_REQUESTS); return 0;
	case 's': s->seconds = (unsigned)number_option("SECONDS", arg, 1, 3600); return 0;
	case 'R': s->rate_rps = (double)number_option("RATE", arg, 1, 10000000); return 0;
	case 'o': choose_kinds(s, arg); return 0;
	case 'f': o->format = arg; return 0;
	case 'x': o->ratios = true; return 0;
	case ARGP_KEY_ARG:
		if (o->count == MOST_SUBJECTS)
			argp_error(state, "more than %d subjects", MOST_SUBJECTS);
		o->directories[o->count++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!s->load_path || !o->count)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void stop(void)
{
	for (size_t i = 0; !has_ended && i < session.count; i++)
		measurement_stop(&session.measurements[i]);
	has_ended = true;
}

static bool keeps(const char *kind)
{
	for (int i = 0; i < KIND_COUNT; i++)
		if (!strcmp(session_kinds[i], kind))
			return !session.kinds[i];
	return true;
}

static void settle(struct options *o)
{
	struct session *s = o->session;

	if (!s->tools)
		s->tools = dirname(xfs_absolute("/proc/self/exe"));
	if (!s->load_name)
		s->load_name = fs_base(s->load_path);
	if (!s->log)
		s->log = xasprintf("%s/log", xscratch_make());
	s->load_tool = xasprintf("%s/load", s->tools);
	if (s->kinds[KIND_WALL])
		xwall_settle(&(struct wall_options){ .load_tool = s->load_tool });
	if (strcmp(o->format, "text") && strcmp(o->format, "json") && strcmp(o->format, "md"))
		die_hint("give text, json or md", "FORMAT=%s is not known", o->format);
	xloadfile_read(&s->load, s->load_path);
	s->load.requests = o->requests;
}

static void begin(struct options *o)
{
	struct session *s = o->session;
	bool is_default = o->default_load && !strcmp(o->default_load, s->load_name);
	char *id = xsession_id();

	s->measurements = xcalloc(o->count, sizeof(*s->measurements));
	atexit(stop);
	atexit(progress_interrupt);
	for (size_t i = 0; i < o->count; i++) {
		xmeasurement_begin(&s->measurements[i], o->directories[i], id, &s->load,
				   s->load_path, s->load_name, is_default);
		s->count++;
		xmeasurement_take_over(&s->measurements[i], keeps);
	}
	free(id);
}

/* What was to be measured once and was not. Returns how many are missing. */
static unsigned tell_missing(const struct measurement *m)
{
	const json_t *icount = json_object_get(m->bench, "icount");
	const char *why = json_string_value(json_object_get(icount, "reason")), *what;
	json_t *notes = json_object_get(m->bench, "not_measured"), *note;
	unsigned missing = !!why;

	if (why)
		warn("%s has no figures under -icount: %s", m->name, why);
	json_object_foreach(notes, what, note) {
		warn("%s has no %s: %s", m->name, what, json_string_value(note));
		missing += !!strcmp(what, "latency_ns"); /* a rate that the machine did not hold */
	}
	return missing;
}

/* Returns the exit status. */
static int finish(struct session *s)
{
	int status = EXIT_YES;

	for (size_t i = 0; i < s->count; i++) {
		struct measurement *m = &s->measurements[i];
		const char *why = xmeasurement_finish(m);

		if (tell_missing(m))
			status = EXIT_NO;
		if (!why)
			continue;
		warn("runs of %s are invalid and count for nothing%s: %s; log: %s", m->name,
		     m->was_written ? "" : ", what was measured earlier stays", why, s->log);
		status = EXIT_NO;
	}
	has_ended = true;
	return status;
}

static void print(const struct options *o, const struct session *s)
{
	json_t *all = json_array();
	bool emulated = false;

	for (size_t i = 0; i < s->count; i++) {
		json_array_append(all, s->measurements[i].bench);
		emulated |= json_is_true(json_object_get(s->measurements[i].bench, "emulated"));
	}
	if (!strcmp(o->format, "json")) {
		json_print(all);
	} else {
		printf("load %s, %" PRIu64 " requests a run, medians of runs in turn%s\n\n",
		       s->load_name, s->load.requests,
		       emulated ? "; emulated (TCG): times say little" : "");
		table_print(all, strcmp(o->format, "md") ? TABLE_TEXT : TABLE_MARKDOWN, o->ratios);
	}
	for (size_t i = 0; i < s->count; i++)
		if (s->measurements[i].was_written)
			fprintf(stderr, "written: %s\n", s->measurements[i].path);
	json_decref(all);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options,
					  parse_option,
					  "DIRECTORY...",
					  "Measure generations and peers in turn.",
					  NULL,
					  NULL,
					  NULL };
	struct options o = { .requests = REQUESTS, .format = "text", .session = &session };
	int status;

	session = (struct session){ .runs = RUNS, .seconds = SECONDS };
	memset(session.kinds, 1, sizeof(session.kinds));
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	settle(&o);
	begin(&o);
	session_measure(&session);
	status = finish(&session);
	print(&o, &session);
	return status;
}
