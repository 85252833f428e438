/* SPDX-License-Identifier: MIT */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* What one instruction does, patched or not. */
struct exit {
	bool ends;	     /* the block ends with it */
	bool passes;	     /* the next one can follow */
	bool returns;	     /* the next one follows, later */
	bool branches;	     /* to target */
	bool calls;	     /* target, if there is one */
	bool has_target;     /* of a call */
	bool expects_branch; /* patched: the ELF's code branches */
	bool is_patched;
	uint64_t target;
};

static uint64_t direct_target(const struct code_function *f, const struct instruction *i)
{
	return f->start + i->offset + i->length + (uint64_t)(int64_t)i->displacement;
}

/* syscall and int come back; the others of INSTRUCTION_TRANSFER do not. */
static bool comes_back(const struct code_function *f, const struct instruction *i)
{
	const uint8_t *bytes = f->bytes + i->offset;

	return bytes[0] == 0xcd || (i->length >= 2 && bytes[0] == 0x0f && bytes[1] == 0x05);
}

static struct exit exit_of(const struct code_function *f, const struct instruction *i)
{
	struct exit e = { .ends = true, .target = direct_target(f, i) };

	switch (i->kind) {
	case INSTRUCTION_CONDITIONAL: e.passes = e.branches = true; break;
	case INSTRUCTION_JUMP: e.branches = true; break;
	case INSTRUCTION_CALL: e.calls = e.has_target = e.returns = true; break;
	case INSTRUCTION_CALL_INDIRECT: e.calls = e.returns = true; break;
	case INSTRUCTION_TRANSFER: e.returns = comes_back(f, i); break;
	case INSTRUCTION_PLAIN: e.ends = false; break;
	default: break;
	}
	return e;
}

static struct exit find_exit(const struct code_function *f, size_t index,
			     const struct patched *patched)
{
	const struct instruction *i = &f->v[index];
	const struct patch_site *site = patched_find(patched, f->start + i->offset);
	struct exit e = exit_of(f, i);

	e.expects_branch = e.branches && !e.passes;
	if (site && site->kind == PATCH_JUMP_LABEL && site->start == f->start + i->offset) {
		e.ends = e.passes = e.branches = e.is_patched = true;
		e.target = site->target;
	} else if (site && site->kind == PATCH_ALTERNATIVE && e.branches) {
		e.passes = e.is_patched = true;
	}
	return e;
}

/* Where `address` is in the functions: false if it is in none, or within an instruction. */
static bool locate(const struct blocks *b, uint64_t address, size_t *function, size_t *index)
{
	const struct code_function *f = code_find(b->code, address);
	size_t low = 0, high = b->function_count;

	if (!f)
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->functions[middle] < (uint32_t)(f - b->code->functions))
			low = middle + 1;
		else
			high = middle;
	}
	*function = low;
	*index = code_index(f, address);
	return low < b->function_count && b->functions[low] == (uint32_t)(f - b->code->functions) &&
	       code_address(f, *index) == address;
}

static const struct code_function *function_at(const struct blocks *b, size_t function)
{
	return &b->code->functions[b->functions[function]];
}

/* A mark for each instruction that begins a block; blocks are numbered afterwards. */
static void mark_starts(struct blocks *b, const struct patched *patched)
{
	for (size_t f = 0; f < b->function_count; f++) {
		const struct code_function *function = function_at(b, f);
		size_t to, index;

		if (function->n)
			b->at[f][0] = 1;
		for (size_t i = 0; i < function->n; i++) {
			struct exit e = find_exit(function, i, patched);

			if (e.ends && i + 1 < function->n)
				b->at[f][i + 1] = 1;
			if ((e.branches || e.has_target) && locate(b, e.target, &to, &index))
				b->at[to][index] = 1;
		}
	}
}

static void number_blocks(struct blocks *b)
{
	size_t room = 0;

	for (size_t f = 0; f < b->function_count; f++) {
		const struct code_function *function = function_at(b, f);

		for (size_t i = 0; i < function->n; i++) {
			if (b->at[f][i]) {
				if (b->n + 1 >= room) {
					room = room ? 2 * room : 1024;
					b->v = xrealloc(b->v, room * sizeof(*b->v));
				}
				b->v[b->n++] = (struct block){ .function = b->functions[f],
							       .first = (uint32_t)i,
							       .is_entry = i == 0 };
			}
			b->v[b->n - 1].last = (uint32_t)i;
			b->at[f][i] = (uint32_t)b->n - 1;
		}
	}
}

static struct block_edge *add_edge(struct blocks *b, uint32_t from, uint64_t target,
				   enum edge_kind kind)
{
	struct block_edge *e;
	size_t function, index;

	if (b->edge_count == b->edge_room) {
		b->edge_room = b->edge_room ? 2 * b->edge_room : 1024;
		b->edges = xrealloc(b->edges, b->edge_room * sizeof(*b->edges));
	}
	e = &b->edges[b->edge_count++];
	*e = (struct block_edge){ from, no_block, target, kind, false, false, false };
	if (locate(b, target, &function, &index)) {
		e->to = b->at[function][index];
		b->v[e->to].is_reached = true;
		e->backwards = e->to <= from && b->v[e->to].function == b->v[from].function;
	}
	return e;
}

static void add_edges(struct blocks *b, uint32_t block, const struct patched *patched)
{
	struct block *v = &b->v[block];
	const struct code_function *f = block_function(b, block);
	struct exit e = find_exit(f, v->last, patched);
	uint64_t next = code_address(f, v->last) + f->v[v->last].length;

	v->edges = (uint32_t)b->edge_count;
	v->ends = f->v[v->last].kind;
	if (e.branches)
		add_edge(b, block, e.target, EDGE_TAKEN)->expected =
			e.is_patched && e.expects_branch;
	if (e.passes || (!e.ends && next < f->end))
		add_edge(b, block, next, e.ends ? EDGE_PASSED : EDGE_NEXT)->expected =
			e.is_patched && !e.expects_branch;
	/* what is behind the last call of a function is not its own: the call does not return */
	if (e.returns && next < f->end)
		add_edge(b, block, next, EDGE_RETURNED);
	if (e.has_target)
		add_edge(b, block, e.target, EDGE_CALL);
}

/* Blocks of a function that nothing leads to may be those that its tables lead to. */
static void add_table(struct blocks *b, uint32_t block, const bool *orphan)
{
	uint32_t first = block, end = block;

	while (first > 0 && b->v[first - 1].function == b->v[block].function)
		first--;
	while (end < b->n && b->v[end].function == b->v[block].function)
		end++;
	for (uint32_t i = first; i < end; i++)
		if (orphan[i])
			add_edge(b, block, block_start(b, i), EDGE_TABLE);
}

/* Edges are kept by block, so those of tables are found before, with what is known then. */
static bool *find_orphans(struct blocks *b, const struct patched *patched)
{
	bool *orphan = xcalloc(b->n, sizeof(*orphan));

	for (uint32_t i = 0; i < b->n; i++)
		add_edges(b, i, patched);
	for (uint32_t i = 0; i < b->n; i++) {
		const struct code_function *f = block_function(b, i);
		enum instruction_kind kind = f->v[b->v[i].first].kind;

		orphan[i] = !b->v[i].is_reached && !b->v[i].is_entry && kind != INSTRUCTION_TRAP &&
			    kind != INSTRUCTION_UNKNOWN;
	}
	b->edge_count = 0;
	return orphan;
}

/* Nobody puts code that is expected to run where traps and cold parts are. */
static void mark_unlikely(struct blocks *b)
{
	for (size_t i = 0; i < b->edge_count; i++) {
		struct block_edge *e = &b->edges[i];
		const struct block *to;

		if (e->to == no_block || e->kind == EDGE_CALL)
			continue;
		to = &b->v[e->to];
		e->unlikely = to->ends == INSTRUCTION_TRAP || to->ends == INSTRUCTION_UNKNOWN ||
			      strstr(block_function(b, e->to)->name, ".cold") ||
			      strstr(block_function(b, e->to)->name, ".split");
	}
}

/* Which edges lead to each block, in the order of the edges. */
static void sort_by_target(struct blocks *b)
{
	uint32_t *next = xcalloc(b->n + 2, sizeof(*next)), sum = 0;

	b->in = xcalloc(b->edge_count + 1, sizeof(*b->in));
	for (size_t i = 0; i < b->edge_count; i++)
		if (b->edges[i].to != no_block)
			next[b->edges[i].to]++;
	for (size_t i = 0; i <= b->n && b->n; i++) {
		uint32_t count = next[i];

		b->v[i].in = next[i] = sum;
		sum += count;
	}
	for (uint32_t i = 0; i < b->edge_count; i++)
		if (b->edges[i].to != no_block)
			b->in[next[b->edges[i].to]++] = i;
	free(next);
}

void blocks_build(struct blocks *b, struct code *code, const struct patched *patched,
		  uint32_t *functions, size_t function_count)
{
	bool *orphan;

	*b = (struct blocks){ .code = code,
			      .functions = functions,
			      .function_count = function_count };
	b->at = xcalloc(function_count, sizeof(*b->at));
	for (size_t f = 0; f < function_count; f++) {
		code_find(code, code->functions[functions[f]].start);
		b->at[f] = xcalloc(function_at(b, f)->n + 1, sizeof(**b->at));
	}
	mark_starts(b, patched);
	number_blocks(b);
	orphan = find_orphans(b, patched);
	for (uint32_t i = 0; i < b->n; i++) {
		add_edges(b, i, patched);
		if (b->v[i].ends == INSTRUCTION_JUMP_INDIRECT)
			add_table(b, i, orphan);
	}
	if (b->n)
		b->v[b->n] = (struct block){ .edges = (uint32_t)b->edge_count };
	sort_by_target(b);
	mark_unlikely(b);
	free(orphan);
}

uint32_t blocks_find(const struct blocks *b, uint64_t address)
{
	const struct code_function *f = code_find(b->code, address);
	size_t function, index;

	if (!f)
		return no_block;
	if (!locate(b, code_address(f, code_index(f, address)), &function, &index))
		return no_block;
	return b->at[function][index];
}

void blocks_release(struct blocks *b)
{
	for (size_t f = 0; f < b->function_count; f++)
		free(b->at[f]);
	free(b->at);
	free(b->functions);
	free(b->v);
	free(b->edges);
	free(b->in);
	*b = (struct blocks){ 0 };
}
