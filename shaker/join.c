/* SPDX-License-Identifier: MIT */
/*
 * join - all bitcode of a kernel as one module, and the system calls it has
 *
 *   join --plan plan.json --cache DIR --output joined.bc --handlers handlers.json
 *
 * After the per-module passes, by lld, which resolves symbols and archives as it does
 * for the real link. handlers.json, schema 1: handlers [ { number, name, implemented } ]
 */
#include <argp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bitcode/link_kernel.h"
#include "../bitcode/module.h"
#include "../bitcode/optimize.h"
#include "../bitcode/plan.h"
#include "../bitcode/results.h"
#include "../bitcode/toolchain.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/util.h"
#include "dispatch.h"
#include "syscall_name.h"

struct options {
	const char *plan, *output, *handlers, *cache, *profile;
	unsigned jobs;
};

static const struct argp_option options[] = {
	{ "plan", 'p', "FILE", 0, "the plan", 0 },
	{ "output", 'o', "FILE", 0, "where the module goes", 0 },
	{ "handlers", 'h', "FILE", 0, "where the list of system calls goes", 0 },
	{ "profile", 'P', "FILE", 0, "which profile the image gets (bitcode/profile.h)", 0 },
	{ "cache", 'c', "DIR", 0, "where results are kept", 0 },
	{ "jobs", 'j', "N", 0, "processes at a time", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p': o->plan = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'h': o->handlers = arg; return 0;
	case 'P': o->profile = arg; return 0;
	case 'c': o->cache = arg; return 0;
	case 'j': o->jobs = (unsigned)atoi(arg); return 0;
	case ARGP_KEY_END:
		if (!o->plan || !o->output || !o->handlers || !o->cache || !o->jobs)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* "verify" stands for an empty pipeline, which lld does not take. */
static void run_lld(const json_t *unit, const struct strlist *objects, const char *output)
{
	struct strlist argv = STRLIST_INIT;

	strlist_push(&argv, TOOLCHAIN_LLD);
	strlist_split(&argv, xjson_string(unit, "ldflags", "the plan"));
	strlist_split(&argv, "-r --lto-emit-llvm --lto-newpm-passes=verify -o");
	strlist_push(&argv, output);
	link_kernel_inputs(&argv, unit, objects, true);
	xprocess_run(argv.v);
	strlist_release(&argv);
}

static void write_handlers(const char *joined, const char *path)
{
	json_t *list = json_array();
	struct dispatch d;

	xdispatch_read(&d, xmodule_open(joined, false));
	for (unsigned n = 0; n < DISPATCH_MAX; n++)
		if (d.slots[n].call)
			json_array_append_new(list, json_pack("{s:i, s:s, s:b}", "number", (int)n,
							      "name", syscall_name(n),
							      "implemented", !d.slots[n].stub));
	xjson_write(path, json_pack("{s:i, s:o}", "schema", 1, "handlers", list));
}

/*
 * Objects made of bitcode are named by all that goes into them. Of native ones the plan has
 * the sha256: what they call is linked from archives.
 */
static char *kept_module(const struct options *o, const json_t *unit, const struct strlist *objects)
{
	struct hash h;

	result_key(&h);
	hash_add_string(&h, xjson_string(unit, "ldflags", o->plan));
	for (size_t i = 0; i < objects->n; i++) {
		json_t *module = json_array_get(json_object_get(unit, "modules"), i);
		char *lazy = xasprintf("%d", (int)xjson_uint(module, "lazy", o->plan));

		hash_add_string(&h, fs_base(objects->v[i]));
		hash_add_string(&h, xjson_string(module, "sha256", o->plan));
		hash_add_string(&h, lazy);
		free(lazy);
	}
	return result_path(&h, o->cache);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Join the bitcode of a plan's kernel.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .jobs = 1 };
	struct strlist objects = STRLIST_INIT;
	struct profile profile;
	char *module, *handlers, *temporary;
	json_t *unit;
	size_t made;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	unit = xplan_unit(xjson_read(o.plan), "vmlinux", o.plan);
	xprofile_read(&profile, o.profile, unit, o.cache);
	xoptimize(unit, o.cache, o.jobs, &profile, &objects, &made);

	module = kept_module(&o, unit, &objects);
	handlers = xasprintf("%s.json", module);
	if (fs_exists(module) && fs_exists(handlers)) {
		report_cached();
	} else {
		temporary = xasprintf("%s/tmp/join.%ld", o.cache, (long)getpid());
		run_lld(unit, &objects, temporary);
		write_handlers(temporary, handlers);
		xfs_rename(temporary, module);
		report_note("%zu modules, %zu of them optimized anew", objects.n, made);
	}
	xfs_link(module, o.output);
	xfs_copy(handlers, o.handlers);
	return EXIT_YES;
}
