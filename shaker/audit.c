/* SPDX-License-Identifier: MIT */
/*
 * audit - what an app used of an unshaken kernel, against what the shaker keeps
 *
 *   audit --syscalls syscalls.json --shaken shake.json --console CONSOLE
 *         --output audit.json [--json]
 *
 * The console of a kernel made with `shake --mode audit` has a line "anneal: system call
 * N used M times" for each number. Exit status 1 if one was used that is dropped.
 *
 * audit.json, schema 1: used_and_kept, used_but_dropped [ { number, name, calls } ],
 * kept_but_unused [ { number, name, sites } ]
 */
#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

struct options {
	const char *syscalls, *shaken, *console, *output;
	bool json;
};

static const struct argp_option options[] = {
	{ "syscalls", 's', "FILE", 0, "what the programs can call", 0 },
	{ "shaken", 'k', "FILE", 0, "what the shaker kept", 0 },
	{ "console", 'c', "FILE", 0, "what the counting kernel said", 0 },
	{ "output", 'o', "FILE", 0, "where the result goes", 0 },
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 's': o->syscalls = arg; return 0;
	case 'k': o->shaken = arg; return 0;
	case 'c': o->console = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'j': o->json = true; return 0;
	case ARGP_KEY_END:
		if (!o->syscalls || !o->shaken || !o->console || !o->output)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* { "0": 1234, ... }: number and count of each call that was made. */
static json_t *read_counts(const char *path)
{
	static const char mark[] = "anneal: system call ";
	char *text = xfs_read(path, NULL), *at = text;
	json_t *counts = json_object();

	while ((at = strstr(at, mark))) {
		unsigned number;
		unsigned long calls;
		char key[16];

		at += strlen(mark);
		if (sscanf(at, "%u used %lu times", &number, &calls) != 2)
			continue;
		snprintf(key, sizeof(key), "%u", number);
		json_object_set_new(counts, key, json_integer((json_int_t)calls));
	}
	free(text);
	if (!json_object_size(counts))
		die_hint("did the guest end as it should? its reboot prints them",
			 "'%s' has no counts of system calls", path);
	return counts;
}

static json_int_t count_of(const json_t *counts, const json_t *call)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", (int)json_integer_value(json_object_get(call, "number")));
	return json_integer_value(json_object_get(counts, key));
}

/* What is only counted: number, name, calls. */
static json_t *describe_used(const json_t *call, json_int_t calls)
{
	return json_pack("{s:O, s:O, s:I}", "number", json_object_get(call, "number"), "name",
			 json_object_get(call, "name"), "calls", calls);
}

static json_t *sites_of(const json_t *syscalls, const json_t *call)
{
	json_t *other;
	size_t i;

	json_array_foreach(json_object_get(syscalls, "kept"), i, other)
		if (json_equal(json_object_get(other, "number"), json_object_get(call, "number")))
			return json_object_get(other, "sites");
	return NULL;
}

static json_t *compare(const struct options *o)
{
	json_t *counts = read_counts(o->console), *syscalls = xjson_read(o->syscalls);
	json_t *shaken = json_object_get(xjson_read(o->shaken), "syscalls"), *call;
	json_t *kept = json_array(), *dropped = json_array(), *unused = json_array();
	size_t i;

	json_array_foreach(xjson_array(shaken, "kept", o->shaken), i, call) {
		if (count_of(counts, call))
			json_array_append_new(kept, describe_used(call, count_of(counts, call)));
		else
			json_array_append_new(unused,
					      json_pack("{s:O, s:O, s:O*}", "number",
							json_object_get(call, "number"), "name",
							json_object_get(call, "name"), "sites",
							sites_of(syscalls, call)));
	}
	json_array_foreach(xjson_array(shaken, "dropped", o->shaken), i, call)
		if (count_of(counts, call))
			json_array_append_new(dropped, describe_used(call, count_of(counts, call)));
	return json_pack("{s:i, s:o, s:o, s:o}", "schema", 1, "used_and_kept", kept,
			 "used_but_dropped", dropped, "kept_but_unused", unused);
}

static void print_used(const char *title, const json_t *list)
{
	json_t *call;
	size_t i;

	printf("%s: %zu\n", title, json_array_size(list));
	json_array_foreach(list, i, call)
		printf("  %4lld %-18s %12lld\n",
		       json_integer_value(json_object_get(call, "number")),
		       json_string_value(json_object_get(call, "name")),
		       json_integer_value(json_object_get(call, "calls")));
}

static void print_unused(const json_t *list)
{
	json_t *call;
	size_t i;

	printf("kept but never used: %zu, with a site that keeps each\n", json_array_size(list));
	json_array_foreach(list, i, call) {
		const json_t *site = json_array_get(json_object_get(call, "sites"), 0);
		const char *caller = site ? json_string_value(json_object_get(site, "caller")) : "";
		const char *function =
			site ? json_string_value(json_object_get(site, "function")) : "";
		const char *program =
			site ? json_string_value(json_object_get(site, "program")) : "";

		printf("  %4lld %-18s %s: %s()\n",
		       json_integer_value(json_object_get(call, "number")),
		       json_string_value(json_object_get(call, "name")), program,
		       *caller ? caller : function);
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Compare what was used with what is kept.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { 0 };
	const json_t *dropped;
	json_t *result;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	result = compare(&o);
	xjson_write(o.output, result);
	dropped = json_object_get(result, "used_but_dropped");
	if (o.json) {
		json_print(result);
	} else {
		print_used("used and kept", json_object_get(result, "used_and_kept"));
		print_unused(json_object_get(result, "kept_but_unused"));
		print_used("used but dropped", dropped);
	}
	return json_array_size(dropped) ? EXIT_NO : EXIT_YES;
}
