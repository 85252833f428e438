/* SPDX-License-Identifier: MIT */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "benchdata.h"
#include "exact.h"
#include "icount.h"
#include "memory.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/util.h"
#include "scratch.h"
#include "wall.h"

enum {
	STACK_REQUESTS = 2000,
	ICOUNT_MOST_REQUESTS = 1000,
	GIVE_UP_AFTER = 2, /* invalid runs of a kind */
};

const char *const session_kinds[KIND_COUNT] = { "exact",  "boot",   "wall",
						"stacks", "icount", "memory" };

/* On two processors of a shared machine, emulated. */
static const double guess_s[KIND_COUNT] = { 8, 2, 7, 5, 8, 12 };

char *xsession_id(void)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		die("no random number for this session: %s", strerror(errno));
	return xasprintf("%016" PRIx64, random);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct exact_options exact_options_of(const struct session *s, const struct measurement *m)
{
	return (struct exact_options){
		.directory = m->directory,
		.tools = s->tools,
		.log = s->log,
		.load_path = s->load_path,
		.load_name = s->load_name,
		.requests = s->load.requests,
		.warmup = s->load.warmup,
	};
}

static void measure_exact(struct session *s, struct measurement *m)
{
	struct exact_options o = exact_options_of(s, m);
	json_t *models = NULL, *symbols = NULL;

	benchdata_add(m->bench, "exact", exact_load(&o, &models, &symbols));
	if (!models)
		return;
	json_object_del(models, "huge"); /* where this image's text lies, no condition */
	measurement_set_condition(m, "models", models);
	xjson_write(m->part_symbols_path, symbols);
	json_decref(symbols);
}

static void measure_boot(struct session *s, struct measurement *m)
{
	struct exact_options o = exact_options_of(s, m);

	benchdata_add(m->bench, "boot", exact_boot(&o));
}

/* The first run finds out at which rate the open loop of all the others sends. */
static void measure_wall(struct session *s, struct measurement *m)
{
	struct wall_options o = {
		.load = &s->load,
		.load_path = s->load_path,
		.seconds = s->seconds,
		.rate_rps = s->rate_rps,
		.load_tool = s->load_tool,
	};
	json_t *run = wall_run(m->directory, &o), *open = json_object_get(run, "open");
	const json_t *rate = json_object_get(open, "rate_rps");
	const char *not_held = json_string_value(json_object_get(open, "invalid"));

	if (not_held)
		measurement_note(m, "latency_ns", not_held);

	if (json_is_number(rate))
		s->rate_rps = json_number_value(rate);
	for (size_t i = 0; i < s->count && s->rate_rps > 0; i++)
		measurement_set_condition(&s->measurements[i], "rate_rps", json_real(s->rate_rps));
	benchdata_add(m->bench, "wall", run);
}

static void measure_stacks(struct session *s, struct measurement *m)
{
	struct exact_options o = exact_options_of(s, m);
	json_t *failed;

	o.requests = least(o.requests, STACK_REQUESTS);
	failed = exact_stacks(&o, m->part_folded_path);
	if (failed)
		measurement_note(m, "stacks",
				 json_string_value(json_object_get(failed, "invalid")));
	json_decref(failed);
}

static void measure_icount(struct session *s, struct measurement *m)
{
	struct icount_options o = { .requests = least(s->load.requests, ICOUNT_MOST_REQUESTS),
				    .tools = s->tools };

	/* a peer has no place for the client inside: nothing is missing there */
	if (json_is_integer(json_object_get(m->bench, "generation")))
		json_object_set_new(m->bench, "icount", icount_measure(m->directory, &s->load, &o));
}

static void measure_memory(struct session *s, struct measurement *m)
{
	uint64_t bytes;
	char *why;

	(void)s;
	if (memory_least(m->directory, &bytes, &why)) {
		measurement_note(m, "memory_min_bytes", why);
		free(why);
	} else {
		json_object_set_new(m->bench, "memory_min_bytes", json_integer((json_int_t)bytes));
	}
}

typedef void measure(struct session *s, struct measurement *m);
static measure *const measures[KIND_COUNT] = { measure_exact,  measure_boot,   measure_wall,
					       measure_stacks, measure_icount, measure_memory };

static bool is_repeated(enum session_kind kind)
{
	return kind <= KIND_WALL;
}

static void measure_one(struct session *s, enum session_kind kind, unsigned run,
			struct measurement *m)
{
	char *of = is_repeated(kind) ? xasprintf(" %u of %u", run + 1, s->runs) : xstrdup("");
	char *title = xasprintf("%s%s, %s", session_kinds[kind], of, m->name);

	progress_begin(&s->progress, title);
	if (!is_repeated(kind) ||
	    benchdata_invalid(m->bench, session_kinds[kind]) < GIVE_UP_AFTER) {
		measures[kind](s, m);
		xmeasurement_save(m);
	}
	if (scratch_interrupted())
		die("interrupted; what was measured before is kept");
	progress_end(&s->progress, kind);
	free(of);
	free(title);
}

static void plan(struct session *s)
{
	memcpy(s->progress.guess_s, guess_s, sizeof(guess_s));
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		for (size_t n = is_repeated(kind) ? s->runs : 1; n && s->kinds[kind]; n--)
			for (size_t i = 0; i < s->count; i++)
				progress_plan(&s->progress, kind);
}

/* What is repeated comes first, so that it lies close together in time. */
void session_measure(struct session *s)
{
	plan(s);
	for (unsigned run = 0; run < s->runs; run++)
		for (size_t i = 0; i < s->count; i++)
			for (unsigned kind = 0; kind < KIND_COUNT; kind++)
				if (is_repeated(kind) && s->kinds[kind])
					measure_one(s, kind, run, &s->measurements[i]);
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; i < s->count; i++)
			if (!is_repeated(kind) && s->kinds[kind])
				measure_one(s, kind, 0, &s->measurements[i]);
}
