/* SPDX-License-Identifier: MIT */
#include "measurement.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "benchdata.h"
#include "conditions.h"
#include "machine.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/util.h"

const char *const measurement_runs[MEASUREMENT_RUNS] = { "exact", "boot", "wall" };

static size_t count_runs(const json_t *bench)
{
	const json_t *runs = json_object_get(bench, "runs");
	size_t count = 0;

	for (int i = 0; i < MEASUREMENT_RUNS; i++)
		count += json_array_size(json_object_get(runs, measurement_runs[i]));
	return count;
}

static bool is_of_this_image(const struct measurement *m, const json_t *there)
{
	const json_t *sha256 = json_object_get(there, "image_sha256");

	return sha256 && json_equal(sha256, json_object_get(m->bench, "image_sha256"));
}

/* What is there already must not be replaced by less. */
static size_t kept_runs(const struct measurement *m)
{
	char *why;
	json_t *finished = benchdata_read(m->path, &why), *there = json_read(m->path);
	size_t count = is_of_this_image(m, there) ? count_runs(there) : 0;

	if (is_of_this_image(m, finished))
		count = SIZE_MAX;
	json_decref(finished);
	json_decref(there);
	free(why);
	return count;
}

static void set_names(struct measurement *m, const char *load_name, bool is_default)
{
	char *stem = benchdata_stem(is_default ? NULL : load_name);
	const char *name = json_string_value(json_object_get(m->bench, "subject"));
	bool is_generation = json_is_integer(json_object_get(m->bench, "generation"));

	m->load = is_default ? NULL : load_name;
	m->name = xasprintf("%s%s", is_generation ? "generation " : "", name);
	m->path = xasprintf("%s/%s.json", m->directory, stem);
	m->symbols_path = xasprintf("%s/%s.symbols.json", m->directory, stem);
	m->folded_path = xasprintf("%s/%s.folded", m->directory, stem);
	m->part_path = xasprintf("%s/%s.part.json", m->directory, stem);
	m->part_symbols_path = xasprintf("%s/%s.part.symbols.json", m->directory, stem);
	m->part_folded_path = xasprintf("%s/%s.part.folded", m->directory, stem);
	free(stem);
}

static void set_conditions(struct measurement *m, const struct loadfile *l, const char *load_path,
			   const char *load_name)
{
	struct machine machine;
	json_t *conditions;

	xmachine_prepare(&machine, m->directory);
	conditions = conditions_make(&machine.options, &machine.spec, &machine.accelerator, l,
				     load_path);
	json_object_set_new(m->bench, "app", json_string(machine.spec.app));
	json_object_set_new(json_object_get(conditions, "load"), "name", json_string(load_name));
	json_object_set(m->bench, "accelerator", json_object_get(conditions, "accelerator"));
	json_object_set_new(
		m->bench, "emulated",
		json_boolean(strcmp("kvm", xjson_string(conditions, "accelerator", "conditions"))));
	json_object_set_new(m->bench, "conditions", conditions);
	machine_release(&machine);
}

/* What one who was killed has left. */
static void adopt(struct measurement *m)
{
	json_t *part = json_read(m->part_path);

	m->runs = is_of_this_image(m, part) ? count_runs(part) : 0;
	measurement_stop(m);
	m->runs = 0;
	json_decref(part);
}

void xmeasurement_begin(struct measurement *m, const char *directory, const char *session,
			const struct loadfile *l, const char *load_path, const char *load_name,
			bool is_default)
{
	*m = (struct measurement){ .directory = directory };
	m->bench = xbenchdata_new(directory, session);
	set_names(m, load_name, is_default);
	m->kept_runs = kept_runs(m);
	if (fs_exists(m->part_path)) {
		adopt(m);
		m->kept_runs = kept_runs(m);
	}
	set_conditions(m, l, load_path, load_name);
	json_object_set_new(m->bench, "requests", json_integer((json_int_t)l->requests));
	for (int i = 0; i < MEASUREMENT_RUNS; i++)
		json_object_set_new(json_object_get(m->bench, "sessions"), measurement_runs[i],
				    json_string(session));
}

/* What measures all of it anew. */
static char *advice(const struct measurement *m)
{
	if (!json_is_integer(json_object_get(m->bench, "generation")))
		return xstrdup("measure all kinds (leave KINDS= out), or remove that file");
	return xasprintf("make bench APP=%s%s%s GEN=%s measures all kinds anew",
			 json_string_value(json_object_get(m->bench, "app")),
			 m->load ? " LOAD=" : "", m->load ? m->load : "",
			 json_string_value(json_object_get(m->bench, "subject")));
}

/* Conditions that only runs find out come with the runs. */
static void check_conditions(const struct measurement *m, const json_t *there)
{
	json_t *conditions = json_object_get(there, "conditions");
	json_t *ours = json_deep_copy(json_object_get(m->bench, "conditions"));
	char *why;

	if (json_object_get(conditions, "models"))
		json_object_set(ours, "models", json_object_get(conditions, "models"));
	why = conditions_differ(conditions, ours);
	if (why)
		die_hint(advice(m),
			 "'%s' has other kinds that were measured under different conditions, and "
			 "they would be lost: %s",
			 m->path, why);
	json_decref(ours);
}

static void take_over_key(struct measurement *m, const json_t *from, const char *key)
{
	json_t *value = json_object_get(from, key);

	if (value)
		json_object_set(m->bench, key, value);
}

static void take_over_runs(struct measurement *m, const json_t *there, const char *kind)
{
	const json_t *runs = json_object_get(json_object_get(there, "runs"), kind);
	json_t *session = json_object_get(json_object_get(there, "sessions"), kind), *run;
	size_t i;

	json_array_foreach(runs, i, run)
		benchdata_add(m->bench, kind, json_incref(run));
	json_object_set(json_object_get(m->bench, "sessions"), kind,
			session ? session : json_object_get(there, "session"));
}

static void take_over_condition(struct measurement *m, const json_t *there, const char *key)
{
	json_t *value = json_object_get(json_object_get(there, "conditions"), key);

	if (value)
		measurement_set_condition(m, key, json_incref(value));
}

static void take_over_note(struct measurement *m, const json_t *there, const char *what)
{
	const json_t *notes = json_object_get(there, "not_measured");
	const char *why = json_string_value(json_object_get(notes, what));

	if (why)
		measurement_note(m, what, why);
}

/* Whether `there` has anything of a kind that is kept. */
static bool has_kept(const struct measurement *m, const json_t *there,
		     bool (*keeps)(const char *kind))
{
	const json_t *runs = json_object_get(there, "runs");
	bool has = keeps("icount") && json_object_get(there, "icount");

	has |= keeps("memory") && json_object_get(there, "memory_min_bytes");
	has |= keeps("stacks") && fs_exists(m->folded_path);
	for (int i = 0; i < MEASUREMENT_RUNS; i++)
		has |= keeps(measurement_runs[i]) &&
		       json_array_size(json_object_get(runs, measurement_runs[i]));
	return has;
}

void xmeasurement_take_over(struct measurement *m, bool (*keeps)(const char *kind))
{
	json_t *there = m->kept_runs == SIZE_MAX ? json_read(m->path) : NULL;

	if (!there || !has_kept(m, there, keeps))
		return;
	check_conditions(m, there);
	for (int i = 0; i < MEASUREMENT_RUNS; i++)
		if (keeps(measurement_runs[i]))
			take_over_runs(m, there, measurement_runs[i]);
	if (keeps("exact"))
		take_over_condition(m, there, "models");
	if (keeps("wall")) {
		take_over_condition(m, there, "rate_rps");
		take_over_note(m, there, "latency_ns");
	}
	if (keeps("stacks"))
		take_over_note(m, there, "stacks");
	if (keeps("icount"))
		take_over_key(m, there, "icount");
	if (keeps("memory")) {
		take_over_key(m, there, "memory_min_bytes");
		take_over_note(m, there, "memory_min_bytes");
	}
	json_decref(there);
}

void measurement_set_condition(struct measurement *m, const char *key, json_t *value)
{
	json_object_set_new(json_object_get(m->bench, "conditions"), key, value);
}

void measurement_note(struct measurement *m, const char *what, const char *why)
{
	json_t *notes = json_object_get(m->bench, "not_measured");

	if (!notes) {
		notes = json_object();
		json_object_set_new(m->bench, "not_measured", notes);
	}
	json_object_set_new(notes, what, json_text(why));
}

void xmeasurement_save(struct measurement *m)
{
	benchdata_summarize(m->bench);
	xjson_write(m->part_path, m->bench);
	m->runs = count_runs(m->bench);
}

/* Functions and stacks go with the figures; those that were not measured anew stay. */
static void put_in_place(struct measurement *m)
{
	rename(m->part_symbols_path, m->symbols_path);
	rename(m->part_folded_path, m->folded_path);
	rename(m->part_path, m->path);
}

const char *xmeasurement_finish(struct measurement *m)
{
	const char *why = benchdata_why_invalid(m->bench);

	json_object_set_new(m->bench, "complete", json_boolean(!why));
	xmeasurement_save(m);
	m->was_written = !why || m->kept_runs <= m->runs;
	if (!why)
		put_in_place(m);
	else
		measurement_stop(m);
	return why;
}

void measurement_stop(struct measurement *m)
{
	if (m->kept_runs <= m->runs) {
		put_in_place(m);
		return;
	}
	unlink(m->part_symbols_path);
	unlink(m->part_folded_path);
	unlink(m->part_path);
}
