/* SPDX-License-Identifier: MIT */
/*
 * branch.h - where an x86 instruction can go besides to the next one
 */
#ifndef PROFILES_BRANCH_H
#define PROFILES_BRANCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum branch_kind {
	BRANCH_NONE,	      /* to the next instruction only */
	BRANCH_CONDITIONAL,   /* jcc, loop, jrcxz */
	BRANCH_JUMP,	      /* direct */
	BRANCH_CALL,	      /* direct */
	BRANCH_INDIRECT_JUMP, /* also far jumps, whose segment we do not follow */
	BRANCH_INDIRECT_CALL,
	BRANCH_RETURN,
	BRANCH_SYSCALL, /* syscall, sysenter */
	BRANCH_SYSRET,	/* sysret, sysexit */
	BRANCH_IRET,	/* iret, rsm */
	BRANCH_TRAP,	/* int, int3, ud2: an exception on purpose */
};

struct branch {
	enum branch_kind kind;
	bool repeats;	 /* a string instruction with a rep prefix: it goes to itself */
	uint64_t target; /* of a conditional or direct branch; else 0 */
};

/*
 * Classify the instruction of `bytes` bytes at `address`: one whole instruction, as
 * a disassembler measured it, in any mode of the processor. The displacement's size is what is
 * left behind the opcode. Anything that is not understood is BRANCH_NONE.
 */
struct branch branch_read(const void *code, size_t bytes, uint64_t address);

/* Whether its only targets are `target` and, if conditional, the next instruction. */
bool branch_is_direct(enum branch_kind kind);

#endif
