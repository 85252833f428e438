/* SPDX-License-Identifier: MIT */
#include "icount.h"

#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "../pipeline/probe.h"
#include "icount_run.h"
#include "scratch.h"

static const char *const figures[] = { "instructions", "taken_branches", "l1i_misses", "l1d_misses",
				       "itlb_misses" };

/* System calls of client/system.h: a kernel without one of them cannot run the client. */
static const char *const needed[] = {
	"read",	   "write", "open",   "close", "poll", "rt_sigaction",	"socket",
	"connect", "fork",  "execve", "wait4", "kill", "clock_gettime", "exit_group",
};

/* NULL, or what the kernel of this generation lacks, as a sentence. */
static char *lacking(const char *directory)
{
	char *path = xasprintf("%s/syscalls.json", directory);
	struct strlist names = STRLIST_INIT, missing = STRLIST_INIT;
	json_t *kept, *call, *syscalls;
	char *list, *sentence;
	size_t i;

	if (!fs_exists(path))
		return NULL; /* not shaken: it has them all */
	syscalls = xjson_read(path);
	kept = xjson_array(syscalls, "kept", path);
	json_array_foreach(kept, i, call)
		strlist_push(&names, xjson_string(call, "name", path));
	json_decref(syscalls);
	free(path);
	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (!strlist_has(&names, needed[i]))
			strlist_push(&missing, needed[i]);
	if (!missing.n)
		return NULL;
	list = strlist_join(&missing, ", ");
	sentence = xasprintf("this generation's kernel has no %s, which the client in the guest "
			     "uses",
			     list);
	free(list);
	return sentence;
}

/* NULL, or why the client cannot measure this. */
static char *cannot(const char *directory, const struct imagespec *spec, struct probe *probe)
{
	static const char *const files[] = { "vmlinux.debug", "init.debug" };

	if (strcmp(spec->machine, "microvm"))
		return xasprintf("the machine is %s, and the client runs in microvm images only",
				 spec->machine);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!fs_exists(xasprintf("%s/%s", directory, files[i])))
			return xasprintf("there is no %s: only what 'make image' made is counted "
					 "by instructions from inside",
					 files[i]);
	if (!probe_parse(probe, spec->ready))
		return xasprintf("READY, '%s', is none of " PROBE_FORMS, spec->ready);
	return lacking(directory);
}

/* The region `name` of trace.json; "other": outside of all, and init. */
static uint64_t count_of(const json_t *trace, const char *name, const char *figure)
{
	static const char where[] = "trace.json";
	json_t *regions = xjson_array(trace, "regions", where), *region;
	uint64_t count = 0;
	size_t i;

	json_array_foreach(regions, i, region)
		if (!strcmp(xjson_string(region, "name", where), name))
			count += xjson_uint(region, figure, where);
	if (!strcmp(name, "init"))
		count += xjson_uint(json_object_get(trace, "outside"), figure, where);
	return count;
}

/* The difference of both runs by request. */
static json_t *per_request(const struct icount_run runs[2], const char *region)
{
	json_t *all = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		uint64_t before = count_of(runs[0].trace, region, figures[i]);
		uint64_t after = count_of(runs[1].trace, region, figures[i]);

		json_object_set_new(
			all, figures[i],
			json_real(((double)after - (double)before) / (double)runs[1].counted));
	}
	return all;
}

static json_t *sum_of(const json_t *by)
{
	json_t *all = json_object(), *part;
	size_t p;

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		double sum = 0;

		json_array_foreach(by, p, part)
			sum += json_real_value(json_object_get(part, figures[i]));
		json_object_set_new(all, figures[i], json_real(sum));
	}
	return all;
}

static json_t *describe(const struct icount_run runs[2], const char *app)
{
	const char *const names[][2] = { { "kernel", "vmlinux" },
					 { "app", app },
					 { "other", "init" } };
	const struct icount_report *report = &runs[1].report;
	char hex[HASH_HEX_BYTES], client[HASH_HEX_BYTES];
	json_t *by = json_array();
	struct hash h;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		json_t *part = per_request(runs, names[i][1]);

		json_object_set_new(part, "name", json_string(names[i][0]));
		json_array_append_new(by, part);
	}
	xhash_file(xasprintf("%s/" ICOUNT_CLIENT, runs[1].tools), client);
	hash_init(&h);
	hash_add_string(&h, runs[0].sha256);
	hash_add_string(&h, runs[1].sha256);
	hash_finish(&h, hex);
	return json_pack("{s:I, s:o, s:o, s:{s:I, s:I, s:I}, s:s, s:s}", "requests",
			 (json_int_t)report->requests, "per_request", sum_of(by), "by", by,
			 "latency_ns", "p50", (json_int_t)report->p50_ns, "p90",
			 (json_int_t)report->p90_ns, "p99", (json_int_t)report->p99_ns,
			 "client_sha256", client, "sha256", hex);
}

static json_t *because(char *reason)
{
	json_t *object = json_pack("{s:o}", "reason", json_text(reason));

	free(reason);
	return object;
}

/* Both runs. */
static json_t *measure_both(const struct icount_run *common, uint64_t requests)
{
	struct icount_run runs[2] = { *common, *common };
	char *reason, *scratch = xscratch_make();
	json_t *result = NULL;

	runs[0].name = "warm-up";
	runs[1].name = "counted";
	runs[1].counted = requests;
	for (size_t i = 0; i < ARRAY_SIZE(runs) && !result; i++) {
		runs[i].scratch = scratch;
		reason = icount_run(&runs[i]);
		result = reason ? because(reason) : NULL;
	}
	if (!result)
		result = describe(runs, common->spec->app);
	scratch_remove(scratch);
	return result;
}

static char *tools_directory(void)
{
	return dirname(xfs_absolute("/proc/self/exe"));
}

json_t *icount_measure(const char *directory, const struct loadfile *l,
		       const struct icount_options *o)
{
	uint64_t most = l->requests < ICOUNT_REQUESTS ? l->requests : ICOUNT_REQUESTS;
	struct loadfile load = *l;
	struct imagespec spec;
	struct probe probe;
	char *reason;

	ximagespec_read(&spec, xasprintf("%s/image.spec", directory));
	reason = cannot(directory, &spec, &probe);
	if (reason)
		return because(reason);
	load.requests = o->requests ? o->requests : most;
	return measure_both(
		&(struct icount_run){
			.generation = directory,
			.tools = o->tools ? o->tools : tools_directory(),
			.spec = &spec,
			.load = &load,
			.port = l->port ? l->port : probe.guest_port,
			.timeout_s = o->timeout_s ? o->timeout_s : ICOUNT_TIMEOUT_S,
		},
		load.requests);
}
