/* SPDX-License-Identifier: MIT */
/*
 * block.h - straight pieces of code as QEMU translates them, and what followed each
 *
 * A block is what QEMU runs without looking up: from its first instruction to its last one,
 * which is a branch, or where QEMU cut (page end, maximum size, an instruction that
 * changes the processor's state). The same piece translated again is the same block.
 *
 * Each execution of a block is counted once, when it is known what came next:
 *
 *   - an edge to the next block: the branch was taken, or it was not, or there was none;
 *     which of these follows from the two blocks (transition_of()), so it is not stored;
 *   - an interrupt or exception came between. The block waits among the processor's
 *     interrupted ones until an iret goes where it would have gone on. Only then it is known
 *     whether it had come to its end, and which way it went, or had been cut short by a fault;
 *   - it was cut short and goes on in the middle (emulated I/O does that under -icount).
 *
 * All counters belong to one block on one virtual processor and are written only by that
 * processor's thread.
 */
#ifndef PROFILES_BLOCK_H
#define PROFILES_BLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include "branch.h"
#include "functions.h"

enum { VCPUS_MAX = 8, SLOTS = 2, INTERRUPTED_MAX = 32, MISS_KINDS = 3 };

/* What an address is entered for. */
enum entry {
	ENTRY_NONE,
	ENTRY_FAULT,	 /* an exception: the instruction that caused it is done again */
	ENTRY_INTERRUPT, /* comes between two blocks */
};

/* What is known of a block besides what it is. */
struct block_facts {
	uint32_t function; /* functions.h; 0: none is known */
	uint8_t entry;	   /* enum entry of its first instruction */
	uint8_t role;	   /* enum role of the same */
	bool at_start;	   /* of one of the function's pieces */
};

enum miss { MISS_L1I, MISS_L1D, MISS_ITLB };

struct block;

struct edge {
	struct block *to; /* NULL: a free place */
	uint64_t count;
};

/* What few blocks have: more than two successors, or executions cut short. */
struct rare {
	struct edge *edges; /* open addressing by `to` */
	uint32_t edge_room; /* a power of two */
	uint32_t edge_count;
	uint64_t ended; /* came to their end, and no branch is known from it */
	uint64_t *cuts; /* [i]: executions that stopped before instruction i; or NULL */
};

struct counters {
	struct block *next[SLOTS];
	uint64_t count[SLOTS];
	struct rare *rare; /* or NULL */
	uint64_t misses[MISS_KINDS];
};

struct block_key {
	uint64_t start;
	uint64_t last; /* address of the last instruction */
	uint64_t target;
	uint32_t instructions;
	uint8_t kind;	  /* enum branch_kind of the last instruction */
	uint8_t repeats;  /* the last instruction is a rep string instruction */
	uint8_t physical; /* ran before the kernel was at its own addresses */
	uint8_t last_bytes;
};

struct block {
	struct block_key key;
	struct block_facts facts;
	uint16_t *offsets; /* of the instructions from the start */
	struct block *next_made;
	UT_hash_handle hh;
	struct counters counters[] __attribute__((aligned(64))); /* one a processor */
};

struct blocks {
	pthread_mutex_t lock; /* for all below; not for counters */
	unsigned vcpus;
	struct block *by_key;
	struct block *newest;
};

struct interrupted {
	struct block *block;
	enum entry entry;
	uint32_t context;
};

/* What one virtual processor is about. Written by its thread only. */
struct vcpu {
	struct block *current; /* being executed; NULL: not known */
	unsigned index;
	unsigned interrupted_count;
	uint64_t interruptions; /* interrupts, exceptions, traps */
	uint64_t resumptions;	/* blocks that went on in their middle */
	uint64_t unresolved;	/* interrupted blocks of which no more was heard */
	uint32_t context;	/* that `current` was counted for */
	uint64_t *by_context;	/* instructions; of what is counted here block.c takes back
				 * what was not executed after all; NULL: nothing is */
	struct interrupted interrupted[INTERRUPTED_MAX];
} __attribute__((aligned(64)));

enum transition {
	TRANSITION_ON,		/* to the next instruction */
	TRANSITION_TAKEN,	/* a taken branch */
	TRANSITION_REPEAT,	/* one more iteration of a rep string instruction */
	TRANSITION_INTERRUPTED, /* an interrupt, exception or trap */
	TRANSITION_RESUMED,	/* to an instruction in the block: it had been cut short there */
};

void blocks_init(struct blocks *b, unsigned vcpus);

/* Back to nothing counted; processors stand still meanwhile. */
void blocks_zero(struct blocks *b);

/*
 * The block of this key, made if there is none. `offsets` (key->instructions of them) is
 * copied. Takes the lock.
 */
struct block *blocks_get(struct blocks *b, const struct block_key *key, const uint16_t *offsets,
			 const struct block_facts *facts);

/* The address behind the last instruction. */
static inline uint64_t block_end(const struct block *b)
{
	return b->key.last + b->key.last_bytes;
}

/* Whether `to`, which begins after `from`, is one more iteration of a rep string instruction. */
static inline bool block_repeats(const struct block *from, const struct block *to)
{
	return from->key.repeats && to->key.start == from->key.last;
}

/* How the instruction at `to`, of kind `entry`, can come after `from`. */
enum transition transition_of(const struct block *from, uint64_t to, enum entry entry);

/* The number of the instruction at `address`, or -1. */
int block_instruction_at(const struct block *b, uint64_t address);

/*
 * `to` begins after v->current on this processor; the rare cases of block_step(), and the
 * definition of all. Does not change v->current.
 */
void block_follow(struct vcpu *v, struct block *to);

/* The hot path: count how v->current ended; `to` is executed now. */
static inline void block_step(struct vcpu *v, struct block *to)
{
	struct block *from = v->current;

	if (from) {
		struct counters *c = &from->counters[v->index];

		if (c->next[0] == to)
			c->count[0]++;
		else if (c->next[1] == to)
			c->count[1]++;
		else
			block_follow(v, to);
	}
	v->current = to;
}

/* The same, and `to` is executed for `context` of v->by_context. An iteration more is nothing more. */
static inline void block_step_for(struct vcpu *v, struct block *to, uint32_t context)
{
	bool again = v->current && block_repeats(v->current, to);

	block_step(v, to);
	v->context = context;
	if (!again)
		v->by_context[context] += to->key.instructions;
}

#endif
