/* SPDX-License-Identifier: MIT */
/* profile-store add: check a recording, convert it, keep it. */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "intake.h"
#include "profdata.h"
#include "profile-store.h"
#include "store_addresses.h"
#include "store_lines.h"

/* How much of what should have become samples has to be there. */
static const double least_samples_percent = 95, good_symbolized_percent = 97;

struct addition {
	const struct store_options *o;
	struct recording recording;
	char *directory;	  /* of the record in the making */
	json_t *units, *left_out; /* what was found, by unit; why a unit is not used */
	char *refusal;		  /* NULL, or why the profile is not accepted */
};

static char *path_of(const struct addition *a, const char *format, const char *unit)
{
	char *name = xasprintf(format, unit), *path = xasprintf("%s/%s", a->directory, name);

	free(name);
	return path;
}

/* Counts by source line; NULL or why they are not good for anything. */
static char *convert(const struct addition *a, const struct check *check, const char *unit,
		     json_t *result)
{
	char *raw = path_of(a, "raw/%s.raw", unit), *output = path_of(a, "%s.prof", unit);
	struct profdata made = { 0 };
	char *error = profdata_convert(check->code->path, raw, output);

	if (!error)
		error = profdata_look(&made, output);
	if (error)
		die("cannot convert the counts of %s: %s", unit, error);
	say(1, "%s: %llu samples of %llu expected", unit, (unsigned long long)made.samples,
	    (unsigned long long)check->debug_bytes);
	if (!made.functions)
		error = xstrdup(
			"llvm-profgen made an empty profile: no count is in a function that "
			"the debug information knows");
	else if ((double)made.samples < (double)check->debug_bytes * least_samples_percent / 100)
		error = xasprintf("llvm-profgen lost samples: %llu of %llu are left",
				  (unsigned long long)made.samples,
				  (unsigned long long)check->debug_bytes);
	json_object_set_new(result, "profile_functions", json_integer((json_int_t)made.functions));
	json_object_set_new(result, "samples", json_integer((json_int_t)made.samples));
	json_object_set_new(result, "fs_discriminators", json_boolean(made.fs_discriminators));
	if (!error && !made.fs_discriminators)
		warn("%s: the profile has no flow-sensitive discriminators, because its ELF was linked "
		     "without -enable-fs-discriminator or lost the symbol __llvm_fs_discriminator__",
		     unit);
	free(output);
	free(raw);
	return error;
}

static void write_checked(const struct addition *a, const struct check *check, const char *unit)
{
	char *path = path_of(a, "raw/%s.raw", unit), *text;
	size_t bytes;

	text = raw_format(&check->checked, &bytes);
	xfs_write(path, text, bytes);
	free(text);
	free(path);
}

/* The kernel or the app refuse the whole; init, which hardly runs, is left out. */
static void refuse(struct addition *a, const char *unit, const char *reason)
{
	if (!recording_needs(unit)) {
		char *prof = path_of(a, "%s.prof", unit), *raw = path_of(a, "raw/%s.raw", unit);
		char *addresses = path_of(a, "raw/%s.addresses", unit);

		say(0, "note: %s is left out: %s", unit, reason);
		json_object_set_new(a->left_out, unit, json_string(reason));
		json_object_del(a->units, unit);
		xfs_remove(prof);
		xfs_remove(raw);
		xfs_remove(addresses);
	} else if (!a->refusal) {
		a->refusal = xasprintf("%s: %s", unit, reason);
	}
}

static void xread_raw(struct raw_profile *raw, const char *path)
{
	size_t bytes;
	char *text = xfs_read(path, &bytes), *error = raw_parse(raw, path, text, bytes);

	if (error)
		die("%s", error);
	free(text);
}

/* Returns what plain samples are good for, or NULL if ranges and branches were recorded. */
static json_t *xread_counts(struct raw_profile *raw, const struct addition *a, const char *unit,
			    struct code *code)
{
	char *addresses = recording_file(&a->recording, unit, "addresses");
	char *copy = path_of(a, "raw/%s.addresses", unit);
	json_t *quality = NULL;

	if (addresses)
		xstore_addresses(raw, code, unit, addresses, copy, &quality);
	else
		xread_raw(raw, recording_file(&a->recording, unit, "raw"));
	free(copy);
	free(addresses);
	return quality;
}

/* Counts by source line, made elsewhere: there is nothing to convert. */
static void add_lines(struct addition *a, const char *unit, const char *from)
{
	char *elf = xasprintf("%s/%s.debug", a->recording.generation_directory, unit);
	char *output = path_of(a, "%s.prof", unit), *error;
	json_t *result;

	error = xstore_lines(from, elf, output, &result);
	json_object_set_new(a->units, unit, result);
	if (error)
		refuse(a, unit, error);
	free(error);
	free(output);
	free(elf);
}

static void add_unit(struct addition *a, const char *unit)
{
	char *elf = xasprintf("%s/%s.debug", a->recording.generation_directory, unit), *error;
	struct raw_profile raw;
	struct patched patched;
	struct check check;
	struct code code;
	json_t *result, *quality;

	error = code_open(&code, elf);
	if (error)
		die("%s", error);
	quality = xread_counts(&raw, a, unit, &code);
	patched_read(&patched, &code);
	check_run(&check, &code, &patched, &raw);
	error = check_verdict(&check, &a->o->limits);
	result = check_result(&check, error);
	if (quality)
		json_object_set_new(result, "spread", quality);
	json_object_set_new(a->units, unit, result);
	write_checked(a, &check, unit);
	if (!error)
		error = convert(a, &check, unit, result);
	if (error)
		refuse(a, unit, error);
	else if (check_symbolized_percent(&check) < good_symbolized_percent)
		warn("%s: only %.2f %% of the compiled instructions are in functions with debug "
		     "information",
		     unit, check_symbolized_percent(&check));
	free(error);
	check_release(&check);
	patched_release(&patched);
	code_release(&code);
	raw_release(&raw);
	free(elf);
}

/* A refused profile keeps its counts, and nothing that a compiler could take. */
static void drop_profiles(struct addition *a)
{
	for (size_t i = 0; i < a->recording.units.n; i++) {
		char *prof = path_of(a, "%s.prof", a->recording.units.v[i]);

		xfs_remove(prof);
		free(prof);
	}
}

static void copy_key(json_t *to, const json_t *from, const char *key)
{
	json_t *value = json_object_get(from, key);

	json_object_set_new(to, key, value ? json_deep_copy(value) : json_null());
}

/* Of the worst kind that is in it, whatever the recording says. */
static bool has_plain_samples(const struct addition *a)
{
	json_t *unit;
	const char *name;

	json_object_foreach(a->units, name, unit)
		if (json_object_get(unit, "spread"))
			return true;
	return false;
}

static json_t *describe(const struct addition *a)
{
	/* what an import says of where counts are from */
	static const char *const optional[] = { "kind",	  "event",   "samples",	  "cpu",
						"weight", "partial", "collection" };
	static const char *const kept[] = { "build_ids", "method",	"load",
					    "machine",	 "accelerator", "window" };
	json_t *record =
		json_pack("{s:i, s:s, s:i, s:b, s:o, s:O, s:O, s:n}", "schema", 1, "app", a->o->app,
			  "generation", (int)a->recording.generation, "accepted", !a->refusal,
			  "reason", a->refusal ? json_string(a->refusal) : json_null(), "units",
			  a->units, "left_out", a->left_out, "merged_from");

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		copy_key(record, a->recording.record, kept[i]);
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		if (json_object_get(a->recording.record, optional[i]))
			copy_key(record, a->recording.record, optional[i]);
	if (has_plain_samples(a))
		json_object_set_new(record, "kind", json_string("addresses"));
	return record;
}

/*
 * Code that a profile has optimized away is not in the next recording, and without it the
 * next build would lose the optimization again. So the predecessor goes on to count, by
 * half, a generation later by a quarter.
 */
static int merge_with_predecessor(const struct addition *a, struct profile p,
				  struct profile predecessor)
{
	bool known;
	struct profile merged = xstore_merge_evenly(a->o, p, predecessor, &known);

	if (strcmp(merged.id, p.id) != 0)
		printf("generation %u was relinked with %s: both count in the next profile\n",
		       a->recording.generation, predecessor.id);
	return print_new_profile(a->o, &merged, known, true);
}

int store_add(const struct store_options *o)
{
	struct addition a = { .o = o, .units = json_object(), .left_out = json_object() };
	struct profile p, predecessor;
	bool known, goes_on;
	char *raw;
	int status;

	if (o->word_count != 1)
		die("profile-store add: which recording? name one directory");
	xrecording_open(&a.recording, o->words[0], o->out, o->app);
	xstore_lock(o->out, o->app);
	a.directory = xstore_begin(o->out, o->app);
	raw = xasprintf("%s/raw", a.directory);
	xfs_mkdirs(raw);
	free(raw);
	for (size_t i = 0; i < a.recording.units.n; i++) {
		const char *unit = a.recording.units.v[i];
		char *lines = recording_file(&a.recording, unit, "prof");

		if (lines)
			add_lines(&a, unit, lines);
		else
			add_unit(&a, unit);
		free(lines);
	}
	if (a.refusal)
		drop_profiles(&a);
	p = xstore_commit(o->out, o->app, a.directory, describe(&a), &known);
	goes_on = p.accepted && !o->alone && store_predecessor(o, &p, &predecessor) &&
		  strcmp(predecessor.id, p.id) != 0;
	status = print_new_profile(o, &p, known, !goes_on);
	return goes_on ? merge_with_predecessor(&a, p, predecessor) : status;
}
