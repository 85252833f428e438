/* SPDX-License-Identifier: MIT */
#include "sketch.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

enum { CELL_BYTES = 64 };

/* Instructions by bucket, before they become shares. */
struct sums {
	uint64_t functions[SKETCH_FUNCTIONS], blocks[SKETCH_BLOCKS];
};

/* The last step of splitmix64: every bit of the input moves every bit of the result. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t fnv(uint64_t hash, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return hash;
}

uint64_t sketch_hash_name(const char *unit, const char *name, size_t bytes)
{
	uint64_t hash = fnv(0xcbf29ce484222325, unit, strlen(unit) + 1);

	hash = mix(fnv(hash, name, bytes));
	return hash ? hash : 1;
}

static unsigned block_bucket(uint64_t unit, uint64_t address)
{
	return (unsigned)(mix(unit ^ (address / CELL_BYTES)) % SKETCH_BLOCKS);
}

/* Keep the largest, in order; of equal ones the lower address. */
static void offer_peak(struct sketch *s, struct sketch_peak peak)
{
	size_t at = s->peak_count;

	while (at &&
	       (s->peaks[at - 1].share < peak.share ||
		(s->peaks[at - 1].share == peak.share && s->peaks[at - 1].address > peak.address)))
		at--;
	if (at == SKETCH_PEAKS)
		return;
	if (s->peak_count < SKETCH_PEAKS)
		s->peak_count++;
	memmove(&s->peaks[at + 1], &s->peaks[at], (s->peak_count - at - 1) * sizeof(s->peaks[0]));
	s->peaks[at] = peak;
}

static uint64_t share_of(uint64_t part, uint64_t whole)
{
	unsigned __int128 share = (unsigned __int128)part * SKETCH_ONE / whole;

	return share > UINT32_MAX ? UINT32_MAX : (uint64_t)share;
}

struct place {
	struct sketch *sketch;
	struct sums *sums;
	struct program *unit;
	const struct sources *sources;
	uint64_t unit_hash, all;
};

/* The bucket of the code at `address`, in function `f`; `row` is sources_find's. */
static unsigned function_bucket(const struct place *p, const struct code_function *f,
				const struct source_row *row)
{
	uint64_t hash = row ? row->function : 0;

	/* what follows a dot ("f.cold", "f.__uniq.12") is not the same in all builds */
	if (!hash)
		hash = sketch_hash_name(p->unit->name, f->name,
					*f->name ? 1 + strcspn(f->name + 1, ".") : 0);
	return (unsigned)(hash % SKETCH_FUNCTIONS);
}

static void offer(const struct place *p, const struct code_function *f, uint64_t address,
		  uint64_t instructions)
{
	uint64_t share = share_of(instructions, p->all);

	if (p->sketch->peak_count == SKETCH_PEAKS &&
	    share < p->sketch->peaks[SKETCH_PEAKS - 1].share)
		return;
	offer_peak(p->sketch, (struct sketch_peak){
				      .share = share,
				      .address = address,
				      .function_bucket = function_bucket(
					      p, f, sources_find(p->sources, address)),
				      .block_bucket = block_bucket(p->unit_hash, address),
				      .function = (char *)(uintptr_t)f->name,
			      });
}

/* A range of the check's: within one function, on boundaries of instructions. */
static void add_range(const struct place *p, const struct raw_count *range)
{
	struct code_function *f = code_find(&p->unit->code, range->from);
	size_t first = code_index(f, range->from), last = code_index(f, range->to);
	const struct source_row *row = sources_find(p->sources, range->from);
	const struct source_row *end = p->sources->v + p->sources->n;

	for (size_t i = first; i <= last; i++) {
		uint64_t address = code_address(f, i);

		while (row && row + 1 < end && row[1].address <= address)
			row++;
		p->sums->functions[function_bucket(p, f, row)] += range->count;
		p->sums->blocks[block_bucket(p->unit_hash, address)] += range->count;
	}
	offer(p, f, range->from, range->count * (last - first + 1));
}

static void add_unit(struct place *p, const struct reading_unit *counts)
{
	p->sources = program_sources(p->unit);
	p->unit_hash = sketch_hash_name(p->unit->name, "", 0);
	for (size_t i = 0; i < counts->counts.ranges.n; i++)
		add_range(p, &counts->counts.ranges.v[i]);
	for (size_t i = 0; i < counts->counts.branches.n; i++) {
		const struct raw_count *branch = &counts->counts.branches.v[i];

		offer(p, code_find(&p->unit->code, branch->from), branch->from, branch->count);
	}
}

static void copy_about(struct sketch *s, const struct record *about)
{
	s->about = *about;
	s->about.label = xstrdup(about->label);
	s->about.load = about->load ? xstrdup(about->load) : NULL;
}

static json_t *build_ids(const struct reading *r)
{
	json_t *ids = json_object();

	for (size_t i = 0; i < UNITS; i++)
		if (r->units[i].is_there)
			json_object_set_new(ids, r->programs[i].name,
					    json_string(r->build->units[i].build_id));
	return ids;
}

void sketch_make(struct sketch *s, const struct record *about, const struct reading *r)
{
	struct sums *sums = xcalloc(1, sizeof(*sums));

	*s = (struct sketch){ .generation = r->build->number,
			      .kind = r->kind,
			      .instructions = r->instructions,
			      .weight = r->weight,
			      .facts = json_incref(r->facts),
			      .build_ids = build_ids(r) };
	copy_about(s, about);
	strcpy(s->id, r->id);
	for (size_t i = 0; i < UNITS; i++)
		if (r->units[i].is_there)
			add_unit(&(struct place){ .sketch = s,
						  .sums = sums,
						  .unit = &r->programs[i],
						  .all = r->instructions },
				 &r->units[i]);
	for (size_t i = 0; i < s->peak_count; i++)
		s->peaks[i].function = xstrdup(s->peaks[i].function);
	for (size_t i = 0; i < SKETCH_FUNCTIONS; i++)
		s->functions[i] = (uint32_t)share_of(sums->functions[i], r->instructions);
	for (size_t i = 0; i < SKETCH_BLOCKS; i++)
		s->blocks[i] = (uint32_t)share_of(sums->blocks[i], r->instructions);
	free(sums);
}

void sketch_refuse(struct sketch *s, const struct record *about, char *reason)
{
	*s = (struct sketch){ .refused = reason };
	copy_about(s, about);
}

void sketch_release(struct sketch *s)
{
	free(s->about.label);
	free(s->about.load);
	free(s->refused);
	json_decref(s->facts);
	json_decref(s->build_ids);
	for (size_t i = 0; i < s->peak_count; i++)
		free(s->peaks[i].function);
	*s = (struct sketch){ 0 };
}

void sketches_push(struct sketches *all, struct sketch *s)
{
	if (all->n == all->room) {
		all->room = all->room ? 2 * all->room : 16;
		all->v = xrealloc(all->v, all->room * sizeof(*all->v));
	}
	all->v[all->n++] = *s;
}

void sketches_release(struct sketches *all)
{
	for (size_t i = 0; i < all->n; i++)
		sketch_release(&all->v[i]);
	free(all->v);
	free(all->app);
	*all = (struct sketches){ 0 };
}
