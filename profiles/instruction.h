/* SPDX-License-Identifier: MIT */
/*
 * instruction.h - where x86-64 instructions begin, and which of them branch
 *
 * LLVM's disassembler knows how long each one is; how it moves control is in its
 * opcode.
 */
#ifndef PROFILES_INSTRUCTION_H
#define PROFILES_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum instruction_kind {
	INSTRUCTION_PLAIN,
	INSTRUCTION_CONDITIONAL, /* jcc, loop, jrcxz: may go on behind it */
	INSTRUCTION_JUMP,
	INSTRUCTION_CALL,
	INSTRUCTION_JUMP_INDIRECT,
	INSTRUCTION_CALL_INDIRECT,
	INSTRUCTION_RETURN,
	INSTRUCTION_TRANSFER, /* far jump, iret, sysret, syscall, int: to anywhere */
	INSTRUCTION_TRAP,     /* ud2, int3: no normal flow goes on behind it */
	INSTRUCTION_UNKNOWN,  /* not an instruction; one byte long */
};

struct instruction {
	uint32_t offset;      /* from the start of what was decoded */
	int32_t displacement; /* of a direct branch, from its end */
	uint8_t length;
	uint8_t kind;
};

/* One instruction at `bytes`; never reads more than `room` (at least 1). */
struct instruction instruction_decode(const uint8_t *bytes, size_t room);

/* It always goes elsewhere: what is behind it is not its successor. */
bool instruction_ends_flow(enum instruction_kind kind);

/* A branch whose target is in its bytes. */
bool instruction_is_direct(enum instruction_kind kind);

bool instruction_is_call(enum instruction_kind kind);

/* What its opcode says, for an instruction of `length` bytes. */
enum instruction_kind instruction_classify(const uint8_t *bytes, size_t length);

#endif
