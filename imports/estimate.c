/* SPDX-License-Identifier: MIT */
#include "estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "chain.h"
#include "skid.h"

/* Nothing becomes less than this: what is zero once would stay so. */
static const double least = 1e-9;

/* Even endless loops end. */
static const double again = 0.9999;

/* Steps, and how far they go: of what expectation maximization would do, at first and at last. */
enum { STEPS = 500, SKID_STEPS = 5 };
static const double first_stride = 0.3, last_stride = 0.06;

/* What is known beforehand of a branch counts as this many samples. */
static const double foreknowledge = 0.05;

/* Most branches nearly always go one way: that counts as this many. */
static const double decided = 1;

/*
 * Relative error, squared, that the samples of a block have besides that of their number: time is
 * not instructions. By an emulator's clock they differ by more.
 */
static const double error_anywhere = 0.05, error_at_starts = 0.3;

/* A block that waits for a device has more samples than are right: they are taken for no more than this. */
static const double most_times = 3, most_more = 4;

/* That a function is entered as often as it is called: of its samples' weight; if others may call it. */
static const double call_weight = 0.5, call_weight_of_some = 0.1, most_call_weight = 20;

struct place {
	double entry;	 /* how often it is entered from unknown code; 0: never */
	double called;	 /* by known code; the entry should be as large */
	double inside;	 /* samples for each run, wherever they are in the block */
	double ratio;	 /* samples over those expected */
	double weight;	 /* of what is seen there, for each that is expected */
	double worth;	 /* slope of the likelihood for one run more, and all that follows */
	double evidence; /* what that rests on: expected samples, weighted */
};

struct work {
	struct estimate *e;
	const struct blocks *b;
	struct place *places;	 /* by block */
	double *shares, *likely; /* by edge: now, and beforehand */
	struct chain *chains;	 /* by function */
	uint32_t *first;	 /* by function: its first block; one more for the end */
	size_t functions;
	double *worth, *evidence; /* of the function in hand */
	struct skid skid;
	double error, stride;
};

/* Before anything was observed; as in T. Ball and J. Larus, Branch prediction for free, PLDI 1993. */
static double likelihood(const struct block_edge *e)
{
	if (e->kind == EDGE_CALL)
		return 0;
	if (e->unlikely)
		return 0.003;
	if (e->expected)
		return 20;
	if (e->kind == EDGE_TAKEN)
		return e->backwards ? 5 : 0.6;
	return 1;
}

static void set_shares(struct work *w)
{
	const struct blocks *b = w->b;

	for (uint32_t i = 0; i < b->n; i++) {
		double sum = 0;

		for (uint32_t j = b->v[i].edges; j < b->v[i + 1].edges; j++)
			sum += likelihood(&b->edges[j]);
		for (uint32_t j = b->v[i].edges; j < b->v[i + 1].edges; j++)
			w->shares[j] = w->likely[j] = sum > 0 ? likelihood(&b->edges[j]) / sum : 0;
	}
}

static bool is_inner(const struct work *w, const struct block_edge *e)
{
	return e->kind != EDGE_CALL && e->to != no_block &&
	       w->b->v[e->to].function == w->b->v[e->from].function;
}

static void make_chain(struct work *w, size_t f)
{
	const struct blocks *b = w->b;
	uint32_t start = w->first[f], end = w->first[f + 1];
	uint32_t first = b->v[start].edges, last = b->v[end].edges;
	uint32_t *from = xcalloc(last - first + 1, sizeof(*from));
	uint32_t *to = xcalloc(last - first + 1, sizeof(*to));
	size_t n = 0;

	for (uint32_t i = first; i < last; i++)
		if (is_inner(w, &b->edges[i])) {
			from[n] = b->edges[i].from - start;
			to[n++] = b->edges[i].to - start;
		}
	chain_build(&w->chains[f], end - start, from, to, n);
	free(from);
	free(to);
}

static void make_chains(struct work *w)
{
	const struct blocks *b = w->b;

	w->first = xcalloc(b->function_count + 2, sizeof(*w->first));
	for (uint32_t i = 0; i < b->n; i++)
		if (!i || b->v[i].function != b->v[i - 1].function)
			w->first[w->functions++] = i;
	w->first[w->functions] = (uint32_t)b->n;
	w->chains = xcalloc(w->functions + 1, sizeof(*w->chains));
	for (size_t f = 0; f < w->functions; f++)
		make_chain(w, f);
}

static void update_chain(struct work *w, size_t f)
{
	const struct blocks *b = w->b;
	uint32_t start = w->first[f], end = b->v[w->first[f + 1]].edges;

	chain_clear(&w->chains[f]);
	for (uint32_t i = b->v[start].edges; i < end; i++) {
		const struct block_edge *e = &b->edges[i];

		if (is_inner(w, e))
			chain_share(&w->chains[f], e->from - start, e->to - start,
				    w->shares[i] * (e->backwards ? again : 1));
	}
	chain_factorize(&w->chains[f]);
}

/* What enters a block from outside of its function; `called` is found on the way. */
static double inflow(struct work *w, uint32_t block)
{
	const struct blocks *b = w->b;
	struct place *p = &w->places[block];
	double sum = p->entry;

	p->called = 0;
	for (uint32_t i = b->v[block].in; i < b->v[block + 1].in; i++) {
		const struct block_edge *e = &b->edges[b->in[i]];

		/* what calls itself does not say how often it is entered */
		if (b->v[e->from].function == b->v[block].function)
			continue;
		if (e->kind == EDGE_CALL)
			p->called += w->e->runs[e->from];
		else
			sum += w->e->runs[e->from] * w->shares[b->in[i]];
	}
	return sum;
}

/* How often blocks run, with shares and entries as they are; what comes from other functions, as it was. */
static void find_runs(struct work *w)
{
	double *runs = w->e->runs;

	for (size_t f = 0; f < w->functions; f++) {
		uint32_t start = w->first[f], end = w->first[f + 1];

		update_chain(w, f);
		for (uint32_t i = start; i < end; i++)
			w->worth[i - start] = inflow(w, i);
		memcpy(runs + start, w->worth, (end - start) * sizeof(*runs));
		chain_visits(&w->chains[f], runs + start);
		for (uint32_t i = start; i < end; i++)
			runs[i] = fmax(runs[i], least);
	}
}

static double expected_at(const struct work *w, uint32_t block)
{
	const struct blocks *b = w->b;
	double sum = w->e->runs[block] * w->places[block].inside;

	if (!w->e->only_at_starts)
		return sum;
	sum = w->places[block].entry * w->skid.by_entry[block];
	for (uint32_t i = b->v[block].in; i < b->v[block + 1].in; i++) {
		uint32_t edge = b->in[i];

		sum += w->skid.by_edge[edge] * w->shares[edge] * w->e->runs[b->edges[edge].from];
	}
	return sum;
}

/*
 * Of the likelihood of a negative binomial distribution with mean m and variance m + error m^2, the
 * slope is that of a Poisson distribution divided by 1 + error m.
 */
static void compare(struct work *w, uint32_t block)
{
	struct place *p = &w->places[block];
	double expected = expected_at(w, block);
	double seen = fmin(w->e->samples[block], most_times * expected + most_more);

	p->ratio = expected > 0 ? seen / expected : 1;
	p->weight = 1 / (1 + w->error * expected);
	if (w->e->only_at_starts && w->skid.is_closed[block])
		p->weight = 0;
}

/* How much it counts that what is entered `entry` times is called `called` times. */
static double coupling(const struct work *w, const struct place *p, double times)
{
	double weight = p->entry > p->called ? call_weight_of_some : call_weight;
	double strength = weight * fmin(p->evidence, most_call_weight);

	return strength / (1 + w->error * strength * times);
}

/* What an edge adds to the worth of the block it leaves, and to the evidence. */
static double edge_worth(const struct work *w, uint32_t edge, double *evidence)
{
	const struct block_edge *e = &w->b->edges[edge];
	const struct place *to;
	double seen;

	*evidence = 0;
	if (e->to == no_block)
		return 0;
	to = &w->places[e->to];
	if (e->kind == EDGE_CALL) {
		if (to->entry <= 0 || to->called <= 0)
			return 0;
		*evidence = coupling(w, to, to->called);
		return *evidence * (fmin(to->entry / to->called, 2) - 1);
	}
	seen = w->e->only_at_starts ? w->skid.by_edge[edge] * to->weight : 0;
	*evidence = seen + to->evidence;
	return seen * (to->ratio - 1) + to->worth;
}

/* Of one block: all but what follows within the function, which the chain adds. */
static void own_worth(const struct work *w, uint32_t block, double *worth, double *evidence)
{
	const struct blocks *b = w->b;
	const struct place *p = &w->places[block];

	*evidence = p->inside * p->weight;
	*worth = *evidence * (p->ratio - 1);
	for (uint32_t i = b->v[block].edges; i < b->v[block + 1].edges; i++) {
		const struct block_edge *e = &b->edges[i];
		double rests_on, share = e->kind == EDGE_CALL ? 1 : w->shares[i];
		double gives = edge_worth(w, i, &rests_on);

		if (e->to == no_block ||
		    (e->kind == EDGE_CALL && b->v[e->to].function == b->v[block].function))
			continue;
		if (is_inner(w, e)) {
			gives -= w->places[e->to].worth;
			rests_on -= w->places[e->to].evidence;
		}
		*worth += share * gives;
		*evidence += share * rests_on;
	}
}

static void find_worth(struct work *w)
{
	for (size_t f = 0; f < w->functions; f++) {
		uint32_t start = w->first[f], end = w->first[f + 1];

		for (uint32_t i = start; i < end; i++)
			own_worth(w, i, &w->worth[i - start], &w->evidence[i - start]);
		chain_worth(&w->chains[f], w->worth);
		chain_worth(&w->chains[f], w->evidence);
		for (uint32_t i = start; i < end; i++) {
			w->places[i].worth = w->worth[i - start];
			w->places[i].evidence = w->evidence[i - start];
		}
	}
}

/* Of small numbers, to seven digits: the same on every machine, as the C library's is not. */
static double exponential(double x)
{
	double even = 1 + x * x / 12, odd = x / 2;

	return (even + odd) / (even - odd);
}

static double factor(const struct work *w, double slope, double evidence)
{
	double step = evidence > 0 ? slope / evidence : 0;

	return exponential(w->stride * (step > 1 ? 1 : step < -1 ? -1 : step));
}

static void move_shares(struct work *w, uint32_t block)
{
	const struct block *v = &w->b->v[block];
	double mean = 0, sum = 0, rests_on, runs = w->e->runs[block], alike = 0;

	for (uint32_t i = v->edges; i < v[1].edges; i++)
		if (w->likely[i] > 0) {
			mean += w->shares[i] * edge_worth(w, i, &rests_on);
			alike += w->shares[i] * w->shares[i];
		}
	for (uint32_t i = v->edges; i < v[1].edges; i++) {
		double flow = runs * w->shares[i], slope;

		if (w->likely[i] <= 0)
			continue;
		slope = flow * (edge_worth(w, i, &rests_on) - mean) +
			foreknowledge * (w->likely[i] - w->shares[i]) +
			decided * w->shares[i] * (w->shares[i] - alike);
		rests_on = flow * rests_on + foreknowledge * fmax(w->likely[i], w->shares[i]) +
			   decided * w->shares[i];
		w->shares[i] = fmax(w->shares[i] * factor(w, slope, rests_on), least);
		sum += w->shares[i];
	}
	for (uint32_t i = v->edges; i < v[1].edges; i++)
		w->shares[i] = sum > 0 ? w->shares[i] / sum : 0;
}

static void move_entry(struct work *w, uint32_t block)
{
	struct place *p = &w->places[block];
	double slope = p->worth, evidence = p->evidence;

	if (p->entry <= 0)
		return;
	if (w->e->only_at_starts) {
		double seen = w->skid.by_entry[block] * p->weight;

		slope += seen * (p->ratio - 1);
		evidence += seen;
	}
	if (p->called > 0) {
		double strength = coupling(w, p, p->entry);

		slope += strength * (fmin(p->called / p->entry, 2) - 1);
		evidence += strength;
	}
	p->entry = fmax(p->entry * factor(w, slope, evidence), least);
}

/* Functions begin as often as their samples say, if what is likely happens in them. */
static void set_entries(struct work *w)
{
	const struct blocks *b = w->b;

	for (uint32_t i = 0; i < b->n; i++)
		if (b->v[i].is_entry || (!b->v[i].is_reached && w->e->samples[i] > 0))
			w->places[i].entry = b->v[i].is_entry ? 1 : 0.01;
	find_runs(w);
	for (size_t f = 0; f < w->functions; f++) {
		double samples = 0.5, expected = 0;

		for (uint32_t i = w->first[f]; i < w->first[f + 1]; i++) {
			samples += w->e->samples[i];
			expected += w->e->runs[i] * block_instructions(b, i);
		}
		for (uint32_t i = w->first[f]; i < w->first[f + 1]; i++)
			w->places[i].entry *= samples / expected;
	}
	find_runs(w);
}

static void begin(struct work *w, struct estimate *e)
{
	const struct blocks *b = e->blocks;

	*w = (struct work){ .e = e,
			    .b = b,
			    .places = xcalloc(b->n + 1, sizeof(*w->places)),
			    .shares = xcalloc(b->edge_count + 1, sizeof(double)),
			    .likely = xcalloc(b->edge_count + 1, sizeof(double)),
			    .worth = xcalloc(b->n + 1, sizeof(double)),
			    .evidence = xcalloc(b->n + 1, sizeof(double)),
			    .error = e->only_at_starts ? error_at_starts : error_anywhere };
	e->runs = xcalloc(b->n + 1, sizeof(double));
	e->taken = xcalloc(b->edge_count + 1, sizeof(double));
	for (uint32_t i = 0; i < b->n && !e->only_at_starts; i++)
		w->places[i].inside = block_instructions(b, i);
	set_shares(w);
	make_chains(w);
	set_entries(w);
	if (e->only_at_starts)
		skid_begin(&w->skid, b);
}

static void end(struct work *w)
{
	for (size_t f = 0; f < w->functions; f++)
		chain_release(&w->chains[f]);
	skid_release(&w->skid);
	free(w->chains);
	free(w->first);
	free(w->places);
	free(w->shares);
	free(w->likely);
	free(w->worth);
	free(w->evidence);
}

void estimate_run(struct estimate *e)
{
	const struct blocks *b = e->blocks;
	struct work w;

	begin(&w, e);
	for (int step = 0; step < STEPS; step++) {
		w.stride = first_stride + (last_stride - first_stride) * step / STEPS;
		find_runs(&w);
		if (e->only_at_starts && step % SKID_STEPS == 0)
			skid_update(&w.skid, e->runs, w.shares);
		for (uint32_t i = 0; i < b->n; i++)
			compare(&w, i);
		find_worth(&w);
		for (uint32_t i = 0; i < b->n; i++) {
			move_shares(&w, i);
			move_entry(&w, i);
		}
	}
	find_runs(&w);
	for (uint32_t i = 0; i < b->edge_count; i++)
		e->taken[i] = e->runs[b->edges[i].from] *
			      (b->edges[i].kind == EDGE_CALL ? 1 : w.shares[i]);
	end(&w);
}

void estimate_release(struct estimate *e)
{
	free(e->runs);
	free(e->taken);
	e->runs = e->taken = NULL;
}
