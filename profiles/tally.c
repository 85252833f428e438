/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/util.h"

/* Being summed up: arrays that grow, and what each block lacks or has besides its edges. */
struct sums {
	struct tally *t;
	size_t block_room, branch_room;
	struct edge *repeats; /* block -> executions that were iterations only; hashed */
	size_t repeat_room, repeat_count;
};

static struct tally_block *new_block(struct sums *s)
{
	struct tally *t = s->t;

	if (t->block_count == s->block_room) {
		s->block_room = s->block_room ? s->block_room * 2 : 4096;
		t->blocks = xrealloc(t->blocks, s->block_room * sizeof(*t->blocks));
	}
	return memset(&t->blocks[t->block_count++], 0, sizeof(*t->blocks));
}

static void add_branch(struct sums *s, const struct block *from, const struct block *to,
		       uint64_t count)
{
	struct tally *t = s->t;

	if (t->branch_count == s->branch_room) {
		s->branch_room = s->branch_room ? s->branch_room * 2 : 4096;
		t->branches = xrealloc(t->branches, s->branch_room * sizeof(*t->branches));
	}
	t->branches[t->branch_count++] = (struct tally_branch){
		.from = from->key.last,
		.to = to->key.start,
		.block = from->key.start,
		.count = count,
		.physical = from->key.physical,
		.returns = from->key.kind == BRANCH_IRET,
	};
}

static int by_block(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return x->to < y->to ? -1 : x->to > y->to;
}

static void add_repeat(struct sums *s, struct block *to, uint64_t count)
{
	if (s->repeat_count == s->repeat_room) {
		s->repeat_room = s->repeat_room ? s->repeat_room * 2 : 64;
		s->repeats = xrealloc(s->repeats, s->repeat_room * sizeof(*s->repeats));
	}
	s->repeats[s->repeat_count++] = (struct edge){ to, count };
	s->t->repeats += count;
}

static void add_edge(struct sums *s, struct tally_block *sum, const struct block *from,
		     const struct edge *edge)
{
	if (!edge->to || !edge->count)
		return;
	sum->executions += edge->count;
	switch (transition_of(from, edge->to->key.start, edge->to->facts.entry)) {
	case TRANSITION_TAKEN:
		sum->taken += edge->count;
		add_branch(s, from, edge->to, edge->count);
		break;
	case TRANSITION_REPEAT: add_repeat(s, edge->to, edge->count); break;
	default: break;
	}
}

/* Executions that ended before instruction `n` of the block: a shorter block. */
static void add_cut(struct sums *s, const struct block *b, unsigned n, uint64_t count)
{
	struct tally_block *sum;

	if (!n || !count)
		return;
	sum = new_block(s);
	sum->start = b->key.start;
	sum->last = b->key.start + b->offsets[n - 1];
	sum->end = b->key.start + b->offsets[n];
	sum->executions = count;
	sum->instructions = count * n;
	sum->physical = b->key.physical;
}

static void add_rare(struct sums *s, size_t index, const struct block *b, const struct rare *r)
{
	s->t->blocks[index].executions += r->ended;
	for (uint32_t i = 0; i < r->edge_room; i++)
		add_edge(s, &s->t->blocks[index], b, &r->edges[i]);
	for (uint32_t i = 0; r->cuts && i < b->key.instructions; i++)
		add_cut(s, b, i, r->cuts[i]);
}

/* Executions whose end is not known. */
static uint64_t open_ends(const struct vcpu *vcpus, unsigned count, const struct block *b)
{
	uint64_t open = 0;

	for (unsigned v = 0; v < count; v++) {
		open += vcpus[v].current == b;
		for (unsigned i = 0; i < vcpus[v].interrupted_count; i++)
			open += vcpus[v].interrupted[i].block == b;
	}
	return open;
}

static void add_block(struct sums *s, const struct block *b, const struct vcpu *vcpus,
		      unsigned vcpu_count)
{
	struct tally_block *sum = new_block(s);
	size_t index = (size_t)(sum - s->t->blocks);

	sum->start = b->key.start;
	sum->last = b->key.last;
	sum->end = block_end(b);
	sum->physical = b->key.physical;
	sum->executions = open_ends(vcpus, vcpu_count, b);
	for (unsigned v = 0; v < vcpu_count; v++) {
		const struct counters *c = &b->counters[v];

		for (int i = 0; i < SLOTS; i++)
			add_edge(s, &s->t->blocks[index], b,
				 &(struct edge){ c->next[i], c->count[i] });
		for (int i = 0; i < MISS_KINDS; i++)
			s->t->blocks[index].misses[i] += c->misses[i];
		if (c->rare)
			add_rare(s, index, b, c->rare);
	}
}

/* How many executions of `b` were iterations; `repeats` is sorted by block. */
static uint64_t repeats_of(const struct sums *s, const struct block *b)
{
	uint64_t count = 0;
	size_t low = 0, high = s->repeat_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->repeats[middle].to < b)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->repeat_count && s->repeats[low].to == b; low++)
		count += s->repeats[low].count;
	return count;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_blocks(const void *a, const void *b)
{
	const struct tally_block *x = a, *y = b;
	int order = compare(x->start, y->start);

	order = order ? order : compare(x->last, y->last);
	return order ? order : x->physical - y->physical;
}

static int compare_branches(const void *a, const void *b)
{
	const struct tally_branch *x = a, *y = b;
	int order = compare(x->from, y->from);

	order = order ? order : compare(x->to, y->to);
	order = order ? order : compare(x->block, y->block);
	return order ? order : x->physical - y->physical;
}

static void join_blocks(struct tally_block *to, const struct tally_block *from)
{
	to->instructions += from->instructions;
	to->executions += from->executions;
	to->taken += from->taken;
	/* code that was patched: the longer last instruction */
	if (from->end > to->end)
		to->end = from->end;
	for (int i = 0; i < MISS_KINDS; i++)
		to->misses[i] += from->misses[i];
}

static void fold_blocks(struct tally *t)
{
	size_t kept = 0;

	qsort(t->blocks, t->block_count, sizeof(*t->blocks), compare_blocks);
	for (size_t i = 0; i < t->block_count; i++) {
		const struct tally_block *b = &t->blocks[i];

		if (!b->executions && !b->taken && !b->misses[0] && !b->misses[1] && !b->misses[2])
			continue;
		if (kept && !compare_blocks(&t->blocks[kept - 1], b))
			join_blocks(&t->blocks[kept - 1], b);
		else
			t->blocks[kept++] = *b;
	}
	t->block_count = kept;
}

static void fold_branches(struct tally *t)
{
	size_t kept = 0;

	qsort(t->branches, t->branch_count, sizeof(*t->branches), compare_branches);
	for (size_t i = 0; i < t->branch_count; i++) {
		if (kept && !compare_branches(&t->branches[kept - 1], &t->branches[i]))
			t->branches[kept - 1].count += t->branches[i].count;
		else
			t->branches[kept++] = t->branches[i];
	}
	t->branch_count = kept;
}

/* Iterations are no executions of the instruction; the rest times its instructions. */
static void finish_block(struct sums *s, struct tally_block *sum, const struct block *b)
{
	uint64_t repeats = repeats_of(s, b);

	sum->executions -= repeats < sum->executions ? repeats : sum->executions;
	sum->instructions = sum->executions * b->key.instructions;
}

void tally_make(struct tally *t, struct blocks *b, const struct vcpu *vcpus)
{
	struct sums s = { .t = t };
	size_t *index = NULL, count = 0;

	*t = (struct tally){ 0 };
	pthread_mutex_lock(&b->lock);
	index = xcalloc(HASH_COUNT(b->by_key), sizeof(*index));
	for (const struct block *i = b->newest; i; i = i->next_made) {
		index[count++] = t->block_count;
		add_block(&s, i, vcpus, b->vcpus);
	}
	if (s.repeat_count)
		qsort(s.repeats, s.repeat_count, sizeof(*s.repeats), by_block);
	count = 0;
	for (const struct block *i = b->newest; i; i = i->next_made)
		finish_block(&s, &t->blocks[index[count++]], i);
	pthread_mutex_unlock(&b->lock);
	for (unsigned v = 0; v < b->vcpus; v++) {
		t->interruptions += vcpus[v].interruptions;
		t->resumptions += vcpus[v].resumptions;
		t->unresolved += vcpus[v].unresolved + vcpus[v].interrupted_count;
	}
	if (t->block_count)
		fold_blocks(t);
	if (t->branch_count)
		fold_branches(t);
	free(s.repeats);
	free(index);
}

void tally_release(struct tally *t)
{
	free(t->blocks);
	free(t->branches);
}
