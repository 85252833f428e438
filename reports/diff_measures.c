/* SPDX-License-Identifier: MIT */
#include "diff_measures.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/statistics.h"
#include "../pipeline/lib/util.h"
#include "field.h"

struct measure {
	const char *name, *title, *unit, *kind, *group;
	const char *figure;	/* where bench.json has the median */
	const char *runs, *run; /* and each run's value; NULL: deterministic, one run */
	bool higher_is_better;
	const char *part;
};

static const struct measure measures[] = {
	{ "instructions", "guest instructions", "per request", "exact", "counts",
	  "per_request.instructions", "exact", "instructions", false, NULL },
	{ "taken_branches", "taken branches", "per request", "exact", "counts",
	  "per_request.taken_branches", "exact", "taken_branches", false, NULL },
	{ "l1i_misses", "L1I misses, modelled", "per request", "exact", "counts",
	  "per_request.l1i_misses", "exact", "l1i_misses", false, NULL },
	{ "l1d_misses", "L1D misses, modelled", "per request", "exact", "counts",
	  "per_request.l1d_misses", "exact", "l1d_misses", false, NULL },
	{ "itlb_misses", "iTLB misses, modelled", "per request", "exact", "counts",
	  "per_request.itlb_misses", "exact", "itlb_misses", false, NULL },
	{ "boot", "boot, guest instructions", "instructions", "exact", "boot", "boot.instructions",
	  "boot", "instructions", false, NULL },
	{ "icount_instructions", "guest instructions", "per request", "exact", "icount",
	  "icount.per_request.instructions", NULL, NULL, false, NULL },
	{ "icount_taken_branches", "taken branches", "per request", "exact", "icount",
	  "icount.per_request.taken_branches", NULL, NULL, false, NULL },
	{ "icount_latency_p50", "latency p50", "ns", "exact", "icount", "icount.latency_ns.p50",
	  NULL, NULL, false, NULL },
	{ "icount_latency_p90", "latency p90", "ns", "exact", "icount", "icount.latency_ns.p90",
	  NULL, NULL, false, NULL },
	{ "icount_latency_p99", "latency p99", "ns", "exact", "icount", "icount.latency_ns.p99",
	  NULL, NULL, false, NULL },
	{ "latency_p50", "latency p50", "ns", "wall", "latency", "latency_ns.p50", "wall",
	  "open.latency_ns.p50", false, NULL },
	{ "latency_p90", "latency p90", "ns", "wall", "latency", "latency_ns.p90", "wall",
	  "open.latency_ns.p90", false, NULL },
	{ "latency_p99", "latency p99", "ns", "wall", "latency", "latency_ns.p99", "wall",
	  "open.latency_ns.p99", false, NULL },
	{ "latency_p999", "latency p99.9", "ns", "wall", "latency", "latency_ns.p999", "wall",
	  "open.latency_ns.p999", false, NULL },
	{ "closed_latency_p50", "closed loop p50", "ns", "wall", "throughput",
	  "closed_latency_ns.p50", "wall", "closed.latency_ns.p50", false, NULL },
	{ "closed_latency_p90", "closed loop p90", "ns", "wall", "throughput",
	  "closed_latency_ns.p90", "wall", "closed.latency_ns.p90", false, NULL },
	{ "closed_latency_p99", "closed loop p99", "ns", "wall", "throughput",
	  "closed_latency_ns.p99", "wall", "closed.latency_ns.p99", false, NULL },
	{ "closed_latency_p999", "closed loop p99.9", "ns", "wall", "throughput",
	  "closed_latency_ns.p999", "wall", "closed.latency_ns.p999", false, NULL },
	{ "throughput", "throughput, closed loop", "per second", "wall", "throughput",
	  "throughput_rps", "wall", "closed.throughput_rps", true, NULL },
	{ "boot_ms", "boot to first answer", "ms", "wall", "boot time", "boot.wall_ms", "wall",
	  "boot_ms", false, NULL },
	{ "memory", "memory touched", "bytes", "size", "memory", "memory_peak_bytes", "wall",
	  "memory_peak_bytes", false, NULL },
	{ "memory_min", "least memory that serves", "bytes", "size", "memory least",
	  "memory_min_bytes", NULL, NULL, false, NULL },
};

static const char *const parts[] = { "kernel", "libc", "app", "libraries", "other" };

/* One side's values: n of them, and their median. */
struct values {
	double *v, median;
	size_t n;
	bool known;
};

static struct values values_of(const json_t *bench, const struct measure *m)
{
	const json_t *median = field_at(bench, m->figure), *run;
	json_t *runs = m->runs ? json_object_get(json_object_get(bench, "runs"), m->runs) : NULL;
	struct values all = { .v = xcalloc(json_array_size(runs) + 1, sizeof(double)) };
	size_t i;

	json_array_foreach(runs, i, run) {
		const json_t *value = field_at(run, m->run);

		if (!json_object_get(run, "invalid") && json_is_number(value))
			all.v[all.n++] = json_number_value(value);
	}
	all.known = all.n || json_is_number(median);
	all.median = all.n ? statistics_median(all.v, all.n) : json_number_value(median);
	if (!m->runs)
		all.n = all.known;
	return all;
}

static bool is_free_running_count(const struct measure *m)
{
	return m->runs && !strcmp(m->kind, "exact");
}

/* Up to how far apart two figures are none; 0: any difference beyond chance is one. */
static double noise_percent(const struct measure *m, const struct diff_benches *b)
{
	if (!is_free_running_count(m))
		return 0;
	if (b->is_one_session)
		return DIFF_EQUIVALENT_PERCENT;
	return strstr(m->name, "_misses") ? DIFF_EQUIVALENT_MISSES_ACROSS_PERCENT
					  : DIFF_EQUIVALENT_ACROSS_PERCENT;
}

static bool is_significant(const struct measure *m, const struct values *from,
			   const struct values *to, double p, double noise)
{
	if (!m->runs)
		return from->median != to->median;
	if (isnan(p) || p > STATISTICS_ALPHA)
		return false;
	return fabs(to->median - from->median) > fabs(from->median) * noise / 100;
}

/* Bytes and nanoseconds are integers unless a median lies between two. */
static json_t *number(double value)
{
	return floor(value) == value && fabs(value) < 9e15 ? json_integer((json_int_t)value)
							   : json_real(value);
}

static json_t *compare(const struct measure *m, const struct values *from, const struct values *to,
		       const struct diff_benches *b)
{
	bool emulated = json_is_true(json_object_get(b->from, "emulated")) ||
			json_is_true(json_object_get(b->to, "emulated"));
	bool counted = m->runs && from->n >= DIFF_LEAST_RUNS && to->n >= DIFF_LEAST_RUNS;
	double p = counted ? statistics_mann_whitney(from->v, from->n, to->v, to->n) : NAN;
	double delta = to->median - from->median, noise = noise_percent(m, b);
	json_t *measure = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:o?, s:o, s:o, s:o, s:[I, I], s:b, s:b, s:b, s:b}",
		"name", m->name, "title", m->title, "unit", m->unit, "kind", m->kind, "group",
		m->group, "part", m->part ? json_string(m->part) : json_null(), "from",
		number(from->median), "to", number(to->median), "delta", number(delta), "n",
		(json_int_t)from->n, (json_int_t)to->n, "significant",
		is_significant(m, from, to, p, noise), "lower_is_better", !m->higher_is_better,
		"emulated", emulated && !strcmp(m->kind, "wall"), "deterministic", !m->runs);

	json_object_set_new(measure, "p", counted ? json_real(p) : json_null());
	json_object_set_new(measure, "noise_percent", noise > 0 ? json_real(noise) : json_null());
	json_object_set_new(measure, "percent",
			    from->median ? json_real(100 * delta / from->median)
			    : delta	 ? json_null()
					 : json_real(0));
	return measure;
}

/* How many figures of a group there are. */
struct seen {
	size_t from, to, both;
};

/* Is it on both sides? A figure that neither side has is not worth a word by itself. */
static void add(json_t *list, const struct diff_benches *b, const struct measure *m,
		struct seen *seen)
{
	struct values from = values_of(b->from, m), to = values_of(b->to, m);

	seen->from += from.known;
	seen->to += to.known;
	seen->both += from.known && to.known;
	if (from.known && to.known)
		json_array_append_new(list, compare(m, &from, &to, b));
	free(from.v);
	free(to.v);
}

/* The same measure of one part of the guest's code. */
static void add_parts(json_t *list, const struct diff_benches *b, const struct measure *whole)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct measure m = *whole;
		struct seen ignored = { 0 };

		m.part = parts[i];
		m.name = xasprintf("%s_%s", whole->name, parts[i]);
		m.title = xasprintf("%s, %s", whole->title, parts[i]);
		m.figure = xasprintf("per_request_by.%s.%s", parts[i], whole->name);
		m.run = xasprintf("by.%s.%s", parts[i], whole->name);
		add(list, b, &m, &ignored);
	}
}

/* Why this side has nothing of the group, as bench wrote it down; NULL if it did not. */
static const char *written_reason(const json_t *bench, const char *group)
{
	static const struct {
		const char *group, *path;
	} reasons[] = { { "icount", "icount.reason" },
			{ "latency", "not_measured.latency_ns" },
			{ "memory least", "not_measured.memory_min_bytes" },
			{ "stacks", "not_measured.stacks" } };

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!strcmp(reasons[i].group, group))
			return json_string_value(field_at(bench, reasons[i].path));
	return NULL;
}

/* Say what was written down of the sides that lack the group; false if nothing was. */
static bool note_reasons(json_t *record, const struct diff_benches *b, const char *group,
			 const struct seen *seen)
{
	const char *from = seen->from ? NULL : written_reason(b->from, group);
	const char *to = seen->to ? NULL : written_reason(b->to, group);
	long long from_number = (long long)field_integer(record, "from");
	long long to_number = (long long)field_integer(record, "to");
	char *why;

	if (!from && !to)
		return false;
	if (from && to && !strcmp(from, to))
		why = xasprintf("neither generation has it: %s", from);
	else if (from && to)
		why = xasprintf("generation %lld has none: %s; generation %lld has none: %s",
				from_number, from, to_number, to);
	else
		why = xasprintf("generation %lld has none: %s", from ? from_number : to_number,
				from ? from : to);
	diff_not_compared(record, group, why);
	free(why);
	return true;
}

static void note_missing(json_t *record, const struct diff_benches *b, const char *group,
			 const struct seen *seen)
{
	if (!note_reasons(record, b, group, seen))
		diff_not_compared(record, group,
				  seen->from || seen->to
					  ? "only one of the generations has it measured"
					  : "it was not measured");
}

static bool is_same(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b);
}

/* NULL if the figures under icount, where there are any, were counted in the same way. */
static char *icount_why(const struct diff_benches *b)
{
	const json_t *from = json_object_get(b->from, "icount");
	const json_t *to = json_object_get(b->to, "icount");

	if (!json_object_get(from, "per_request") || !json_object_get(to, "per_request"))
		return NULL;
	if (!is_same(json_object_get(from, "client_sha256"), json_object_get(to, "client_sha256")))
		return xasprintf(
			"another client asked inside the guest (client_sha256), and figures "
			"of different clients do not compare: %s",
			b->command);
	if (!is_same(json_object_get(from, "requests"), json_object_get(to, "requests")))
		return xasprintf("%lld and %lld requests were counted, and a request does not "
				 "cost the same among more of them: %s",
				 (long long)field_integer(from, "requests"),
				 (long long)field_integer(to, "requests"), b->command);
	return NULL;
}

/* NULL, or why no figure of this group may be compared, whoever has it. */
static const char *group_why(const struct diff_benches *b, const struct measure *m)
{
	if (!strcmp(m->group, "icount"))
		return icount_why(b);
	return strcmp(m->kind, "wall") ? NULL : b->wall_why;
}

/* What a reader of counts has to know if they come from different sessions. */
static json_t *note_on_sessions(const json_t *list, const struct diff_benches *b)
{
	json_t *m;
	size_t i;

	json_array_foreach(list, i, m)
		if (!b->is_one_session && json_is_number(json_object_get(m, "noise_percent")))
			return json_sprintf(
				"measured in different sessions: differences of counts "
				"below %.0f %% are noise, of modelled misses below %.0f %%; "
				"%s measures them in turn",
				DIFF_EQUIVALENT_ACROSS_PERCENT,
				DIFF_EQUIVALENT_MISSES_ACROSS_PERCENT, b->command);
	return json_null();
}

void diff_measures(json_t *record, const struct diff_benches *b)
{
	static const struct seen none = { 0 };
	json_t *list = json_array();
	size_t i = 0;

	json_object_set_new(record, "measures", list);
	json_object_set_new(record, "measures_note", json_null());
	if (!b->from)
		return;
	while (i < ARRAY_SIZE(measures)) {
		const char *group = measures[i].group, *why = group_why(b, &measures[i]);
		struct seen seen = { 0 };

		for (; i < ARRAY_SIZE(measures) && !strcmp(measures[i].group, group); i++) {
			if (why)
				continue;
			add(list, b, &measures[i], &seen);
			if (!strcmp(group, "counts"))
				add_parts(list, b, &measures[i]);
		}
		if (why)
			diff_not_compared(record, group, why);
		else if (!seen.both)
			note_missing(record, b, group, &seen);
	}
	note_reasons(record, b, "stacks", &none);
	json_object_set_new(record, "measures_note", note_on_sessions(list, b));
}
