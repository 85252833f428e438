/* SPDX-License-Identifier: MIT */
#include "spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "../profiles/patched.h"
#include "blocks.h"
#include "flow.h"

static double opt(const char *name, double otherwise)
{
	const char *v = getenv(name);
	return v ? atof(v) : otherwise;
}

struct spread {
	struct blocks blocks;
	struct flow flow;
	double *samples; /* of each block: at its start if only_at_starts */
	uint32_t *block_variable, *edge_variable;
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
	s->only_at_starts = (double)at_starts >= opt("SP_STARTS", 0.75) * (double)inside;
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

/* Edges of a block but for calls. */
static size_t ways_out(const struct blocks *b, uint32_t block)
{
	size_t n = 0;

	for (uint32_t i = b->v[block].edges; i < b->v[block + 1].edges; i++)
		n += b->edges[i].kind != EDGE_CALL;
	return n;
}

/*
 * How likely an edge is taken before anything was observed; shares of a block are divided by
 * their sum. As in T. Ball and J. Larus, Branch prediction for free, PLDI 1993.
 */
static double likelihood(const struct block_edge *e)
{
	if (e->unlikely)
		return 0.003;
	if (e->expected)
		return 20;
	if (e->kind == EDGE_TAKEN && e->backwards)
		return 5;
	return e->kind == EDGE_TAKEN ? 0.6 : 1;
}

static double share_of(const struct blocks *b, uint32_t edge)
{
	const struct block *v = &b->v[b->edges[edge].from];
	double sum = 0;

	for (uint32_t i = v->edges; i < v[1].edges; i++)
		if (b->edges[i].kind != EDGE_CALL)
			sum += likelihood(&b->edges[i]);
	return likelihood(&b->edges[edge]) / sum;
}

/* Where the search begins: what is likely of each function, as often as its samples say. */
static double *first_guess(const struct spread *s)
{
	enum { TURNS = 60 };
	const struct blocks *b = &s->blocks;
	double *guess = xcalloc(b->n + 1, sizeof(*guess)),
	       *share = xcalloc(b->edge_count + 1, sizeof(*share));
	double *in = xcalloc(b->n + 1, sizeof(*in));

	for (uint32_t i = 0; i < b->edge_count; i++)
		share[i] = b->edges[i].kind == EDGE_CALL ? 0 : share_of(b, i);
	for (int turn = 0; turn < TURNS; turn++) {
		memset(in, 0, b->n * sizeof(*in));
		for (uint32_t i = 0; i < b->edge_count; i++) {
			const struct block_edge *e = &b->edges[i];

			if (e->to != no_block && b->v[e->to].function == b->v[e->from].function)
				in[e->to] += share[i] * guess[e->from];
		}
		for (uint32_t i = 0; i < b->n; i++)
			guess[i] = (b->v[i].is_entry ? 1 : 1e-6) + in[i];
	}
	for (uint32_t first = 0, end; first < b->n; first = end) {
		double samples = 0.5, expected = 0;

		for (end = first; end < b->n && b->v[end].function == b->v[first].function; end++) {
			samples += s->samples[end];
			expected += guess[end] * block_instructions(b, end);
		}
		for (uint32_t i = first; i < end; i++)
			guess[i] *= samples / expected;
	}
	free(in);
	free(share);
	return guess;
}

static void make_variables(struct spread *s)
{
	const struct blocks *b = &s->blocks;
	double *guess = first_guess(s);

	s->block_variable = xcalloc(b->n + 1, sizeof(uint32_t));
	s->edge_variable = xcalloc(b->edge_count + 1, sizeof(uint32_t));
	for (uint32_t i = 0; i < b->n; i++)
		s->block_variable[i] = flow_variable(&s->flow, guess[i]);
	for (uint32_t i = 0; i < b->edge_count; i++)
		s->edge_variable[i] =
			b->edges[i].kind == EDGE_CALL
				? s->block_variable[b->edges[i].from]
				: flow_variable(&s->flow, guess[b->edges[i].from] * share_of(b, i));
	free(guess);
}

/* Which edges lead to each block: first[block] .. first[block + 1] of the list. */
static uint32_t *edges_by_target(const struct blocks *b, uint32_t **first)
{
	uint32_t *list = xcalloc(b->edge_count + 1, sizeof(*list));

	*first = xcalloc(b->n + 2, sizeof(**first));
	for (uint32_t i = 0; i < b->edge_count; i++)
		if (b->edges[i].to != no_block)
			(*first)[b->edges[i].to + 2]++;
	for (uint32_t i = 1; i <= b->n; i++)
		(*first)[i + 1] += (*first)[i];
	for (uint32_t i = 0; i < b->edge_count; i++)
		if (b->edges[i].to != no_block)
			list[(*first)[b->edges[i].to + 1]++] = i;
	return list;
}

static void add_equations(struct spread *s)
{
	const struct blocks *b = &s->blocks;
	uint32_t *first, *list = edges_by_target(b, &first);
	double weight = opt("SP_CHOICE", 0.5);

	for (uint32_t i = 0; i < b->n; i++) {
		bool is_open = b->v[i].is_entry || (!b->v[i].is_reached && s->samples[i] > 0);

		if (!is_open || first[i] < first[i + 1]) {
			flow_equation(&s->flow);
			flow_term(&s->flow, s->block_variable[i], -1);
			for (uint32_t j = first[i]; j < first[i + 1]; j++)
				flow_term(&s->flow, s->edge_variable[list[j]], 1);
			if (is_open) {
				uint32_t open = flow_variable(
					&s->flow,
					opt("SP_OPEN", 0.1) * s->flow.x[s->block_variable[i]]);

				flow_term(&s->flow, open, 1);
				flow_choice(&s->flow, s->block_variable[i], weight);
				flow_part(&s->flow, open, opt("SP_OPEN", 0.1));
			}
		}
		if (ways_out(b, i)) {
			flow_equation(&s->flow);
			flow_term(&s->flow, s->block_variable[i], 1);
			for (uint32_t j = b->v[i].edges; j < b->v[i + 1].edges; j++)
				if (b->edges[j].kind != EDGE_CALL)
					flow_term(&s->flow, s->edge_variable[j], -1);
		}
		if (ways_out(b, i) > 1) {
			flow_choice(&s->flow, s->block_variable[i], weight);
			for (uint32_t j = b->v[i].edges; j < b->v[i + 1].edges; j++)
				if (b->edges[j].kind != EDGE_CALL)
					flow_part(&s->flow, s->edge_variable[j], share_of(b, j));
		}
	}
	free(list);
	free(first);
}

static void observe_anywhere(struct spread *s)
{
	for (uint32_t i = 0; i < s->blocks.n; i++) {
		flow_observation(&s->flow, s->samples[i]);
		flow_expect(&s->flow, s->block_variable[i], block_instructions(&s->blocks, i));
	}
}

static uint64_t whole(double runs)
{
	double count = runs * SPREAD_INSTRUCTIONS_PER_SAMPLE;

	return count < 0.5 ? 0 : (uint64_t)(count + 0.5);
}

static void write_counts(const struct spread *s, struct raw_profile *raw)
{
	const struct blocks *b = &s->blocks;
	double least = opt("SP_LEAST", 0);

	for (uint32_t i = 0; i < b->n; i++) {
		double x = s->flow.x[s->block_variable[i]];
		uint64_t count = x * block_instructions(b, i) < least ? 0 : whole(x);

		if (count)
			raw_push(&raw->ranges, block_start(b, i), block_last(b, i), count);
	}
	for (uint32_t i = 0; i < b->edge_count; i++) {
		const struct block_edge *e = &b->edges[i];
		uint64_t count = whole(s->flow.x[s->edge_variable[i]]);

		if (count && (e->kind == EDGE_TAKEN || e->kind == EDGE_CALL) &&
		    code_find(b->code, e->target))
			raw_push(&raw->branches, block_last(b, e->from), e->target, count);
	}
	raw_sort(&raw->ranges);
	raw_sort(&raw->branches);
}

static void naive(struct spread *s)
{
	for (uint32_t i = 0; i < s->blocks.n; i++)
		s->flow.x[s->block_variable[i]] = s->samples[i] / block_instructions(&s->blocks, i);
	for (uint32_t i = 0; i < s->blocks.edge_count; i++)
		if (s->blocks.edges[i].kind != EDGE_CALL)
			s->flow.x[s->edge_variable[i]] =
				s->flow.x[s->block_variable[s->blocks.edges[i].from]] *
				share_of(&s->blocks, i);
}

char *spread_addresses(struct raw_profile *raw, struct code *code, const struct address_counts *a,
		       struct spread_result *r)
{
	struct spread s = { .only_at_starts = false };
	struct patched patched;
	uint32_t *functions;
	size_t function_count;

	*raw = (struct raw_profile){ 0 };
	*r = (struct spread_result){ .functions = code->function_count };
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
	make_variables(&s);
	add_equations(&s);
	observe_anywhere(&s);
	flow_improve(&s.flow, (unsigned)opt("SP_STEPS", 120), opt("SP_SPREAD", 0.05));
	flow_balance(&s.flow, (unsigned)opt("SP_BALANCE", 10));
	if (getenv("SP_NAIVE"))
		naive(&s);
	write_counts(&s, raw);
	patched_release(&patched);
	return NULL;
}
