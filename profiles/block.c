/* SPDX-License-Identifier: MIT */
#include "block.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/util.h"

enum { EDGE_ROOM_FIRST = 8 };

void blocks_init(struct blocks *b, unsigned vcpus)
{
	*b = (struct blocks){ .vcpus = vcpus };
	pthread_mutex_init(&b->lock, NULL);
}

static void zero_counters(struct counters *c)
{
	if (c->rare) {
		free(c->rare->edges);
		free(c->rare->cuts);
		free(c->rare);
	}
	*c = (struct counters){ 0 };
}

void blocks_zero(struct blocks *b)
{
	pthread_mutex_lock(&b->lock);
	for (struct block *i = b->newest; i; i = i->next_made)
		for (unsigned v = 0; v < b->vcpus; v++)
			zero_counters(&i->counters[v]);
	pthread_mutex_unlock(&b->lock);
}

static struct block *make(const struct blocks *b, const struct block_key *key,
			  const uint16_t *offsets, const struct block_facts *facts)
{
	size_t bytes = sizeof(struct block) + b->vcpus * sizeof(struct counters);
	size_t offset_bytes = key->instructions * sizeof(*offsets);
	struct block *block = aligned_alloc(64, (bytes + 63) & ~(size_t)63);

	if (!block)
		die("out of memory (%zu bytes wanted)", bytes);
	memset(block, 0, bytes);
	block->key = *key;
	block->facts = *facts;
	block->offsets = memcpy(xmalloc(offset_bytes), offsets, offset_bytes);
	return block;
}

struct block *blocks_get(struct blocks *b, const struct block_key *key, const uint16_t *offsets,
			 const struct block_facts *facts)
{
	struct block *block;

	pthread_mutex_lock(&b->lock);
	HASH_FIND(hh, b->by_key, key, sizeof(*key), block);
	if (!block) {
		block = make(b, key, offsets, facts);
		HASH_ADD(hh, b->by_key, key, sizeof(*key), block);
		block->next_made = b->newest;
		b->newest = block;
	}
	pthread_mutex_unlock(&b->lock);
	return block;
}

int block_instruction_at(const struct block *b, uint64_t address)
{
	for (uint32_t i = 0; i < b->key.instructions; i++)
		if (b->key.start + b->offsets[i] == address)
			return (int)i;
	return -1;
}

/* Where the last instruction can go, all but what only an indirect branch knows. */
static bool leads_to(const struct block *from, uint64_t to, enum transition *how)
{
	enum branch_kind kind = from->key.kind;

	*how = TRANSITION_ON;
	if (from->key.repeats && to == from->key.last) {
		*how = TRANSITION_REPEAT;
		return true;
	}
	if ((kind == BRANCH_NONE || kind == BRANCH_CONDITIONAL) && to == block_end(from))
		return true;
	*how = TRANSITION_TAKEN;
	return branch_is_direct(kind) && to == from->key.target;
}

static bool is_indirect(enum branch_kind kind)
{
	return kind != BRANCH_NONE && kind != BRANCH_TRAP && !branch_is_direct(kind);
}

/*
 * QEMU takes back an instruction that reaches into the next page, but shows it to plugins as
 * the block's last one, as far as it had read it. It is executed as a block of its own.
 */
static bool drops_last(const struct block *from, uint64_t to)
{
	return from->key.instructions > 1 && to == from->key.last;
}

/*
 * Whether `to`, where the block does not lead, is where it was cut short. An indirect jump may
 * go to its own block's middle; a return does not: a return address comes behind a
 * call, and calls end blocks.
 */
static bool resumes(const struct block *from, uint64_t to)
{
	if (drops_last(from, to))
		return true;
	return from->key.kind != BRANCH_INDIRECT_JUMP && from->key.kind != BRANCH_TRAP &&
	       block_instruction_at(from, to) >= (is_indirect(from->key.kind) ? 1 : 0);
}

enum transition transition_of(const struct block *from, uint64_t to, enum entry entry)
{
	enum transition how;

	if (leads_to(from, to, &how))
		return how;
	if (entry != ENTRY_NONE && from->key.kind != BRANCH_SYSCALL)
		return TRANSITION_INTERRUPTED;
	if (resumes(from, to))
		return TRANSITION_RESUMED;
	return is_indirect(from->key.kind) ? TRANSITION_TAKEN : TRANSITION_INTERRUPTED;
}

static struct rare *rare_of(struct counters *c)
{
	if (!c->rare)
		c->rare = xcalloc(1, sizeof(*c->rare));
	return c->rare;
}

/* Blocks are 64 bytes and more apart. */
static uint32_t place_of(const struct rare *r, const struct block *to)
{
	uint64_t mixed = ((uintptr_t)to >> 6) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(mixed >> 32) & (r->edge_room - 1);
}

static struct edge *find_edge(const struct rare *r, const struct block *to)
{
	uint32_t at = place_of(r, to);

	while (r->edges[at].to && r->edges[at].to != to)
		at = (at + 1) & (r->edge_room - 1);
	return &r->edges[at];
}

static void grow_edges(struct rare *r)
{
	struct rare grown = *r;

	grown.edge_room = r->edge_room ? r->edge_room * 2 : EDGE_ROOM_FIRST;
	grown.edges = xcalloc(grown.edge_room, sizeof(*grown.edges));
	for (uint32_t i = 0; i < r->edge_room; i++)
		if (r->edges[i].to)
			*find_edge(&grown, r->edges[i].to) = r->edges[i];
	free(r->edges);
	*r = grown;
}

static void count_rare_edge(struct rare *r, struct block *to)
{
	struct edge *edge;

	if (r->edge_count * 2 >= r->edge_room)
		grow_edges(r);
	edge = find_edge(r, to);
	r->edge_count += !edge->to;
	edge->to = to;
	edge->count++;
}

/* An iret never uses the slots: each one has to be looked at. */
static void count_edge(struct counters *c, const struct block *from, struct block *to)
{
	for (int i = 0; i < SLOTS && from->key.kind != BRANCH_IRET; i++) {
		if (c->next[i] && c->next[i] != to)
			continue;
		c->next[i] = to;
		c->count[i]++;
		return;
	}
	count_rare_edge(rare_of(c), to);
}

static bool has_edge(const struct counters *c, const struct block *to)
{
	if (c->next[0] == to || c->next[1] == to)
		return true;
	return c->rare && c->rare->edges && find_edge(c->rare, to)->to;
}

/* What was counted for the context was not executed after all, or is one iteration more. */
static void take_back(struct vcpu *v, uint32_t context, uint32_t instructions)
{
	if (v->by_context)
		v->by_context[context] -= instructions;
}

/* `context`: what the block was counted for. */
static void count_cut(struct vcpu *v, const struct block *from, struct counters *c,
		      unsigned instruction, uint32_t context)
{
	struct rare *r = rare_of(c);

	if (!r->cuts)
		r->cuts = xcalloc(from->key.instructions, sizeof(*r->cuts));
	r->cuts[instruction]++;
	take_back(v, context, from->key.instructions - instruction);
}

static void forget_interrupted(struct vcpu *v, unsigned i)
{
	v->interrupted_count--;
	memmove(v->interrupted + i, v->interrupted + i + 1,
		(v->interrupted_count - i) * sizeof(*v->interrupted));
}

static void interrupt(struct vcpu *v, struct block *from, enum entry entry)
{
	v->interruptions++;
	if (from->key.kind == BRANCH_TRAP) {
		rare_of(&from->counters[v->index])->ended++;
		return;
	}
	if (v->interrupted_count == INTERRUPTED_MAX) {
		rare_of(&v->interrupted[0].block->counters[v->index])->ended++;
		v->unresolved++;
		forget_interrupted(v, 0);
	}
	v->interrupted[v->interrupted_count++] = (struct interrupted){ from, entry, v->context };
}

/*
 * An iret went to `to`. Is it where this block goes on? If so, count how it ended. After a
 * fault that is the instruction that caused it, or a successor that could not be fetched.
 * An indirect branch is believed only a target that it was seen to have.
 */
static bool resolve(struct vcpu *v, const struct interrupted *i, struct block *to)
{
	struct block *from = i->block;
	struct counters *c = &from->counters[v->index];
	int instruction = block_instruction_at(from, to->key.start);
	enum transition how;
	bool leads = leads_to(from, to->key.start, &how) ||
		     (is_indirect(from->key.kind) && has_edge(c, to));

	if (i->entry == ENTRY_FAULT)
		leads &= instruction < 0;
	if (leads) {
		count_edge(c, from, to);
		if (block_repeats(from, to))
			take_back(v, i->context, to->key.instructions);
	} else if (i->entry == ENTRY_INTERRUPT ? instruction > 0 && resumes(from, to->key.start)
					       : instruction >= 0) {
		count_cut(v, from, c, (unsigned)instruction, i->context);
	} else {
		return false;
	}
	return true;
}

static void return_to(struct vcpu *v, struct block *to)
{
	for (unsigned i = v->interrupted_count; i-- > 0;) {
		bool was_return = v->interrupted[i].block->key.kind == BRANCH_IRET;

		if (!resolve(v, &v->interrupted[i], to))
			continue;
		forget_interrupted(v, i);
		if (!was_return) /* else what that iret went back to goes on here, too */
			return;
	}
}

void block_follow(struct vcpu *v, struct block *to)
{
	struct block *from = v->current;
	struct counters *c = &from->counters[v->index];

	switch (transition_of(from, to->key.start, to->facts.entry)) {
	case TRANSITION_INTERRUPTED: interrupt(v, from, to->facts.entry); return;
	case TRANSITION_RESUMED:
		v->resumptions++;
		count_cut(v, from, c, (unsigned)block_instruction_at(from, to->key.start),
			  v->context);
		return;
	default: count_edge(c, from, to);
	}
	if (from->key.kind == BRANCH_IRET)
		return_to(v, to);
}
