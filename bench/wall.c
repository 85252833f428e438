/* SPDX-License-Identifier: MIT */
#include "wall.h"

#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "../pipeline/ports.h"
#include "machine.h"
#include "memory.h"
#include "scratch.h"
#include "wrk.h"

enum {
	DEFAULT_SECONDS = 2,
	DEFAULT_CONNECTIONS = 8,
	READY_LIMIT_S = 60,
	ANSWER_LIMIT_S = 5,
	MORE_S = 60, /* what a program may take beyond its planned time */
};

/* One run. */
struct run {
	struct wall_options o;
	struct machine m;
	char *scratch;
	double closed_rps;
	json_t *result;
};

static char *in_scratch(const struct run *r, const char *name)
{
	return xasprintf("%s/%s", r->scratch, name);
}

/* The first line of a file in the scratch directory, without "error: "; to be freed. */
static char *first_line(const struct run *r, const char *name)
{
	char *path = in_scratch(r, name), *text = fs_read(path, NULL), *line = text, *copy;

	if (line && !strncmp(line, "error: ", 7))
		line += 7;
	copy = line && *line != '\n' && *line ? xstrndup(line, strcspn(line, "\n"))
					      : xstrdup("it says nothing");
	free(text);
	free(path);
	return copy;
}

/* Run a load generator, its output into "out" and "err"; 0 and `good` are the statuses it may have. */
static char *generate(struct run *r, char *const *argv, int good)
{
	char *out = in_scratch(r, "out"), *err = in_scratch(r, "err"), *wrong, *line;
	int status;

	wrong = machine_run(&r->m, argv, out, err, r->o.seconds + MORE_S, &status);
	if (!wrong && status && status != good) {
		line = first_line(r, "err");
		wrong = xasprintf("%s ended with exit status %d: %s", fs_base(argv[0]), status,
				  line);
		free(line);
	}
	free(out);
	free(err);
	return wrong;
}

static char *run_wrk(struct run *r)
{
	const struct load_request *request = wrk_request(r->o.load);
	char *script = in_scratch(r, "script.lua"), *path = in_scratch(r, "out"), *wrong;
	struct strlist argv = STRLIST_INIT;
	struct wrk_result result;
	json_t *closed;

	if (!request)
		return xstrdup("the load has no GET with an answer of 2xx that wrk could repeat");
	xwrk_command(&argv, script, request, r->m.options.port, r->o.connections, r->o.seconds);
	wrong = generate(r, argv.v, 0);
	if (!wrong) {
		char *output = xfs_read(path, NULL);

		wrong = wrk_parse(output, &result);
		free(output);
	}
	if (!wrong)
		wrong = wrk_fault(&result);
	if (!wrong) {
		closed = wrk_describe(&result);
		r->closed_rps = json_real_value(json_object_get(closed, "throughput_rps"));
		json_object_set_new(r->result, "closed", closed);
	}
	strlist_release(&argv);
	free(script);
	free(path);
	return wrong;
}

/* A load generator's words that both loops have; the caller adds to them. */
static void load_words(const struct run *r, struct strlist *argv, const char *result)
{
	char *list = ports_list(&r->m.options);

	strlist_push(argv, r->o.load_tool);
	strlist_pushf(argv, "--file=%s", r->o.load_path);
	strlist_pushf(argv, "--ports=%s", list);
	strlist_pushf(argv, "--timeout-s=%d", ANSWER_LIMIT_S);
	strlist_pushf(argv, "--result=%s", result);
	free(list);
}

/* What wrk cannot speak: load itself, the whole sequence over and over. */
static char *run_load(struct run *r)
{
	char *path = in_scratch(r, "closed.json"), *wrong, *line;
	struct strlist argv = STRLIST_INIT;
	json_t *load, *closed;

	load_words(r, &argv, path);
	strlist_pushf(&argv, "--seconds=%u", r->o.seconds);
	strlist_pushf(&argv, "--connections=%u", r->o.connections);
	strlist_pushf(&argv, "--in-flight=%u", r->o.connections);
	wrong = generate(r, argv.v, EXIT_NO);
	load = wrong ? NULL : xjson_read(path);
	if (load && (xjson_uint(load, "failed", path) || xjson_uint(load, "warmup_failed", path))) {
		line = first_line(r, "err");
		wrong = xasprintf("in the closed loop answers were wrong; %s", line);
		free(line);
	} else if (load) {
		r->closed_rps = (double)xjson_uint(load, "requests", path) * 1e9 /
				(double)xjson_uint(load, "elapsed_ns", path);
		closed = json_pack("{s:O, s:O, s:f, s:O}", "requests",
				   json_object_get(load, "requests"), "failed",
				   json_object_get(load, "failed"), "throughput_rps", r->closed_rps,
				   "latency_ns", json_object_get(load, "latency_ns"));
		json_object_set_new(r->result, "closed", closed);
	}
	json_decref(load);
	strlist_release(&argv);
	free(path);
	return wrong;
}

static char *run_closed(struct run *r)
{
	const struct loadfile *l = r->o.load;

	return l->protocol == LOAD_HTTP && !l->http_version ? run_wrk(r) : run_load(r);
}

/* load's result file as the run's "open". */
static char *take_open(struct run *r, const char *path)
{
	json_t *load = xjson_read(path);
	uint64_t failed =
		xjson_uint(load, "failed", path) + xjson_uint(load, "warmup_failed", path);
	double reached_rps = json_number_value(json_object_get(load, "reached_rps"));
	char *wrong = NULL, *line;

	if (failed) {
		line = first_line(r, "err");
		wrong = xasprintf("in the open loop %" PRIu64 " answers were wrong; %s", failed,
				  line);
		free(line);
	} else if (!json_is_true(json_object_get(load, "held"))) {
		/* no failure of the subject's: there is no latency, all else stands */
		line = xasprintf("the rate of the open loop was not held: %.1f requests/s were "
				 "planned, %.1f were answered; give a lower one with RATE=",
				 r->o.rate_rps, reached_rps);
		json_object_set_new(r->result, "open", json_pack("{s:s}", "invalid", line));
		free(line);
	} else {
		json_object_set_new(r->result, "open",
				    json_pack("{s:O, s:O, s:O, s:O}", "requests",
					      json_object_get(load, "requests"), "failed",
					      json_object_get(load, "failed"), "rate_rps",
					      json_object_get(load, "rate_rps"), "latency_ns",
					      json_object_get(load, "latency_ns")));
	}
	json_decref(load);
	return wrong;
}

static char *run_open(struct run *r)
{
	char *path = in_scratch(r, "load.json"), *wrong;
	uint64_t requests, connections = r->o.connections;
	struct strlist argv = STRLIST_INIT;

	if (r->o.rate_rps <= 0)
		r->o.rate_rps = r->closed_rps / 4;
	requests = (uint64_t)(r->o.rate_rps * r->o.seconds + 0.5);
	if (connections < r->o.load->in_flight)
		connections = r->o.load->in_flight; /* the warm-up's */
	load_words(r, &argv, path);
	strlist_pushf(&argv, "--rate=%.17g", r->o.rate_rps);
	strlist_pushf(&argv, "--requests=%" PRIu64, requests ? requests : 1);
	strlist_pushf(&argv, "--connections=%" PRIu64, connections);
	wrong = generate(r, argv.v, EXIT_NO);
	if (!wrong)
		wrong = take_open(r, path);
	strlist_release(&argv);
	free(path);
	return wrong;
}

static char *measure_times(struct run *r, const char *directory)
{
	char *console = r->o.console_path ? xstrdup(r->o.console_path) : in_scratch(r, "console");
	char *wrong;
	double after_s;

	xmachine_prepare(&r->m, directory);
	xmachine_start(&r->m, console);
	if (!(wrong = machine_ready(&r->m, READY_LIMIT_S, &after_s))) {
		json_object_set_new(r->result, "boot_ms",
				    json_integer((json_int_t)(after_s * 1000 + 0.5)));
		if (!(wrong = run_closed(r)) && !(wrong = run_open(r)))
			wrong = machine_stop(&r->m);
	}
	machine_release(&r->m);
	free(console);
	return wrong;
}

static char *measure_memory(struct run *r, const char *directory)
{
	uint64_t bytes;
	char *wrong = memory_peak(directory, r->o.load_tool, r->o.load_path, r->scratch, &bytes);

	if (!wrong)
		json_object_set_new(r->result, "memory_peak_bytes",
				    json_integer((json_int_t)bytes));
	return wrong;
}

void xwall_settle(struct wall_options *o)
{
	char *program = xfs_absolute("/proc/self/exe");

	if (!o->seconds)
		o->seconds = DEFAULT_SECONDS;
	if (!o->connections)
		o->connections = DEFAULT_CONNECTIONS;
	if (!o->load_tool)
		o->load_tool = xasprintf("%s/load", dirname(program));
	if (!fs_exists(o->load_tool))
		die_hint("run 'make tools'", "the load generator '%s' is not there", o->load_tool);
	if (!process_find("wrk"))
		die_hint("install it: apt-get install wrk (or 'make setup' as root)",
			 "'wrk' is not installed, so throughput cannot be measured");
}

json_t *wall_run(const char *directory, const struct wall_options *o)
{
	struct run r = { .o = *o, .result = json_object() };
	char *wrong;

	xwall_settle(&r.o);
	r.scratch = xscratch_make();
	if ((wrong = measure_times(&r, directory)) || (wrong = measure_memory(&r, directory))) {
		json_object_clear(r.result);
		json_object_set_new(r.result, "invalid", json_text(wrong));
	}
	free(wrong);
	scratch_remove(r.scratch);
	return r.result;
}
