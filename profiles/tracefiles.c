/* SPDX-License-Identifier: MIT */
#include "tracefiles.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "blockfile.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"
#include "rawfile.h"

struct part {
	uint64_t instructions, executions, taken, misses[MISS_KINDS];
	uint64_t crossings, returns;
};

#define UPPER_HALF (UINT64_C(1) << 63)

/* Every block is on one of them: what ran at physical addresses is neither kernel's nor user's. */
enum side { SIDE_KERNEL, SIDE_USER, SIDE_PHYSICAL, SIDES };
static const char *const side_names[SIDES] = { "kernel", "user", "physical" };

/* Places of code that are none of the regions. */
enum { OUTSIDE = REGIONS_MAX, EXCLUDED, PARTS };

struct sorted {
	struct part parts[PARTS], sides[SIDES], total;
	struct raw raw[REGIONS_MAX];
	uint64_t *excluded; /* instructions of each excluded range */
};

static int place_of(const struct tracer_options *o, uint64_t address, bool physical)
{
	int region = physical ? -1 : tracer_options_region(o, address);

	if (!physical && ranges_find(&o->excluded, address))
		return EXCLUDED;
	return region < 0 ? OUTSIDE : region;
}

static void add_block(struct part *p, const struct tally_block *b)
{
	p->instructions += b->instructions;
	p->executions += b->executions;
	p->taken += b->taken;
	for (int i = 0; i < MISS_KINDS; i++)
		p->misses[i] += b->misses[i];
}

static enum side side_of(const struct tally_block *b)
{
	if (b->physical)
		return SIDE_PHYSICAL;
	return b->start < UPPER_HALF ? SIDE_USER : SIDE_KERNEL;
}

static void sort_blocks(struct sorted *s, const struct tally *t, const struct tracer_options *o)
{
	for (size_t i = 0; i < t->block_count; i++) {
		const struct tally_block *b = &t->blocks[i];
		int place = place_of(o, b->start, b->physical);

		add_block(&s->parts[place], b);
		add_block(&s->total, b);
		add_block(&s->sides[side_of(b)], b);
		if (place < REGIONS_MAX)
			raw_add_range(&s->raw[place], b->start, b->last, b->executions);
		else if (place == EXCLUDED)
			s->excluded[ranges_find(&o->excluded, b->start) - o->excluded.v] +=
				b->instructions;
	}
}

/* A branch belongs where its block begins, as the block's instructions do. */
static void sort_branches(struct sorted *s, const struct tally *t, const struct tracer_options *o)
{
	for (size_t i = 0; i < t->branch_count; i++) {
		const struct tally_branch *b = &t->branches[i];
		int from = place_of(o, b->block, b->physical);
		int to = place_of(o, b->to, b->physical);

		if (from != to)
			s->parts[from].crossings += b->count;
		else if (b->returns)
			s->parts[from].returns += b->count;
		else if (from < REGIONS_MAX)
			raw_add_branch(&s->raw[from], b->from, b->to, b->count);
	}
}

static json_t *hex(uint64_t address)
{
	char text[19];

	snprintf(text, sizeof(text), "%" PRIx64, address);
	return json_string(text);
}

static void set_count(json_t *object, const char *key, uint64_t count)
{
	json_object_set_new(object, key, json_integer((json_int_t)count));
}

static json_t *range_json(const struct range *r)
{
	return json_pack("{s:o, s:o}", "start", hex(r->start), "end", hex(r->end));
}

static json_t *part_json(const struct part *p)
{
	json_t *object = json_object();

	set_count(object, "instructions", p->instructions);
	set_count(object, "executions", p->executions);
	set_count(object, "taken_branches", p->taken);
	set_count(object, "l1i_misses", p->misses[MISS_L1I]);
	set_count(object, "l1d_misses", p->misses[MISS_L1D]);
	set_count(object, "itlb_misses", p->misses[MISS_ITLB]);
	set_count(object, "crossings", p->crossings);
	set_count(object, "returns", p->returns);
	return object;
}

static json_t *region_json(const struct sorted *s, const struct tracer_options *o, size_t region)
{
	json_t *object = part_json(&s->parts[region]), *ranges = json_array();
	const char *name = o->region_names.v[region];

	for (size_t i = 0; i < o->regions.n; i++)
		if (!strcmp(o->regions.v[i].name, name))
			json_array_append_new(ranges, range_json(&o->regions.v[i]));
	json_object_set_new(object, "name", json_string(name));
	json_object_set_new(object, "ranges", ranges);
	return object;
}

static json_t *regions_json(const struct sorted *s, const struct tracer_options *o)
{
	json_t *regions = json_array();

	for (size_t i = 0; i < o->region_names.n; i++)
		json_array_append_new(regions, region_json(s, o, i));
	return regions;
}

static json_t *excluded_json(const struct sorted *s, const struct tracer_options *o)
{
	json_t *object = part_json(&s->parts[EXCLUDED]), *ranges = json_array();

	for (size_t i = 0; i < o->excluded.n; i++) {
		json_t *range = range_json(&o->excluded.v[i]);

		set_count(range, "instructions", s->excluded[i]);
		json_array_append_new(ranges, range);
	}
	json_object_set_new(object, "ranges", ranges);
	return object;
}

static json_t *geometry_json(const struct geometry *g)
{
	return json_pack("{s:I, s:I, s:I}", "bytes", (json_int_t)g->bytes, "ways",
			 (json_int_t)g->ways, "line_bytes", (json_int_t)g->line_bytes);
}

static json_t *models_json(const struct tracer_options *o)
{
	json_t *huge = json_array();

	if (!o->models)
		return json_null();
	for (size_t i = 0; i < o->huge.n; i++)
		json_array_append_new(huge, range_json(&o->huge.v[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:s}", "l1i", geometry_json(&o->l1i),
			 "l1d", geometry_json(&o->l1d), "itlb", geometry_json(&o->itlb),
			 "itlb_huge", geometry_json(&o->itlb_huge), "huge", huge, "replacement",
			 "true LRU", "addresses", "virtual");
}

static json_t *stacks_json(const struct stacks_sums *s)
{
	uint64_t mismatched = s->arrivals[ARRIVAL_MISMATCH] + s->arrivals[ARRIVAL_UNKNOWN];
	json_t *object = json_object();

	set_count(object, "instructions", s->instructions);
	set_count(object, "contexts", s->contexts);
	set_count(object, "refused", s->refused);
	set_count(object, "returns", s->arrivals[ARRIVAL_RETURN] + mismatched);
	set_count(object, "mismatched", mismatched);
	set_count(object, "without_call", s->arrivals[ARRIVAL_UNKNOWN]);
	return object;
}

/* Branches that leave a side are not told apart, as they are for parts. */
static json_t *sum_json(const struct part *p)
{
	json_t *sum = part_json(p);

	json_object_del(sum, "crossings");
	json_object_del(sum, "returns");
	return sum;
}

static json_t *trace_json(const struct sorted *s, const struct tally *t,
			  const struct tracer_options *o, const struct stacks_sums *stacks,
			  unsigned vcpus)
{
	json_t *trace = json_pack("{s:i, s:s, s:i}", "schema", 1, "window",
				  o->whole ? "whole" : "control", "vcpus", (int)vcpus);
	json_t *sides = json_object(), *interruptions = json_object();

	for (int i = 0; i < SIDES; i++)
		json_object_set_new(sides, side_names[i], sum_json(&s->sides[i]));
	set_count(interruptions, "count", t->interruptions);
	set_count(interruptions, "resumed_within_a_block", t->resumptions);
	set_count(interruptions, "unresolved", t->unresolved);
	json_object_set_new(trace, "total", sum_json(&s->total));
	json_object_set_new(trace, "sides", sides);
	set_count(trace, "repeats", t->repeats);
	json_object_set_new(trace, "regions", regions_json(s, o));
	json_object_set_new(trace, "excluded", excluded_json(s, o));
	json_object_set_new(trace, "outside", part_json(&s->parts[OUTSIDE]));
	json_object_set_new(trace, "interruptions", interruptions);
	json_object_set_new(trace, "models", models_json(o));
	json_object_set_new(trace, "stacks", stacks ? stacks_json(stacks) : json_null());
	return trace;
}

/* Takes `text`. */
static char *put(const char *directory, const char *name, char *text, size_t bytes)
{
	char *path = xasprintf("%s/%s", directory, name), *sentence = NULL;
	int error = fs_write(path, text, bytes);

	if (error)
		sentence = xasprintf("cannot write '%s': %s", path, strerror(-error));
	free(path);
	free(text);
	return sentence;
}

static char *put_json(const char *directory, const char *name, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS);
	char *line = xasprintf("%s\n", text);

	json_decref(value);
	free(text);
	return put(directory, name, line, strlen(line));
}

static char *put_raw(struct sorted *s, const struct tracer_options *o, size_t region,
		     const char *directory)
{
	char *name = xasprintf("%s.raw", o->region_names.v[region]), *error;
	size_t bytes;
	char *text = raw_text(&s->raw[region], &bytes);

	error = put(directory, name, text, bytes);
	free(name);
	return error;
}

char *tracefiles_write(const struct tally *t, const struct tracer_options *o,
		       const struct stacks_sums *stacks, unsigned vcpus, const char *directory)
{
	struct sorted s = { .excluded = xcalloc(o->excluded.n, sizeof(uint64_t)) };
	char *error = NULL, *text;
	size_t bytes;

	sort_blocks(&s, t, o);
	sort_branches(&s, t, o);
	for (size_t i = 0; !error && i < o->region_names.n; i++)
		error = put_raw(&s, o, i, directory);
	if (!error) {
		text = blockfile_text(t, &bytes);
		error = put(directory, "blocks.txt", text, bytes);
	}
	if (!error && stacks) {
		text = memcpy(xmalloc(stacks->bytes + 1), stacks->text, stacks->bytes);
		error = put(directory, "contexts.txt", text, stacks->bytes);
	}
	/* the last one: where it is, all are */
	if (!error)
		error = put_json(directory, "trace.json", trace_json(&s, t, o, stacks, vcpus));
	for (size_t i = 0; i < o->region_names.n; i++)
		raw_release(&s.raw[i]);
	free(s.excluded);
	return error;
}
