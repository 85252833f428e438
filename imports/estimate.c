/* SPDX-License-Identifier: MIT */
#include "estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "chain.h"

static double opt(const char *name, double otherwise)
{
	const char *v = getenv(name);
	return v ? atof(v) : otherwise;
}

/* Nothing becomes less than this: what is zero once would stay so. */
static const double least = 1e-9;

struct work {
	struct estimate *e;
	const struct blocks *b;
	uint32_t *in, *first_in; /* edges by the block they lead to */
	double *entry;	/* of each block: how often it is entered from elsewhere; 0: never */
	double *called; /* of each block: calls that are known */
	double *share, *likely; /* of each edge: now, and beforehand */
	double *cost;		/* of each edge: samples at its end for one run; 0: says nothing */
	double *ratio,
		*weight; /* of each block: samples over those expected, and what that counts */
	double *inside;	 /* of each block: samples in it for one run */
	double *entry_cost, *length, *closed, *open, *time;
	int *leaves;
	double *inflow, *next_worth, *next_says;
	double *worth,
		*says; /* of each block: slope of the likelihood for one run more, observations */
	struct chain *chains;  /* of each function */
	uint32_t *first_block; /* of each; one more for the end */
	size_t functions;
	double spread, choice, stride, coupling, uncoupled;
};

/*
 * How likely an edge is taken before anything was observed; shares of a block are divided by
 * their sum. As in T. Ball and J. Larus, Branch prediction for free, PLDI 1993.
 */
static double likelihood(const struct block_edge *e)
{
	if (e->kind == EDGE_CALL)
		return 0;
	if (e->unlikely)
		return 0.003;
	if (e->expected)
		return 20;
	if (e->kind == EDGE_TAKEN && e->backwards)
		return 5;
	return e->kind == EDGE_TAKEN ? 0.6 : 1;
}

static void set_shares(struct work *w)
{
	const struct blocks *b = w->b;

	for (uint32_t i = 0; i < b->n; i++) {
		double sum = 0;

		for (uint32_t j = b->v[i].edges; j < b->v[i + 1].edges; j++)
			sum += likelihood(&b->edges[j]);
		for (uint32_t j = b->v[i].edges; j < b->v[i + 1].edges; j++)
			w->share[j] = w->likely[j] = sum > 0 ? likelihood(&b->edges[j]) / sum : 0;
	}
}

/* Which edges lead to each block: in[first_in[block]] and so on. */
static void sort_edges(struct work *w)
{
	const struct blocks *b = w->b;

	w->in = xcalloc(b->edge_count + 1, sizeof(*w->in));
	w->first_in = xcalloc(b->n + 2, sizeof(*w->first_in));
	for (uint32_t i = 0; i < b->edge_count; i++)
		if (b->edges[i].to != no_block)
			w->first_in[b->edges[i].to + 2]++;
	for (uint32_t i = 1; i <= b->n; i++)
		w->first_in[i + 1] += w->first_in[i];
	for (uint32_t i = 0; i < b->edge_count; i++)
		if (b->edges[i].to != no_block)
			w->in[w->first_in[b->edges[i].to + 1]++] = i;
}

/* Edges within function `f`, which its chain knows. */
static bool is_inner(const struct work *w, size_t f, const struct block_edge *e)
{
	return e->kind != EDGE_CALL && e->to != no_block && e->to >= w->first_block[f] &&
	       e->to < w->first_block[f + 1];
}

static void make_chain(struct work *w, size_t f)
{
	const struct blocks *b = w->b;
	uint32_t start = w->first_block[f], end = w->first_block[f + 1];
	uint32_t first = b->v[start].edges, last = b->v[end].edges;
	uint32_t *from = xcalloc(last - first + 1, sizeof(*from)),
		 *to = xcalloc(last - first + 1, sizeof(*to));
	size_t n = 0;

	for (uint32_t i = first; i < last; i++)
		if (is_inner(w, f, &b->edges[i])) {
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

	w->first_block = xcalloc(b->function_count + 2, sizeof(*w->first_block));
	for (uint32_t i = 0; i < b->n; i++)
		if (!i || b->v[i].function != b->v[i - 1].function)
			w->first_block[w->functions++] = i;
	w->first_block[w->functions] = (uint32_t)b->n;
	w->chains = xcalloc(w->functions + 1, sizeof(*w->chains));
	for (size_t f = 0; f < w->functions; f++)
		make_chain(w, f);
}

static void update_chain(struct work *w, size_t f)
{
	const double last = 0.9999; /* even endless loops end */
	const struct blocks *b = w->b;
	uint32_t start = w->first_block[f], end = b->v[w->first_block[f + 1]].edges;

	chain_clear(&w->chains[f]);
	for (uint32_t i = b->v[start].edges; i < end; i++) {
		const struct block_edge *e = &b->edges[i];

		if (is_inner(w, f, e))
			chain_share(&w->chains[f], e->from - start, e->to - start,
				    w->share[i] * (e->backwards ? last : 1));
	}
	chain_factorize(&w->chains[f]);
}

/* What enters from elsewhere: other functions' jumps, as they were. */
static void run_forwards(struct work *w)
{
	const struct blocks *b = w->b;
	double *runs = w->e->runs;

	for (size_t f = 0; f < w->functions; f++) {
		uint32_t start = w->first_block[f], end = w->first_block[f + 1];

		update_chain(w, f);
		for (uint32_t i = start; i < end; i++) {
			double outside = w->entry[i];

			w->called[i] = 0;
			for (uint32_t j = w->first_in[i]; j < w->first_in[i + 1]; j++) {
				const struct block_edge *e = &b->edges[w->in[j]];

				if (b->v[e->from].function == b->v[i].function)
					continue;
				if (e->kind == EDGE_CALL)
					w->called[i] += runs[e->from];
				else
					outside += runs[e->from] * w->share[w->in[j]];
			}
			w->inflow[i] = outside;
		}
		memcpy(runs + start, w->inflow + start, (end - start) * sizeof(*runs));
		chain_visits(&w->chains[f], runs + start);
		for (uint32_t i = start; i < end; i++)
			runs[i] = fmax(runs[i], least);
	}
}

/*
 * Of the likelihood of a negative binomial distribution with mean m and variance m + spread m^2,
 * the slope is that of a Poisson distribution divided by 1 + spread m.
 */
static void compare(struct work *w, uint32_t block, double expected)
{
	double most = opt("SP_MOST", 3) * expected + opt("SP_FEW", 4);

	w->ratio[block] = expected > 0 ? fmin(w->e->samples[block], most) / expected : 1;
	w->weight[block] = 1 / (1 + w->spread * expected);
}

static bool is_open(const struct work *w, uint32_t block)
{
	const struct block *v = &w->b->v[block];

	return v->is_entry || (!v->is_reached && w->e->samples[block] > 0);
}

static void observe(struct work *w)
{
	const struct blocks *b = w->b;

	for (uint32_t i = 0; i < b->n; i++) {
		double expected = w->e->runs[i] * w->inside[i] + w->entry[i] * w->entry_cost[i];

		for (uint32_t j = w->first_in[i]; j < w->first_in[i + 1]; j++) {
			uint32_t edge = w->in[j];

			if (w->cost[edge] > 0)
				expected += w->cost[edge] * w->share[edge] *
					    w->e->runs[b->edges[edge].from];
		}
		compare(w, i, expected);
		if (w->closed[i] > 0.5)
			w->weight[i] = 0;
	}
}

/* Instructions that let interrupts in or keep them out, in the kernel. */
enum { OPCODE_CLI = 0xfa, OPCODE_STI = 0xfb, OPCODE_POPF = 0x9d };

static const uint8_t *single_byte(const struct code_function *f, uint32_t index)
{
	return f->v[index].length == 1 ? f->bytes + f->v[index].offset : NULL;
}

/* Where the processor comes by itself, it keeps interrupts out. */
static bool begins_closed(const char *name)
{
	static const char *const prefixes[] = {
		"asm_",		 "entry_SYSCALL_64",  "sysvec_",    "exc_", "common_interrupt",
		"do_syscall_64", "irq_entries_start", "error_entry"
	};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static void find_switches(struct work *w)
{
	const struct blocks *b = w->b;

	for (uint32_t i = 0; i < b->n; i++) {
		const struct code_function *f = block_function(b, i);

		w->length[i] = block_instructions(b, i);
		w->leaves[i] = -1;
		w->closed[i] = b->v[i].is_entry && begins_closed(f->name);
		for (uint32_t j = b->v[i].first; j <= b->v[i].last; j++) {
			const uint8_t *byte = single_byte(f, j);

			if (byte &&
			    (*byte == OPCODE_CLI || *byte == OPCODE_STI || *byte == OPCODE_POPF)) {
				w->leaves[i] = *byte == OPCODE_CLI;
				w->length[i] = b->v[i].last - j;
			}
		}
	}
}

/*
 * An emulator looks for interrupts where a translated block starts: what is found there stands for
 * the time of the block before, and for none if that keeps interrupts out.
 */
static void find_costs(struct work *w)
{
	const double overhead = opt("SP_OVERHEAD", 3), unknown = opt("SP_UNKNOWN", 8);
	const struct blocks *b = w->b;

	for (uint32_t i = 0; i < b->n; i++) {
		double closed = 0, flow = 0, before = 0, entry = unknown, called = 0, calls = 0;

		for (uint32_t j = w->first_in[i]; j < w->first_in[i + 1]; j++) {
			const struct block_edge *e = &b->edges[w->in[j]];
			double runs = w->e->runs[e->from];

			if (e->kind == EDGE_CALL) {
				called += runs * w->open[e->from];
				entry += runs * (w->time[e->from]);
				calls += runs;
				continue;
			}
			runs *= w->share[w->in[j]];
			closed += runs * (1 - w->open[e->from]);
			flow += runs;
			if (e->kind == EDGE_NEXT)
				before += runs * w->time[e->from];
		}
		entry = (entry + unknown * 1e-6) / (calls > 0 ? calls + 1 : 1);
		if (b->v[i].is_entry && !begins_closed(block_function(b, i)->name))
			w->closed[i] = calls > 0 ? 1 - called / calls : 0;
		else if (flow > 0)
			w->closed[i] = closed / flow;
		w->open[i] = w->leaves[i] < 0 ? 1 - w->closed[i] : w->leaves[i] ? 0 : 1;
		w->time[i] =
			w->length[i] + (w->leaves[i] < 0 ? before / fmax(w->e->runs[i], least) : 0);
		w->entry_cost[i] = is_open(w, i) ? (1 - w->closed[i]) * (unknown + overhead) : 0;
	}
	for (uint32_t i = 0; i < b->edge_count; i++) {
		const struct block_edge *e = &b->edges[i];
		double time = e->kind == EDGE_RETURNED ? unknown : w->time[e->from];

		w->cost[i] = e->kind == EDGE_NEXT || e->kind == EDGE_CALL || e->to == no_block
				     ? 0
				     : w->open[e->from] * (time + overhead);
		if (e->kind == EDGE_RETURNED && b->v[e->from].ends == INSTRUCTION_TRANSFER)
			w->cost[i] = 0;
	}
}

/* Of one run of the edge alone. */
static double edge_worth(const struct work *w, uint32_t edge)
{
	uint32_t to = w->b->edges[edge].to;

	return to == no_block ? 0 : w->cost[edge] * w->weight[to] * (w->ratio[to] - 1);
}

/* What one call more is worth, and how many observations say so. */
static double call_worth(const struct work *w, uint32_t callee, double *says)
{
	double entry = w->entry[callee], called = w->called[callee], strength;

	if (entry <= 0 || called <= 0 || w->coupling <= 0)
		return 0;
	strength = w->coupling * fmin(w->says[callee], 20);
	strength /= 1 + w->spread * strength * called;
	/* others may call it, too */
	if (entry > called)
		strength *= w->uncoupled;
	*says += strength;
	return strength * (fmin(entry / called, 2) - 1);
}

static void run_backwards(struct work *w)
{
	const struct blocks *b = w->b;

	for (size_t f = 0; f < w->functions; f++) {
		uint32_t start = w->first_block[f], end = w->first_block[f + 1];

		for (uint32_t i = start; i < end; i++) {
			double says = w->weight[i] * w->inside[i];
			double worth = says * (w->ratio[i] - 1);

			for (uint32_t j = b->v[i].edges; j < b->v[i + 1].edges; j++) {
				const struct block_edge *e = &b->edges[j];

				if (e->to == no_block)
					continue;
				worth += w->share[j] * edge_worth(w, j);
				says += w->share[j] * w->cost[j] * w->weight[e->to];
				if (b->v[e->to].function == b->v[i].function)
					continue;
				if (e->kind == EDGE_CALL) {
					worth += call_worth(w, e->to, &says);
				} else {
					worth += w->share[j] * w->worth[e->to];
					says += w->share[j] * w->says[e->to];
				}
			}
			w->next_worth[i] = worth;
			w->next_says[i] = says;
		}
		memcpy(w->worth + start, w->next_worth + start, (end - start) * sizeof(double));
		memcpy(w->says + start, w->next_says + start, (end - start) * sizeof(double));
		chain_worth(&w->chains[f], w->worth + start);
		chain_worth(&w->chains[f], w->says + start);
	}
}

static double bounded(double value, double limit)
{
	return value > limit ? limit : value < -limit ? -limit : value;
}

static void choose(struct work *w, uint32_t block)
{
	const struct block *v = &w->b->v[block];
	double mean = 0, runs = w->e->runs[block], sum = 0;

	for (uint32_t j = v->edges; j < v[1].edges; j++)
		if (w->b->edges[j].to != no_block)
			mean += w->share[j] * (w->worth[w->b->edges[j].to] + edge_worth(w, j));
	for (uint32_t j = v->edges; j < v[1].edges; j++) {
		uint32_t to = w->b->edges[j].to;
		double worth = (to == no_block ? 0 : w->worth[to] + edge_worth(w, j)) - mean;
		double says = to == no_block ? 0 : w->says[to] + w->cost[j] * w->weight[to];
		double slope, scale;

		if (!w->likely[j])
			continue;
		slope = runs * w->share[j] * worth + w->choice * (w->likely[j] - w->share[j]);
		scale = runs * w->share[j] * says + w->choice * fmax(w->likely[j], w->share[j]);
		w->share[j] *= exp(w->stride * bounded(slope / scale, 1));
		w->share[j] = fmax(w->share[j], least);
		sum += w->share[j];
	}
	for (uint32_t j = v->edges; j < v[1].edges; j++)
		w->share[j] = sum > 0 ? w->share[j] / sum : 0;
}

static void enter(struct work *w, uint32_t block)
{
	double entry = w->entry[block], called = w->called[block];
	double slope =
		w->worth[block] + w->entry_cost[block] * w->weight[block] * (w->ratio[block] - 1);
	double scale = w->says[block] + w->entry_cost[block] * w->weight[block];

	if (entry <= 0)
		return;
	if (called > 0 && w->coupling > 0) {
		double strength = w->coupling * fmin(w->says[block], 20);

		strength /= 1 + w->spread * strength * entry;
		if (entry > called)
			strength *= w->uncoupled;
		slope += strength * (fmin(called / entry, 2) - 1);
		scale += strength;
	}
	if (scale > 0)
		w->entry[block] *= exp(w->stride * bounded(slope / scale, 1));
	w->entry[block] = fmax(w->entry[block], least);
}

/* Functions begin as often as their samples say for what is likely in them. */
static void set_entries(struct work *w)
{
	const struct blocks *b = w->b;

	for (uint32_t i = 0; i < b->n; i++)
		w->entry[i] = is_open(w, i) ? b->v[i].is_entry ? 1 : 0.01 : 0;
	run_forwards(w);
	for (uint32_t first = 0, end; first < b->n; first = end) {
		double samples = 0.5, expected = 0;

		for (end = first; end < b->n && b->v[end].function == b->v[first].function; end++) {
			samples += w->e->samples[end];
			expected += w->e->runs[end] * block_instructions(b, end);
		}
		for (uint32_t i = first; i < end; i++)
			w->entry[i] *= samples / expected;
	}
	run_forwards(w);
}

static double *numbers(size_t n)
{
	return xcalloc(n + 1, sizeof(double));
}

static void begin(struct work *w, struct estimate *e)
{
	size_t blocks = e->blocks->n, edges = e->blocks->edge_count;

	*w = (struct work){ .e = e,
			    .b = e->blocks,
			    .entry = numbers(blocks),
			    .inside = numbers(blocks),
			    .entry_cost = numbers(blocks),
			    .length = numbers(blocks),
			    .closed = numbers(blocks),
			    .open = numbers(blocks),
			    .time = numbers(blocks),
			    .leaves = xcalloc(blocks + 1, sizeof(int)),
			    .inflow = numbers(blocks),
			    .next_worth = numbers(blocks),
			    .next_says = numbers(blocks),
			    .called = numbers(blocks),
			    .ratio = numbers(blocks),
			    .weight = numbers(blocks),
			    .worth = numbers(blocks),
			    .says = numbers(blocks),
			    .share = numbers(edges),
			    .likely = numbers(edges),
			    .cost = numbers(edges) };
	w->spread = opt("SP_SPREAD", e->only_at_starts ? 0.3 : 0.05);
	w->choice = opt("SP_CHOICE", 0.5);
	w->coupling = opt("SP_COUPLING", 0.5);
	w->uncoupled = opt("SP_UNCOUPLED", 0.2);
	e->runs = numbers(blocks);
	e->taken = numbers(edges);
	sort_edges(w);
	set_shares(w);
	make_chains(w);
	for (uint32_t i = 0; i < blocks; i++) {
		w->inside[i] = e->only_at_starts ? 0 : block_instructions(w->b, i);
		w->open[i] = 1;
	}
	find_switches(w);
	set_entries(w);
}

void estimate_run(struct estimate *e)
{
	struct work w;
	int steps = (int)opt("SP_STEPS", 500);

	begin(&w, e);
	for (int step = 0; step < steps; step++) {
		w.stride = opt("SP_ETA", 0.3) / (1 + 4.0 * step / steps);
		run_forwards(&w);
		if (e->only_at_starts && step % 5 == 0)
			find_costs(&w);
		observe(&w);
		run_backwards(&w);
		for (uint32_t i = 0; i < e->blocks->n; i++) {
			choose(&w, i);
			enter(&w, i);
		}
	}
	run_forwards(&w);
	for (uint32_t i = 0; i < e->blocks->edge_count; i++)
		e->taken[i] = e->runs[e->blocks->edges[i].from] *
			      (e->blocks->edges[i].kind == EDGE_CALL ? 1 : w.share[i]);
}

void estimate_release(struct estimate *e)
{
	free(e->runs);
	free(e->taken);
}
