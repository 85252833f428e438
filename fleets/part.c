/* SPDX-License-Identifier: MIT */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "../imports/addresstext.h"
#include "../imports/spread.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

enum { MOST_RECORDS = 10000000 };

void part_start(struct part *p, const struct plan *plan)
{
	*p = (struct part){ .app = xstrdup(plan->app),
			    .digest = xstrdup(plan->digest),
			    .json = json_incref(plan->json),
			    .group_count = plan->group_count,
			    .planned = plan->record_count };
	p->groups = xcalloc(p->group_count + 1, sizeof(*p->groups));
	p->totals = xcalloc(p->group_count + 1, sizeof(*p->totals));
	memcpy(p->groups, plan->groups, p->group_count * sizeof(*p->groups));
	p->has = xcalloc(p->planned + 1, sizeof(*p->has));
}

void part_release(struct part *p)
{
	for (size_t i = 0; i < p->group_count; i++)
		total_release(&p->totals[i]);
	free(p->app);
	free(p->digest);
	free(p->groups);
	free(p->totals);
	free(p->has);
	json_decref(p->json);
	*p = (struct part){ 0 };
}

/* A new directory beside `directory`, which it is renamed to in the end. */
static char *xbegin(const char *directory)
{
	char *path = xstrdup(directory), *above, *slash, *temporary;

	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/';)
		path[--n] = '\0';
	if (fs_exists(path))
		die_hint("remove it, or name another one", "'%s' is there already", path);
	xfs_mkdirs_above(path);
	slash = strrchr(path, '/');
	above = slash ? xstrndup(path, slash == path ? 1 : (size_t)(slash - path)) : xstrdup(".");
	temporary = xfs_temporary_directory(above, fs_base(path));
	free(above);
	free(path);
	return temporary;
}

static void xcommit(char *temporary, const char *directory)
{
	char *path = xstrdup(directory);

	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/';)
		path[--n] = '\0';
	xfs_rename(temporary, path);
	free(path);
	free(temporary);
}

static const char *unit_name(const struct part *p, size_t unit)
{
	const char *const names[UNITS] = { "vmlinux", p->app, "init" };

	return names[unit];
}

static char *format_addresses(const struct raw_counts *c, size_t *bytes)
{
	struct address_counts addresses = { 0 };
	char *text;

	for (size_t i = 0; i < c->n; i++)
		addresses_push(&addresses, c->v[i].from, c->v[i].count);
	text = addresses_format(&addresses, bytes);
	addresses_release(&addresses);
	return text;
}

/* The counts of each unit that has some, below `directory`. */
static void xwrite_group(const struct part *p, size_t group, const char *directory,
			 bool as_addresses)
{
	char *below = xasprintf("%s/%s", directory, p->groups[group].name);

	xfs_mkdirs(below);
	for (size_t unit = 0; unit < UNITS; unit++) {
		const struct raw_profile *counts = &p->totals[group].units[unit];
		char *path = xasprintf("%s/%s.%s", below, unit_name(p, unit),
				       as_addresses ? "addresses" : "raw");
		size_t bytes;
		char *text;

		if (counts->ranges.n) {
			text = as_addresses ? format_addresses(&counts->ranges, &bytes)
					    : raw_format(counts, &bytes);
			xfs_write(path, text, bytes);
			free(text);
		}
		free(path);
	}
	free(below);
}

void xpart_write(const struct part *p, const char *directory)
{
	char *temporary = xbegin(directory), *path = xasprintf("%s/part.json", temporary);
	json_t *records = json_array(), *json;

	for (size_t i = 0; i < p->planned; i++)
		if (p->has[i])
			json_array_append_new(records, json_integer((json_int_t)i));
	for (size_t i = 0; i < p->group_count; i++)
		xwrite_group(p, i, temporary, false);
	json = json_pack("{s:i, s:s, s:s, s:O, s:I, s:o}", "schema", 1, "app", p->app, "plan",
			 p->digest, "groups", json_object_get(p->json, "groups"), "planned",
			 (json_int_t)p->planned, "records", records);
	xjson_write(path, json);
	json_decref(json);
	free(path);
	xcommit(temporary, directory);
}

static void xread_groups(struct part *p, const char *path)
{
	json_t *groups = xjson_array(p->json, "groups", path);

	p->group_count = json_array_size(groups);
	p->groups = xcalloc(p->group_count + 1, sizeof(*p->groups));
	p->totals = xcalloc(p->group_count + 1, sizeof(*p->totals));
	for (size_t i = 0; i < p->group_count; i++)
		if (!plan_open_group(&p->groups[i], json_array_get(groups, i)))
			die("'%s' has a damaged list of groups", path);
}

static void xread_records(struct part *p, const char *path)
{
	json_t *records = xjson_array(p->json, "records", path), *index;
	uint64_t planned = xjson_uint(p->json, "planned", path);
	size_t i;

	if (planned > MOST_RECORDS)
		die("'%s' has a damaged number of recordings", path);
	p->planned = planned;
	p->has = xcalloc(p->planned + 1, sizeof(*p->has));
	json_array_foreach(records, i, index) {
		json_int_t at = json_integer_value(index);

		if (!json_is_integer(index) || at < 0 || (uint64_t)at >= planned || p->has[at])
			die("'%s' has a damaged list of recordings", path);
		p->has[at] = true;
	}
}

static void xread_counts(struct part *p, const char *directory)
{
	for (size_t group = 0; group < p->group_count; group++)
		for (size_t unit = 0; unit < UNITS; unit++) {
			char *path = xasprintf("%s/%s/%s.raw", directory, p->groups[group].name,
					       unit_name(p, unit)),
			     *text, *error;
			struct raw_profile *counts = &p->totals[group].units[unit];
			size_t bytes;

			if (fs_exists(path)) {
				text = xfs_read(path, &bytes);
				error = raw_parse(counts, path, text, bytes);
				if (error)
					die("%s", error);
				raw_sort(&counts->ranges);
				raw_sort(&counts->branches);
				free(text);
			}
			free(path);
		}
}

void xpart_read(struct part *p, const char *directory)
{
	char *path = xasprintf("%s/part.json", directory);

	*p = (struct part){ .json = xjson_read(path) };
	if (xjson_uint(p->json, "schema", path) != 1)
		die("'%s' has another schema than 1", path);
	p->app = xstrdup(xjson_string(p->json, "app", path));
	p->digest = xstrdup(xjson_string(p->json, "plan", path));
	if (!*p->app || strchr(p->app, '/'))
		die("'%s' has no name of an app", path);
	xread_groups(p, path);
	xread_records(p, path);
	xread_counts(p, directory);
	free(path);
}

void xpart_join(struct part *p, const struct part *other, const char *name)
{
	if (strcmp(p->digest, other->digest) || p->group_count != other->group_count ||
	    p->planned != other->planned)
		die_hint("sum again with one plan", "'%s' was summed up with another plan", name);
	for (size_t i = 0; i < p->planned; i++) {
		if (p->has[i] && other->has[i])
			die_hint(
				"give each recording to one worker, and each part once",
				"recording %zu of the plan is in '%s' and in another part, and would "
				"count twice",
				i, name);
		p->has[i] |= other->has[i];
	}
	for (size_t group = 0; group < p->group_count; group++)
		for (size_t unit = 0; unit < UNITS; unit++)
			total_join(&p->totals[group].units[unit],
				   &other->totals[group].units[unit]);
}

void xpart_finish(struct part *p, const char *directory)
{
	size_t missing = 0, first = 0;
	char *temporary;

	for (size_t i = p->planned; i-- > 0;)
		if (!p->has[i]) {
			missing++;
			first = i;
		}
	if (missing)
		die_hint(
			"sum all recordings that were scanned; did a worker fail?",
			"%zu of %zu recordings are in no part, the first is number %zu of the plan",
			missing, p->planned, first);
	temporary = xbegin(directory);
	for (size_t group = 0; group < p->group_count; group++) {
		bool as_addresses = p->groups[group].kind == READING_ADDRESSES;
		char *path = xasprintf("%s/%s/record.json", temporary, p->groups[group].name);

		for (size_t unit = 0; unit < UNITS; unit++)
			total_finish(&p->totals[group].units[unit],
				     as_addresses ? SPREAD_INSTRUCTIONS_PER_SAMPLE : 1);
		xwrite_group(p, group, temporary, as_addresses);
		xjson_write(path, p->groups[group].record);
		free(path);
	}
	xcommit(temporary, directory);
}
