/* SPDX-License-Identifier: MIT */
/*
 * check-profile - hold counts by address against the ELF they are said to be of
 *
 *   check-profile --elf vmlinux.debug --raw vmlinux.raw --output CHECKED.raw --result RESULT.json
 *
 * Lines that cannot have happened are left out of CHECKED.raw and told, by reason, in
 * RESULT.json. Exit status 1, and no CHECKED.raw, if there are too many of them, if
 * nothing was counted, or if too much is in functions without debug information; 2
 * if a file cannot be read or is malformed, and then nothing is written.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "check.h"

struct options {
	const char *elf, *raw, *output, *result, *build_id;
	struct check_limits limits;
};

static const struct argp_option options[] = {
	{ "elf", 'e', "FILE", 0, "the ELF with debug information", 0 },
	{ "raw", 'r', "FILE", 0, "the counts", 0 },
	{ "output", 'o', "FILE", 0, "write those that remain there", 0 },
	{ "result", 'R', "FILE", 0, "write what was found there, as JSON", 0 },
	{ "build-id", 'b', "HEX", 0, "refuse an ELF with another one", 0 },
	{ "threshold-percent", 't', "X", 0, "refuse if more is rejected (1)", 0 },
	{ "symbolized-percent", 's', "X", 0,
	  "refuse if less is in functions with debug information (90)", 0 },
	{ 0 }
};

static double percent_option(const char *text, struct argp_state *state)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= 100))
		argp_error(state, "'%s' is not a number from 0 to 100", text);
	return value;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'e': o->elf = arg; return 0;
	case 'r': o->raw = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'R': o->result = arg; return 0;
	case 'b': o->build_id = arg; return 0;
	case 't': o->limits.rejected = percent_option(arg, state); return 0;
	case 's': o->limits.symbolized = percent_option(arg, state); return 0;
	case ARGP_KEY_END:
		if (!o->elf || !o->raw || !o->output || !o->result)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option,
		NULL,	 "Hold counts by address against the ELF they are said to be of.",
		NULL,	 NULL,
		NULL
	};
	struct options o = { .limits = CHECK_LIMITS };
	struct raw_profile raw;
	struct patched patched;
	struct check check;
	struct code code;
	char *error, *verdict, *text;
	size_t bytes;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	text = xfs_read(o.raw, &bytes);
	error = raw_parse(&raw, o.raw, text, bytes);
	free(text);
	if (!error)
		error = code_open(&code, o.elf);
	if (error)
		die("%s", error);
	if (o.build_id && strcmp(o.build_id, code.build_id))
		die("'%s' has the build id %s, not %s", o.elf,
		    *code.build_id ? code.build_id : "(none)", o.build_id);
	patched_read(&patched, &code);
	check_run(&check, &code, &patched, &raw);
	verdict = check_verdict(&check, &o.limits);
	xjson_write(o.result, check_result(&check, verdict));
	if (verdict) {
		unlink(o.output);
		fprintf(stderr, "refused: %s\n", verdict);
		return EXIT_NO;
	}
	text = raw_format(&check.checked, &bytes);
	xfs_write(o.output, text, bytes);
	return EXIT_YES;
}
