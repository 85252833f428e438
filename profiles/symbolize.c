/* SPDX-License-Identifier: MIT */
#include "symbolize.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "pipeline/lib/util.h"

struct sum {
	const char *name;
	uint64_t instructions, taken, misses[MISS_KINDS];
	bool excluded;
	UT_hash_handle hh;
};

static struct sum *sum_of(struct sum **all, const char *name)
{
	struct sum *s;

	HASH_FIND_STR(*all, name, s);
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->name = name;
		HASH_ADD_KEYPTR(hh, *all, s->name, strlen(s->name), s);
	}
	return s;
}

static void add(struct sum *s, const struct tally_block *b)
{
	s->instructions += b->instructions;
	s->taken += b->taken;
	for (int i = 0; i < MISS_KINDS; i++)
		s->misses[i] += b->misses[i];
}

static bool is_excluded(const struct exclusions *e, uint64_t address)
{
	for (size_t i = 0; i < e->n; i++)
		if (address >= e->v[i].start && address < e->v[i].end)
			return true;
	return false;
}

static int compare(const struct sum *a, const struct sum *b)
{
	if (a->instructions != b->instructions)
		return a->instructions > b->instructions ? -1 : 1;
	return strcmp(a->name, b->name);
}

static json_t *sum_json(const struct sum *s)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "name", s->name, "instructions",
			      (json_int_t)s->instructions, "taken_branches", (json_int_t)s->taken,
			      "l1i_misses", (json_int_t)s->misses[MISS_L1I], "l1d_misses",
			      (json_int_t)s->misses[MISS_L1D], "itlb_misses",
			      (json_int_t)s->misses[MISS_ITLB]);

	if (s->excluded)
		json_object_set_new(o, "excluded", json_true());
	return o;
}

static json_t *region_json(const struct symbolize_region *region, struct sum **sums,
			   uint64_t instructions, uint64_t symbolized)
{
	json_t *symbols = json_array();
	struct sum *s, *next;

	HASH_SORT(*sums, compare);
	HASH_ITER(hh, *sums, s, next)
	{
		json_array_append_new(symbols, sum_json(s));
		HASH_DEL(*sums, s);
		free(s);
	}
	return json_pack("{s:s, s:I, s:I, s:o}", "name", region->name, "instructions",
			 (json_int_t)instructions, "symbolized_instructions",
			 (json_int_t)symbolized, "symbols", symbols);
}

static json_t *symbolize_region(const struct tally_block *blocks, size_t count,
				const struct symbolize_region *region, const struct exclusions *e)
{
	uint64_t instructions = 0, symbolized = 0;
	struct sum *sums = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct elfmap_symbol *symbol;
		struct sum *sum;

		if (!ranges_find(&region->map->code, blocks[i].start))
			continue;
		instructions += blocks[i].instructions;
		symbol = elfmap_find(region->map, blocks[i].start);
		if (!symbol)
			continue;
		symbolized += blocks[i].instructions;
		sum = sum_of(&sums, symbol->name);
		add(sum, &blocks[i]);
		sum->excluded |= is_excluded(e, blocks[i].start);
	}
	return region_json(region, &sums, instructions, symbolized);
}

json_t *symbolize(const struct tally_block *blocks, size_t block_count,
		  const struct symbolize_region *regions, size_t region_count,
		  const struct exclusions *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < region_count; i++)
		json_array_append_new(all, symbolize_region(blocks, block_count, &regions[i], e));
	return json_pack("{s:i, s:o}", "schema", 1, "regions", all);
}
