/* SPDX-License-Identifier: MIT */
/*
 * measure - one measurement of one subject, as JSON on standard output
 *
 *   measure wall --subject out/nginx/0 --load F	boot, closed and open loop, memory touched (wall.h)
 *   measure memory --subject out/nginx/0	the least memory it serves with (memory.h)
 *   measure conditions --subject out/nginx/0 --load F	under what it would be measured (conditions.h)
 *
 * A subject is a directory with `image` and `image.spec`. Exit status: 0 measured, 1 the run is
 * invalid (wall) or the subject does not answer (memory), and the reason is in the JSON, 2 failed,
 * 64 usage.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "conditions.h"
#include "machine.h"
#include "memory.h"
#include "wall.h"

enum {
	MOST_SECONDS = 3600,
	MOST_RATE = 1000000,
	MOST_CONNECTIONS = 64, /* each is a thread of wrk's */
};

struct options {
	const char *what, *subject;
	struct wall_options wall;
};

static const struct argp_option options[] = {
	{ "subject", 's', "DIR", 0, "what is measured: a generation or a peer", 0 },
	{ "load", 'l', "FILE", 0, "the load", 0 },
	{ "seconds", 'n', "N", 0, "of each loop; 2", 0 },
	{ "connections", 'c', "N", 0, "at once; 8", 0 },
	{ "console", 'C', "FILE", 0, "keep the guest's console there (wall)", 0 },
	{ "rate", 'R', "N", 0, "requests a second of the open loop; a quarter of the closed one's",
	  0 },
	{ 0 }
};

static double number_of(const char *option, const char *text, double least, double most)
{
	char *end;
	double number = strtod(text, &end);

	if (!strchr("0123456789", *text) || !*text || *end || !(number >= least) || number > most) {
		fprintf(stderr, "error: --%s takes a number from %g to %g, not '%s'\n", option,
			least, most, text);
		exit(EXIT_USAGE);
	}
	return number;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 's': o->subject = arg; return 0;
	case 'l': o->wall.load_path = arg; return 0;
	case 'n': o->wall.seconds = (unsigned)number_of("seconds", arg, 1, MOST_SECONDS); return 0;
	case 'c':
		o->wall.connections = (unsigned)number_of("connections", arg, 1, MOST_CONNECTIONS);
		return 0;
	case 'C': o->wall.console_path = arg; return 0;
	case 'R': o->wall.rate_rps = number_of("rate", arg, 0.01, MOST_RATE); return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_usage(state);
		o->what = arg;
		return 0;
	case ARGP_KEY_END:
		if (o->what && strcmp(o->what, "wall") && strcmp(o->what, "memory") &&
		    strcmp(o->what, "conditions"))
			argp_error(state,
				   "'%s' is nothing to measure: give wall, memory or conditions",
				   o->what);
		if (!o->what || !o->subject || (strcmp(o->what, "memory") && !o->wall.load_path))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static json_t *measure_memory(const char *subject)
{
	uint64_t bytes;
	char *why;

	if (memory_least(subject, &bytes, &why))
		return json_pack("{s:o}", "invalid", json_text(why));
	return json_pack("{s:I}", "memory_min_bytes", (json_int_t)bytes);
}

static json_t *look_at_conditions(const struct options *o)
{
	struct machine m;

	xmachine_prepare(&m, o->subject);
	return conditions_make(&m.options, &m.spec, &m.accelerator, o->wall.load,
			       o->wall.load_path);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options,
					  parse_option,
					  "wall|memory|conditions",
					  "One measurement of one subject, as JSON.",
					  NULL,
					  NULL,
					  NULL };
	struct options o = { 0 };
	struct loadfile load;
	json_t *result;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (o.wall.load_path)
		xloadfile_read(&load, o.wall.load_path);
	o.wall.load = &load;
	if (!strcmp(o.what, "wall"))
		result = wall_run(o.subject, &o.wall);
	else if (!strcmp(o.what, "memory"))
		result = measure_memory(o.subject);
	else
		result = look_at_conditions(&o);
	json_print(result);
	if (fflush(stdout))
		die("cannot write to standard output: %s", strerror(errno));
	return json_object_get(result, "invalid") ? EXIT_NO : EXIT_YES;
}
