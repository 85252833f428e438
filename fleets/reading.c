/* SPDX-License-Identifier: MIT */
#include "reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../imports/addresstext.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "../profiles/check.h"
#include "facts.h"

/* More is no file of counts: the whole kernel, each instruction with its own range, is less. */
static const uint64_t largest_file_bytes = 1 << 28, largest_record_bytes = 1 << 20;
static const double heaviest = 1000000;

const char *const reading_kind_names[READING_KINDS] = { "exact", "branches", "addresses" };

/* What is read before the counts are. */
struct source {
	const char *directory;
	const char *app;
	json_t *record;
	bool is_partial;
	char *texts[UNITS]; /* NULL if the unit has no counts */
	size_t bytes[UNITS];
	const char *names[UNITS];
};

enum reading_kind reading_kind_of(const char *name)
{
	size_t kind = 0;

	while (kind < READING_KINDS && strcmp(name, reading_kind_names[kind]))
		kind++;
	return (enum reading_kind)kind;
}

static char *path_of(const struct source *s, size_t unit, const char *ending)
{
	return xasprintf("%s/%s.%s", s->directory, s->names[unit], ending);
}

/* The sentence for errno after fs_read_regular() of the recording's file `name`; the caller frees. */
static char *unreadable(const char *name)
{
	if (errno == EINVAL)
		return xasprintf("%s is no regular file", name);
	if (errno == EFBIG)
		return xasprintf("%s is larger than any of its kind", name);
	return xasprintf("%s cannot be read: %s", name, strerror(errno));
}

static bool has_file(const struct source *s, size_t unit, const char *ending)
{
	char *path = path_of(s, unit, ending);
	bool has = fs_exists(path);

	free(path);
	return has;
}

/* record.json: is it one, and of this app? */
static char *read_record(struct source *s, struct reading *r)
{
	char *path = xasprintf("%s/record.json", s->directory);
	const char *app, *kind;
	const json_t *weight;
	size_t bytes;
	char *text;

	text = fs_read_regular(path, largest_record_bytes, &bytes);
	free(path);
	if (!text)
		return unreadable("record.json");
	s->record = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	if (!json_is_object(s->record))
		return xasprintf("record.json is not a JSON object");
	if (json_integer_value(json_object_get(s->record, "schema")) != 1)
		return xasprintf("record.json has another schema than 1");
	app = json_string_value(json_object_get(s->record, "app"));
	if (!app || strcmp(app, s->app))
		return xasprintf("it is not a recording of '%s'", s->app);
	s->is_partial = json_is_true(json_object_get(s->record, "partial"));
	weight = json_object_get(s->record, "weight");
	r->weight = weight ? json_number_value(weight) : 1;
	if (!(r->weight > 0 && r->weight <= heaviest))
		return xasprintf("its weight is not a number above 0, up to %g", heaviest);
	kind = json_string_value(json_object_get(s->record, "kind"));
	if (kind && !strcmp(kind, "lines"))
		return xasprintf(
			"it has counts by line, which were made elsewhere and cannot be checked "
			"against an ELF; add it with profile-store add, merge it with "
			"profile-store merge");
	r->kind = reading_kind_of(kind ? kind
				  : has_file(s, 0, "addresses") || has_file(s, 1, "addresses")
					  ? "addresses"
					  : "exact");
	return r->kind == READING_KINDS ? xasprintf("record.json has an unknown kind") : NULL;
}

/* The text of each unit's counts. init may be missing; others only where that is on purpose. */
static char *read_texts(struct source *s, const struct reading *r)
{
	const char *ending = r->kind == READING_ADDRESSES ? "addresses" : "raw";

	for (size_t i = 0; i < UNITS; i++) {
		char *path = path_of(s, i, ending), *error;
		bool is_there = fs_exists(path);

		if (is_there)
			s->texts[i] = fs_read_regular(path, largest_file_bytes, &s->bytes[i]);
		error = is_there && !s->texts[i] ? unreadable(fs_base(path)) : NULL;
		free(path);
		if (error)
			return error;
		if (!is_there && i < 2 && !s->is_partial)
			return xasprintf("%s.%s is missing", s->names[i], ending);
	}
	return s->texts[0] || s->texts[1] ? NULL : xasprintf("there are no counts in it");
}

static char *find_build(const struct source *s, struct reading *r, struct programs *programs)
{
	const json_t *ids = json_object_get(s->record, "build_ids"),
		     *number = json_object_get(s->record, "generation");
	bool wanted[UNITS];

	for (size_t i = 0; i < UNITS; i++)
		wanted[i] = s->texts[i] != NULL;
	r->build = programs_build(programs, ids,
				  json_is_integer(number) ? (uint64_t)json_integer_value(number)
							  : UINT64_MAX,
				  wanted);
	if (!r->build)
		return xasprintf("wrong build id: no generation here has its build ids");
	r->programs = programs_of(programs, r->build);
	return NULL;
}

/* "vmlinux.raw:3: ..." in the parser's words; the counts as ranges, whatever they were. */
static char *parse(const struct source *s, const struct reading *r, size_t unit,
		   struct raw_profile *raw)
{
	char *name = xasprintf("%s.%s", s->names[unit],
			       r->kind == READING_ADDRESSES ? "addresses" : "raw"),
	     *error;
	struct address_counts addresses = { 0 };

	*raw = (struct raw_profile){ 0 };
	if (r->kind == READING_ADDRESSES) {
		error = addresses_parse(&addresses, name, s->texts[unit], s->bytes[unit]);
		/* the store leaves them out: they are no part of a share */
		if (!error)
			waiting_drop(program_waiting(&r->programs[unit]), &addresses);
		for (size_t i = 0; !error && i < addresses.n; i++)
			raw_push(&raw->ranges, addresses.v[i].address, addresses.v[i].address,
				 addresses.v[i].count);
		addresses_release(&addresses);
	} else {
		error = raw_parse(raw, name, s->texts[unit], s->bytes[unit]);
	}
	free(name);
	return error;
}

/*
 * A branch ends a range, so that there cannot be more of them than instructions; a stack of
 * branch records has one range less than branches.
 */
static char *too_many_branches(const struct check *check, const struct reading *r)
{
	uint64_t most = check->instructions;

	if (r->kind == READING_BRANCHES && __builtin_mul_overflow(most, 2, &most))
		most = UINT64_MAX;
	return check->branches.counts - check->branches.rejected <= most
		       ? NULL
		       : xasprintf("more branches are counted than instructions");
}

/* Take over what the check leaves of the counts. */
static char *check_unit(const struct source *s, struct reading *r, size_t unit)
{
	static const struct check_limits limits = CHECK_LIMITS;
	struct program *u = &r->programs[unit];
	struct raw_profile raw;
	struct check check;
	char *error = parse(s, r, unit, &raw);

	if (error)
		return error;
	error = program_open(u);
	if (!error) {
		check_run(&check, &u->code, &u->patched, &raw);
		error = check_verdict(&check, &limits);
		if (!error)
			error = too_many_branches(&check, r);
		if (!error) {
			r->units[unit].is_there = true;
			r->units[unit].instructions = check.instructions;
			r->units[unit].counts = check.checked;
			check.checked = (struct raw_profile){ 0 };
		}
		check_release(&check);
	}
	raw_release(&raw);
	if (error) {
		char *sentence = xasprintf("%s: %s", u->name, error);

		free(error);
		return sentence;
	}
	return NULL;
}

/* init hardly runs: if its counts are of no use, only they are left out. */
static char *check_units(const struct source *s, struct reading *r)
{
	char *error = NULL;

	for (size_t i = 0; i < UNITS && !error; i++) {
		if (s->texts[i])
			error = check_unit(s, r, i);
		if (error && i == 2) {
			free(error);
			error = NULL;
		}
		if (!error && (__builtin_add_overflow(r->instructions, r->units[i].instructions,
						      &r->instructions) ||
			       r->instructions > INT64_MAX))
			error = xasprintf("its counts do not fit in 63 bits together");
	}
	return error;
}

static void identify(const struct source *s, struct reading *r)
{
	struct hash hash;

	hash_init(&hash);
	hash_add_string(&hash, reading_kind_names[r->kind]);
	for (size_t i = 0; i < UNITS; i++)
		if (s->texts[i]) {
			hash_add_string(&hash, s->names[i]);
			hash_add_string(&hash, r->build->units[i].build_id);
			hash_add(&hash, s->texts[i], s->bytes[i]);
		}
	hash_finish(&hash, r->id);
}

char *reading_open(struct reading *r, struct programs *programs, const char *directory)
{
	struct source s = { .directory = directory,
			    .app = programs->builds.app,
			    .names = { "vmlinux", programs->builds.app, "init" } };
	char *error;

	*r = (struct reading){ 0 };
	error = read_record(&s, r);
	if (!error)
		error = read_texts(&s, r);
	if (!error)
		error = find_build(&s, r, programs);
	if (!error)
		error = check_units(&s, r);
	if (!error) {
		identify(&s, r);
		r->facts = facts_read(s.record);
	} else {
		reading_release(r);
	}
	json_decref(s.record);
	for (size_t i = 0; i < UNITS; i++)
		free(s.texts[i]);
	return error;
}

void reading_release(struct reading *r)
{
	for (size_t i = 0; i < UNITS; i++)
		raw_release(&r->units[i].counts);
	json_decref(r->facts);
	*r = (struct reading){ 0 };
}
