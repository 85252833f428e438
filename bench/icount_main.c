/* SPDX-License-Identifier: MIT */
/*
 * icount - what a request costs a generation, the same to the last instruction each time
 *
 *   icount --generation out/nginx/7 --load recipes/nginx/loads/get1k.load
 *
 * Prints the JSON of icount.h, or writes it to --output. Exit status 0; 1 if this could
 * not be measured: then there is a reason instead of figures.
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/number.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "icount.h"

struct options {
	const char *generation, *load, *output;
	struct icount_options measure;
};

static const struct argp_option options[] = {
	{ "generation", 'g', "DIR", 0, "OUT/APP/N: the image and its ELF files", 0 },
	{ "load", 'l', "FILE", 0, "the load file", 0 },
	{ "requests", 'n', "N", 0, "counted ones; else the load's, at most 2000", 0 },
	{ "timeout", 't', "SECONDS", 0, "for each of two boots; 300", 0 },
	{ "output", 'o', "FILE", 0, "the result; else on standard output", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'g': o->generation = arg; return 0;
	case 'l': o->load = arg; return 0;
	case 'n':
		o->measure.requests = number_option("--requests", arg, 1, LOADFILE_MOST_REQUESTS);
		return 0;
	case 't':
		o->measure.timeout_s = (unsigned)number_option("--timeout", arg, 1, 86400);
		return 0;
	case 'o': o->output = arg; return 0;
	case ARGP_KEY_END:
		if (!o->generation || !o->load)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static volatile sig_atomic_t interrupted;

/* ctrl-C reaches "record", too, which ends the guest; then there is no result. */
static void note_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "What a request costs, counted reproducibly.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { 0 };
	struct loadfile l;
	json_t *result;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	xloadfile_read(&l, o.load);
	if (!fs_exists(xasprintf("%s/image", o.generation)))
		die_hint("give one that 'make image' has made: out/APP/N",
			 "'%s' is no generation: it has no image", o.generation);
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = note_interrupt }, NULL);
	result = icount_measure(o.generation, &l, &o.measure);
	if (interrupted)
		die("interrupted; nothing was measured");
	if (o.output)
		xjson_write(o.output, result);
	else
		json_print(result);
	return json_object_get(result, "reason") ? EXIT_NO : EXIT_YES;
}
