/* SPDX-License-Identifier: MIT */
#include "skid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* To come from one translated block to the next, and through an unknown one, in instructions. */
static const double overhead = 3, unknown = 8;

/* Instructions of one byte that keep interrupts out and let them in. */
enum { OPCODE_POPF = 0x9d, OPCODE_CLI = 0xfa, OPCODE_STI = 0xfb };

enum change { CHANGES_NOTHING, OPENS, CLOSES };

struct skid_block {
	enum change change; /* by its own instructions */
	bool begins_closed; /* the processor comes here by itself */
	double length;	    /* instructions behind such a one, or all */
	double open_at_end; /* share of the runs in which interrupts are let in there */
	double time;	    /* of the translated block that ends with it */
};

/* Functions that begin as the processor enters the kernel: with interrupts kept out. */
static bool begins_closed(const char *name)
{
	static const char *const prefixes[] = {
		"asm_", "common_interrupt",  "do_syscall_64", "entry_SYSCALL_64", "error_entry",
		"exc_", "irq_entries_start", "sysvec_"
	};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static enum change change_of(const struct code_function *f, uint32_t index)
{
	const struct instruction *i = &f->v[index];

	if (i->length != 1)
		return CHANGES_NOTHING;
	switch (f->bytes[i->offset]) {
	case OPCODE_CLI: return CLOSES;
	case OPCODE_STI:
	case OPCODE_POPF: return OPENS;
	default: return CHANGES_NOTHING;
	}
}

void skid_begin(struct skid *s, const struct blocks *b)
{
	*s = (struct skid){ .blocks = b,
			    .by_edge = xcalloc(b->edge_count + 1, sizeof(double)),
			    .by_entry = xcalloc(b->n + 1, sizeof(double)),
			    .is_closed = xcalloc(b->n + 1, sizeof(bool)),
			    .states = xcalloc(b->n + 1, sizeof(struct skid_block)) };
	for (uint32_t i = 0; i < b->n; i++) {
		const struct code_function *f = block_function(b, i);
		struct skid_block *state = &s->states[i];

		state->begins_closed = b->v[i].is_entry && begins_closed(f->name);
		state->open_at_end = 1;
		state->time = state->length = block_instructions(b, i);
		for (uint32_t j = b->v[i].first; j <= b->v[i].last; j++) {
			enum change change = change_of(f, j);

			if (change == CHANGES_NOTHING)
				continue;
			state->change = change;
			state->length = b->v[i].last - j;
		}
	}
}

/* In how many runs of the block interrupts are let in when it starts; how long it took to come there. */
static double open_at_start(const struct skid *s, uint32_t block, const double *runs,
			    const double *shares, double *before)
{
	const struct blocks *b = s->blocks;
	double open = 0, all = 0, calls = 0, open_calls = 0;

	*before = 0;
	for (uint32_t i = b->v[block].in; i < b->v[block + 1].in; i++) {
		const struct block_edge *e = &b->edges[b->in[i]];
		const struct skid_block *from = &s->states[e->from];
		double flow = runs[e->from] * shares[b->in[i]];

		if (e->kind == EDGE_CALL) {
			calls += runs[e->from];
			open_calls += runs[e->from] * from->open_at_end;
			continue;
		}
		all += flow;
		open += flow * from->open_at_end;
		if (e->kind == EDGE_NEXT)
			*before += flow * from->time;
	}
	*before /= fmax(runs[block], all) + 1e-300;
	if (s->states[block].begins_closed)
		return 0;
	if (b->v[block].is_entry)
		return calls > 0 ? open_calls / calls : 1;
	return all > 0 ? open / all : 1;
}

static double edge_samples(const struct skid *s, const struct block_edge *e)
{
	const struct skid_block *from = &s->states[e->from];

	if (e->kind == EDGE_NEXT || e->kind == EDGE_CALL || e->to == no_block)
		return 0;
	if (e->kind != EDGE_RETURNED)
		return from->open_at_end * (from->time + overhead);
	/* behind a system call is what the kernel held back */
	return s->blocks->v[e->from].ends == INSTRUCTION_TRANSFER
		       ? 0
		       : from->open_at_end * (unknown + overhead);
}

void skid_update(struct skid *s, const double *runs, const double *shares)
{
	const struct blocks *b = s->blocks;

	for (uint32_t i = 0; i < b->n; i++) {
		struct skid_block *state = &s->states[i];
		double before, open = open_at_start(s, i, runs, shares, &before);

		state->open_at_end =
			state->change == CHANGES_NOTHING ? open : state->change == OPENS;
		state->time = state->length + (state->change == CHANGES_NOTHING ? before : 0);
		s->by_entry[i] = open * (unknown + overhead);
		s->is_closed[i] = open < 0.5;
	}
	for (uint32_t i = 0; i < b->edge_count; i++)
		s->by_edge[i] = edge_samples(s, &b->edges[i]);
}

void skid_release(struct skid *s)
{
	free(s->by_edge);
	free(s->by_entry);
	free(s->is_closed);
	free(s->states);
	*s = (struct skid){ 0 };
}
