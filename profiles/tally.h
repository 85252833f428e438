/* SPDX-License-Identifier: MIT */
/*
 * tally.h - what was counted, summed over processors and folded by address
 */
#ifndef PROFILES_TALLY_H
#define PROFILES_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "block.h"

/* A straight range that was executed. Ranges may overlap. */
struct tally_block {
	uint64_t start, last, end; /* `end`: behind the last instruction */
	uint64_t instructions;	   /* executed: a block's times its executions */
	uint64_t executions;
	uint64_t taken; /* branches from its last instruction */
	uint64_t misses[MISS_KINDS];
	bool physical; /* see block_key */
};

struct tally_branch {
	uint64_t from, to; /* instructions; `from` is in the block that starts at `block` */
	uint64_t block;
	uint64_t count;
	bool physical; /* of `from` */
	bool returns;  /* an iret: not a branch of the program's making */
};

struct tally {
	struct tally_block *blocks; /* by start, last, physical; none twice */
	size_t block_count;
	struct tally_branch *branches; /* by from, to, block, physical; none twice */
	size_t branch_count;
	uint64_t repeats; /* iterations of rep string instructions but for the first */
	uint64_t interruptions, resumptions, unresolved;
};

/* Processors stand still meanwhile, or do not count. Blocks being executed count as ended. */
void tally_make(struct tally *t, struct blocks *b, const struct vcpu *vcpus);
void tally_release(struct tally *t);

#endif
