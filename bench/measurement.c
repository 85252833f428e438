/* SPDX-License-Identifier: MIT */
#include "measurement.h"

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

static bool has_finished(const struct measurement *m)
{
	char *why;
	json_t *there = benchdata_read(m->path, &why);
	bool has = json_equal(json_object_get(there, "image_sha256"),
			      json_object_get(m->bench, "image_sha256"));

	json_decref(there);
	free(why);
	return has;
}

static void set_names(struct measurement *m, const char *load_name, bool is_default)
{
	char *stem = benchdata_stem(is_default ? NULL : load_name);
	const char *name = json_string_value(json_object_get(m->bench, "subject"));
	bool is_generation = json_is_integer(json_object_get(m->bench, "generation"));

	m->name = xasprintf("%s%s", is_generation ? "generation " : "", name);
	m->path = xasprintf("%s/%s.json", m->directory, stem);
	m->part_path = xasprintf("%s/%s.part.json", m->directory, stem);
	m->symbols_path = xasprintf("%s/%s.symbols.json", m->directory, stem);
	m->folded_path = xasprintf("%s/%s.folded", m->directory, stem);
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

void xmeasurement_begin(struct measurement *m, const char *directory, const char *session,
			const struct loadfile *l, const char *load_path, const char *load_name,
			bool is_default)
{
	*m = (struct measurement){ .directory = directory };
	m->bench = xbenchdata_new(directory, session);
	set_names(m, load_name, is_default);
	m->is_first = !has_finished(m);
	if (fs_exists(m->part_path))
		measurement_stop(m);
	set_conditions(m, l, load_path, load_name);
	json_object_set_new(m->bench, "requests", json_integer((json_int_t)l->requests));
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
}

const char *xmeasurement_finish(struct measurement *m)
{
	const char *why = benchdata_why_invalid(m->bench);

	json_object_set_new(m->bench, "complete", json_boolean(!why));
	xmeasurement_save(m);
	if (why)
		measurement_stop(m);
	else
		xfs_rename(m->part_path, m->path);
	return why;
}

void measurement_stop(const struct measurement *m)
{
	if (m->is_first)
		rename(m->part_path, m->path);
	else
		unlink(m->part_path);
}
