/* SPDX-License-Identifier: MIT */
#include "spread.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "../profiles/patched.h"
#include "blocks.h"
#include "estimate.h"

/* Of samples anywhere, a fourth are on first instructions of blocks. */
static const double at_starts_share = 0.75;

/* That a block without any should have, to be counted. */
static const double least_samples = 0.1;

struct spread {
	struct blocks blocks;
	struct estimate estimate;
	double *samples; /* of each block: at its start if only_at_starts */
	bool only_at_starts;
};

static int compare_indices(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Indices of the functions with samples, each once. */
static uint32_t *find_functions(struct code *code, const struct address_counts *a, size_t *count,
				struct spread_result *r)
{
	uint32_t *found = xcalloc(a->n + 1, sizeof(*found));
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct code_function *f = code_find(code, a->v[i].address);

		r->samples += a->v[i].count;
		if (f)
			found[n++] = (uint32_t)(f - code->functions);
		else
			r->outside += a->v[i].count;
	}
	qsort(found, n, sizeof(*found), compare_indices);
	for (size_t i = 0; i < n; i++)
		if (!i || found[i] != found[i - 1])
			found[kept++] = found[i];
	*count = kept;
	return found;
}

/* An emulator takes interrupts where a translated block starts, and nowhere else. */
static void place_samples(struct spread *s, const struct address_counts *a, struct spread_result *r)
{
	uint64_t at_starts = 0, inside = 0;

	s->samples = xcalloc(s->blocks.n + 1, sizeof(*s->samples));
	for (size_t i = 0; i < a->n; i++) {
		uint32_t block = blocks_find(&s->blocks, a->v[i].address);

		if (block == no_block)
			continue;
		inside += a->v[i].count;
		if (block_start(&s->blocks, block) == a->v[i].address)
			at_starts += a->v[i].count;
	}
	s->only_at_starts = (double)at_starts >= at_starts_share * (double)inside;
	r->only_at_starts = s->only_at_starts;
	for (size_t i = 0; i < a->n; i++) {
		uint32_t block = blocks_find(&s->blocks, a->v[i].address);

		if (block == no_block)
			continue;
		if (s->only_at_starts && block_start(&s->blocks, block) != a->v[i].address) {
			r->unplaced += a->v[i].count;
			continue;
		}
		s->samples[block] += (double)a->v[i].count;
	}
	for (uint32_t i = 0; i < s->blocks.n; i++)
		r->blocks_hit += s->samples[i] > 0;
}

static uint64_t whole(double count)
{
	return count < 0.5 ? 0 : (uint64_t)(count + 0.5);
}

/* So that all counts together fit in 63 bits with room to spare, however many samples there are. */
static double counts_per_sample(const struct spread *s)
{
	const double most = (double)(UINT64_C(1) << 58);
	double instructions = 0;

	for (uint32_t i = 0; i < s->blocks.n; i++)
		instructions += s->estimate.runs[i] * block_instructions(&s->blocks, i);
	return instructions * SPREAD_INSTRUCTIONS_PER_SAMPLE < most ? SPREAD_INSTRUCTIONS_PER_SAMPLE
								    : most / instructions;
}

/*
 * A block without samples that should have next to none: much such code never runs, and is better
 * left out of a profile, where a compiler takes it for cold.
 */
static bool is_doubtful(const struct spread *s, uint32_t block)
{
	return s->samples[block] <= 0 &&
	       s->estimate.runs[block] * block_instructions(&s->blocks, block) < least_samples;
}

static void write_counts(const struct spread *s, struct raw_profile *raw)
{
	const struct blocks *b = &s->blocks;
	double scale = counts_per_sample(s);

	for (uint32_t i = 0; i < b->n; i++) {
		uint64_t count = whole(scale * s->estimate.runs[i]);

		if (count && !is_doubtful(s, i))
			raw_push(&raw->ranges, block_start(b, i), block_last(b, i), count);
	}
	for (uint32_t i = 0; i < b->edge_count; i++) {
		const struct block_edge *e = &b->edges[i];
		uint64_t count = whole(scale * s->estimate.taken[i]);

		/* others are not known, or are no branches */
		if (count && !is_doubtful(s, e->from) &&
		    (e->kind == EDGE_TAKEN || e->kind == EDGE_CALL) &&
		    code_is_boundary(b->code, e->target))
			raw_push(&raw->branches, block_last(b, e->from), e->target, count);
	}
	raw_sort(&raw->ranges);
	raw_sort(&raw->branches);
}

char *spread_addresses(struct raw_profile *raw, struct code *code, const struct address_counts *a,
		       struct spread_result *r)
{
	struct spread s = { .only_at_starts = false };
	struct patched patched;
	uint32_t *functions;
	size_t function_count;

	*raw = (struct raw_profile){ 0 };
	*r = (struct spread_result){ .functions = code->debug_function_count };
	functions = find_functions(code, a, &function_count, r);
	if (!function_count) {
		free(functions);
		return xstrdup("no sample is in the code of this ELF");
	}
	patched_read(&patched, code);
	blocks_build(&s.blocks, code, &patched, functions, function_count);
	place_samples(&s, a, r);
	r->functions_hit = function_count;
	r->blocks = s.blocks.n;
	s.estimate = (struct estimate){ .blocks = &s.blocks,
					.samples = s.samples,
					.only_at_starts = s.only_at_starts };
	estimate_run(&s.estimate);
	write_counts(&s, raw);
	patched_release(&patched);
	estimate_release(&s.estimate);
	blocks_release(&s.blocks);
	free(s.samples);
	return NULL;
}
