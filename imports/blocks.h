/* SPDX-License-Identifier: MIT */
/*
 * blocks.h - basic blocks of some functions of an ELF, and what leads from one to another
 *
 * A block ends at every branch, call, return and trap, and before every target of a known branch.
 * Where a kernel patches itself, both ways that the code can have are there. Edges lead to blocks
 * in other functions, too: parts of a function that were split off, tail calls.
 */
#ifndef IMPORTS_BLOCKS_H
#define IMPORTS_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../profiles/code.h"
#include "../profiles/patched.h"

enum edge_kind {
	EDGE_NEXT,     /* only because something else leads to the next block, too */
	EDGE_PASSED,   /* a branch that was not taken */
	EDGE_TAKEN,    /* one that was */
	EDGE_RETURNED, /* to behind a call, or a system call */
	EDGE_TABLE,    /* an indirect jump within the function: one of those possible */
	EDGE_CALL,     /* to a function, in addition to EDGE_RETURNED */
};

static const uint32_t no_block = UINT32_MAX;

struct block_edge {
	uint32_t from, to; /* no_block: `target` is in none of the functions, or no code */
	uint64_t target;
	enum edge_kind kind;
	bool expected;	/* patched code: it goes this way unless something was changed */
	bool unlikely;	/* leads to where code that should not run is */
	bool backwards; /* to this block or one above it in the same function */
};

struct block {
	uint32_t function;    /* index of code->functions */
	uint32_t first, last; /* instructions of it */
	uint32_t edges;	      /* first of those that leave; they end where the next block's begin */
	uint32_t in;	      /* first of `in` of struct blocks; those that lead here */
	uint8_t ends;	      /* enum instruction_kind of the last one */
	bool is_entry;	      /* the function begins here */
	bool is_reached;      /* an edge of the functions leads here */
};

struct blocks {
	struct code *code;
	struct block *v; /* by address; one more, empty, for the end of the edges */
	size_t n;
	struct block_edge *edges; /* by block */
	size_t edge_count, edge_room;
	uint32_t *in;	     /* edges by the block they lead to */
	uint32_t *functions; /* indices of code->functions, ascending */
	size_t function_count;
	uint32_t **at; /* of each function: the block of each instruction */
};

/* Of functions with these indices, ascending. `functions` is taken over. */
void blocks_build(struct blocks *b, struct code *code, const struct patched *patched,
		  uint32_t *functions, size_t function_count);

/* The block that holds `address`, or no_block. */
uint32_t blocks_find(const struct blocks *b, uint64_t address);

static inline const struct code_function *block_function(const struct blocks *b, uint32_t block)
{
	return &b->code->functions[b->v[block].function];
}

static inline uint64_t block_start(const struct blocks *b, uint32_t block)
{
	return code_address(block_function(b, block), b->v[block].first);
}

/* The address of its last instruction. */
static inline uint64_t block_last(const struct blocks *b, uint32_t block)
{
	return code_address(block_function(b, block), b->v[block].last);
}

static inline uint32_t block_instructions(const struct blocks *b, uint32_t block)
{
	return b->v[block].last - b->v[block].first + 1;
}

void blocks_release(struct blocks *b);

#endif
