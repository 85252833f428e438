/* SPDX-License-Identifier: MIT */
/*
 * shake - the kernel of a plan with only what can be reached
 *
 *   shake --plan plan.json --module joined.bc --syscalls syscalls.json --mode full
 *         --output shaken.bc --record shake.json
 *
 * Read, cut, mark, sweep, write: one file each.
 */
#include <argp.h>
#include <jansson.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bitcode/plan.h"
#include "../bitcode/results.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/util.h"
#include "dispatch.h"
#include "drivers.h"
#include "facts.h"
#include "graph.h"
#include "inputs.h"
#include "mark.h"
#include "parameters.h"
#include "roots.h"
#include "rules.h"
#include "record.h"
#include "sweep.h"

struct options {
	const char *plan, *module, *syscalls, *mode, *output, *record;
	const char *files, *rules, *cache, *cpu;
	struct strlist machines;
};

static const struct argp_option options[] = {
	{ "plan", 'p', "FILE", 0, "the plan", 0 },
	{ "module", 'i', "FILE", 0, "the kernel's joined module", 0 },
	{ "syscalls", 's', "FILE", 0, "what the programs call", 0 },
	{ "files", 'f', "CPIO", 0, "the files of the image", 0 },
	{ "machine", 'M', "FILE", 0, "the machine's description; several are one", 0 },
	{ "cpu", 'C', "VENDOR", 0, "the processor's, any if left out", 0 },
	{ "rules", 'R', "FILE", 0, "what only a certain thing can ask for", 0 },
	{ "mode", 'm', "MODE", 0, "syscalls, full, or audit: drop nothing and count", 0 },
	{ "output", 'o', "FILE", 0, "where the module goes", 0 },
	{ "cache", 'c', "DIR", 0, "where results are kept; none are without it", 0 },
	{ "record", 'r', "FILE", 0, "where the reasons go", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p': o->plan = arg; return 0;
	case 's': o->syscalls = arg; return 0;
	case 'c': o->cache = arg; return 0;
	case 'f': o->files = arg; return 0;
	case 'M': strlist_push(&o->machines, arg); return 0;
	case 'C': o->cpu = arg; return 0;
	case 'R': o->rules = arg; return 0;
	case 'm': o->mode = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'r': o->record = arg; return 0;
	case 'i': o->module = arg; return 0;
	case ARGP_KEY_END:
		if (!o->plan || !o->syscalls || !o->mode || !o->output || !o->module ||
		    !o->record || !o->files || !o->machines.n || !o->rules)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void read_kept(const json_t *syscalls, const char *path, bool keep[DISPATCH_MAX])
{
	json_t *kept = xjson_array(syscalls, "kept", path), *call;
	size_t i;

	memset(keep, 0, DISPATCH_MAX * sizeof(*keep));
	json_array_foreach(kept, i, call) {
		uint64_t n = xjson_uint(call, "number", path);

		if (n < DISPATCH_MAX)
			keep[n] = true;
	}
}

/* "init and nginx" */
static char *program_list(const json_t *syscalls, const char *path)
{
	json_t *programs = xjson_array(syscalls, "programs", path), *program;
	struct strlist names = STRLIST_INIT;
	char *text;
	size_t i;

	json_array_foreach(programs, i, program)
		strlist_push(&names, json_string_value(program));
	text = strlist_join(&names, " and ");
	strlist_release(&names);
	return text;
}

/* What the machine, the files and the arguments of the calls leave unreachable. */
static void cut_by_rules(const struct options *o, const json_t *syscalls, struct inputs *in,
			 struct rules *rules, struct drivers *drivers, struct cuts *cuts)
{
	struct facts facts = { .module = in->module,
			       .cpu = o->cpu,
			       .calls = xjson_array(syscalls, "kept", o->syscalls) };
	struct strlist unused = STRLIST_INIT;

	facts.files = xfs_read(o->files, &facts.files_bytes);
	for (size_t i = 0; i < o->machines.n; i++)
		xfacts_read_machine(&facts, o->machines.v[i]);
	drivers_cut(drivers, &facts, in->module, cuts);
	parameters_cut(&facts, in->module, cuts);
	xrules_read(rules, o->rules);
	xrules_cut(rules, &facts, in->module, &in->assembly, cuts, &unused);
	for (size_t i = 0; i < unused.n; i++)
		say(1, "%s is not in this kernel", unused.v[i]);
	strlist_release(&unused);
}

static void write_module(LLVMModuleRef module, const char *path)
{
	char *temporary = xasprintf("%s.%ld", path, (long)getpid());

	if (LLVMWriteBitcodeToFile(module, temporary))
		die("cannot write '%s'; is the disk full?", temporary);
	xfs_rename(temporary, path);
	free(temporary);
}

/* The unit says by sha256 which native objects there are; their paths are the cache's. */
static char *kept_result(const struct options *o, const json_t *unit)
{
	json_t *module;
	struct hash h;
	size_t i;

	result_key(&h);
	json_array_foreach(xjson_array(unit, "modules", o->plan), i, module)
		hash_add_string(&h, xjson_string(module, "sha256", o->plan));
	result_key_file(&h, xjson_string(unit, "lds", o->plan));
	hash_add_string(&h, o->mode);
	hash_add_string(&h, o->cpu);
	result_key_file(&h, o->module);
	result_key_file(&h, o->syscalls);
	result_key_file(&h, o->files);
	for (i = 0; i < o->machines.n; i++)
		result_key_file(&h, o->machines.v[i]);
	result_key_file(&h, o->rules);
	return result_path(&h, o->cache);
}

/* Nothing goes, and every system call is counted. */
static void prepare_audit(const struct options *o, LLVMModuleRef module, struct dispatch *dispatch)
{
	dispatch_count(dispatch, module);
	write_module(module, o->output);
}

static void shake(const struct options *o, const json_t *unit)
{
	json_t *syscalls = xjson_read(o->syscalls), *record, *totals;
	struct cuts cuts = { 0 };
	struct roots roots = { 0 };
	struct rules rules = { 0 };
	struct drivers drivers = { 0 };
	struct dispatch dispatch;
	struct inputs in;
	struct graph graph;
	struct mark *marks;
	bool keep[DISPATCH_MAX];
	size_t targets;

	read_kept(syscalls, o->syscalls, keep);
	xinputs_read(&in, unit, o->module);
	xdispatch_read(&dispatch, in.module);
	if (!strcmp(o->mode, "audit")) {
		prepare_audit(o, in.module, &dispatch);
		return;
	}
	targets = record_indirect_targets(in.module);
	dispatch_cut(&dispatch, in.module, keep, program_list(syscalls, o->syscalls), &cuts);
	if (!strcmp(o->mode, "full"))
		cut_by_rules(o, syscalls, &in, &rules, &drivers, &cuts);
	graph_build(&graph, &in, &cuts);
	roots_find(&roots, &graph, &in);
	marks = mark(&graph, &roots);
	record = record_make(o->mode, &graph, &roots, marks, &cuts, &dispatch);
	dispatch_apply(&dispatch, in.module, &cuts);
	rules_apply(&rules);
	drivers_apply(&drivers);
	totals = json_object_get(record, "totals");
	json_object_set_new(totals, "indirect_targets", json_integer((json_int_t)targets));
	sweep(&graph, marks, in.module);
	json_object_set_new(totals, "indirect_targets_live",
			    json_integer((json_int_t)record_indirect_targets(in.module)));
	write_module(in.module, o->output);
	xjson_write(o->record, record);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Leave in a kernel only what can be reached.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .cpu = "any" };
	char *kept, *kept_record;
	json_t *totals, *unit;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	unit = xplan_unit(xjson_read(o.plan), "vmlinux", o.plan);
	if (!strcmp(o.mode, "audit")) {
		shake(&o, unit);
		return EXIT_YES;
	}
	kept = o.cache ? kept_result(&o, unit) : NULL;
	kept_record = kept ? xasprintf("%s.json", kept) : NULL;
	if (kept && fs_exists(kept) && fs_exists(kept_record)) {
		report_cached();
		xfs_link(kept, o.output);
		xfs_link(kept_record, o.record);
		return EXIT_YES;
	}
	shake(&o, unit);
	totals = json_object_get(xjson_read(o.record), "totals");
	report_note("%d of %d functions left", (int)xjson_uint(totals, "functions_live", o.record),
		    (int)xjson_uint(totals, "functions", o.record));
	if (kept) {
		xfs_link(o.record, kept_record);
		xfs_link(o.output, kept);
	}
	return EXIT_YES;
}
