/* SPDX-License-Identifier: MIT */
#include "diff_bench.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/conditions.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "field.h"

static char *advice(const struct diff_sides *s, const char *load)
{
	return xasprintf("make bench APP=%s%s%s GEN=\"%u %u\"", s->from.app, load ? " LOAD=" : "",
			 load ? load : "", s->from.number, s->to.number);
}

/* The file of that load; the recipe's own is without a name. NULL: no file, *why says so. */
static json_t *read_file(const struct diff_side *side, const char *load, char **why)
{
	char *own = xasprintf("%s/bench.json", side->directory), *name;
	json_t *bench;

	if (!load) {
		bench = diff_side_read(side, "bench.json", why);
		if (!bench && !fs_exists(own))
			*why = xasprintf("generation %u was not measured", side->number);
		return bench;
	}
	name = xasprintf("bench-%s.json", load);
	bench = diff_side_read(side, name, why);
	if (!bench && !fs_exists(xasprintf("%s/%s", side->directory, name))) {
		char *ignored;

		bench = diff_side_read(side, "bench.json", &ignored);
		if (!strcmp(json_string_value(field_at(bench, "conditions.load.name")) ?: "", load))
			return bench;
		json_decref(bench);
		bench = NULL;
		*why = xasprintf("generation %u was not measured under the load '%s'", side->number,
				 load);
	}
	return bench;
}

/* NULL, or why these figures must not be used. */
static char *refuse(const struct diff_side *side, const json_t *bench)
{
	const json_t *sha256 = field_at(side->manifest, "image.sha256");
	unsigned n = side->number;

	if (field_integer(bench, "schema") != 1)
		return xasprintf("what was measured of generation %u is of another schema", n);
	if (!json_is_true(json_object_get(bench, "complete")))
		return xasprintf("the measurement of generation %u was not finished", n);
	if (strcmp(field_text(bench, "app"), side->app))
		return xasprintf("what lies in generation %u was measured of the app '%s'", n,
				 field_text(bench, "app"));
	if (!json_is_string(sha256) ||
	    strcmp(field_text(bench, "image_sha256"), json_string_value(sha256)))
		return xasprintf("what lies in generation %u was measured of another image", n);
	return NULL;
}

static json_t *open_bench(const struct diff_side *side, const char *load, char **why)
{
	json_t *bench = read_file(side, load, why);

	if (!bench)
		return NULL;
	*why = refuse(side, bench);
	if (!*why)
		return bench;
	json_decref(bench);
	return NULL;
}

/* Counting is the same on any host: an emulator executes what it executes. */
static json_t *for_counting(const json_t *conditions)
{
	static const char *const of_clocks[] = { "host_cpu", "host_cpus" };
	json_t *copy = json_deep_copy(conditions);

	for (size_t i = 0; i < ARRAY_SIZE(of_clocks); i++)
		json_object_del(copy, of_clocks[i]);
	return copy;
}

static char *failed_requests(const struct diff_side *side, const json_t *bench)
{
	json_int_t failed = field_integer(bench, "failed_requests");

	return failed ? xasprintf("%" JSON_INTEGER_FORMAT " requests to generation %u failed",
				  failed, side->number)
		      : NULL;
}

/* The session that the runs of a kind are of; kinds may have been measured one by one. */
static const char *session_of(const json_t *bench, const char *kind)
{
	const char *own = field_text(json_object_get(bench, "sessions"), kind);

	return *own ? own : field_text(bench, "session");
}

static bool is_one_session(const struct diff_benches *b, const char *kind)
{
	const char *from = session_of(b->from, kind);

	return *from && !strcmp(from, session_of(b->to, kind));
}

static char *wall_why(const struct diff_benches *b, const struct diff_sides *sides)
{
	char *why = failed_requests(&sides->from, b->from);

	if (!why)
		why = failed_requests(&sides->to, b->to);
	if (why)
		return why;
	if (!is_one_session(b, "wall"))
		return xasprintf("the clock's figures are of different sessions, and a machine is "
				 "not as fast at one time as at another; measure both in turn: %s",
				 b->command);
	why = conditions_differ(json_object_get(b->from, "conditions"),
				json_object_get(b->to, "conditions"));
	return why ? xasprintf("they were measured under different conditions: %s: %s", why,
			       b->command)
		   : NULL;
}

/* NULL if exact counts can be compared. */
static char *counting_why(const struct diff_benches *b)
{
	const json_t *from = json_object_get(b->from, "conditions");
	const json_t *to = json_object_get(b->to, "conditions");
	json_t *x, *y;
	char *why;

	if (!json_is_object(from) || !json_is_object(to))
		return xasprintf("it is not recorded under which conditions they were measured: %s",
				 b->command);
	x = for_counting(from);
	y = for_counting(to);
	why = conditions_differ(x, y);
	json_decref(x);
	json_decref(y);
	return why ? xasprintf("they were measured under different conditions: %s: %s", why,
			       b->command)
		   : NULL;
}

static void give_up(struct diff_benches *b, json_t *record, const char *why)
{
	diff_not_compared(record, "what bench measures", why);
	json_decref(b->from);
	json_decref(b->to);
	*b = (struct diff_benches){ 0 };
}

void diff_benches_open(struct diff_benches *b, json_t *record, const struct diff_sides *sides,
		       const char *load)
{
	char *from_why = NULL, *to_why = NULL, *why;

	*b = (struct diff_benches){ 0 };
	b->from = open_bench(&sides->from, load, &from_why);
	b->to = open_bench(&sides->to, load, &to_why);
	if (!b->from || !b->to) {
		why = xasprintf("%s%s%s: %s", from_why ? from_why : "",
				from_why && to_why ? "; " : "", to_why ? to_why : "",
				advice(sides, load));
		give_up(b, record, why);
		return;
	}
	b->is_one_session = is_one_session(b, "exact") && is_one_session(b, "boot");
	b->command = advice(sides, load);
	why = counting_why(b);
	if (why)
		give_up(b, record, why);
	else
		b->wall_why = wall_why(b, sides);
}
