/* SPDX-License-Identifier: MIT */
#include "instruction.h"

#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "prefix.h"

static LLVMDisasmContextRef disassembler(void)
{
	static LLVMDisasmContextRef context;

	if (context)
		return context;
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86Disassembler();
	context = LLVMCreateDisasm("x86_64-unknown-linux-gnu", NULL, 0, NULL, NULL);
	if (!context)
		die("LLVM has no disassembler for x86-64");
	return context;
}

static bool is_prefix(uint8_t byte)
{
	return prefix_is_legacy(byte) || (byte & 0xf0) == 0x40; /* REX */
}

static enum instruction_kind classify_0f(uint8_t second)
{
	switch (second) {
	case 0x05: /* syscall */
	case 0x07: /* sysret */
	case 0x34: /* sysenter */
	case 0x35: return INSTRUCTION_TRANSFER;
	case 0x0b: /* ud2 */
	case 0xb9: /* ud1 */
	case 0xff: return INSTRUCTION_TRAP;
	default: return (second & 0xf0) == 0x80 ? INSTRUCTION_CONDITIONAL : INSTRUCTION_PLAIN;
	}
}

static enum instruction_kind classify_ff(uint8_t modrm)
{
	switch (modrm >> 3 & 7) {
	case 2: return INSTRUCTION_CALL_INDIRECT;
	case 4: return INSTRUCTION_JUMP_INDIRECT;
	case 3:
	case 5: return INSTRUCTION_TRANSFER;
	default: return INSTRUCTION_PLAIN;
	}
}

enum instruction_kind instruction_classify(const uint8_t *bytes, size_t length)
{
	const uint8_t *end = bytes + length;

	while (bytes < end && is_prefix(*bytes))
		bytes++;
	if (bytes == end)
		return INSTRUCTION_PLAIN;
	if ((*bytes & 0xf0) == 0x70)
		return INSTRUCTION_CONDITIONAL;
	switch (*bytes) {
	case 0xe0: /* loopne, loope, loop, jrcxz */
	case 0xe1:
	case 0xe2:
	case 0xe3: return INSTRUCTION_CONDITIONAL;
	case 0xe8: return INSTRUCTION_CALL;
	case 0xe9:
	case 0xeb: return INSTRUCTION_JUMP;
	case 0xc2:
	case 0xc3: return INSTRUCTION_RETURN;
	case 0xca: /* far return, int, iret */
	case 0xcb:
	case 0xcd:
	case 0xcf: return INSTRUCTION_TRANSFER;
	case 0xcc: return INSTRUCTION_TRAP;
	case 0x0f: return bytes + 1 < end ? classify_0f(bytes[1]) : INSTRUCTION_PLAIN;
	case 0xff: return bytes + 1 < end ? classify_ff(bytes[1]) : INSTRUCTION_PLAIN;
	default: return INSTRUCTION_PLAIN;
	}
}

/* The last bytes of a direct branch: one if it is a short one, else four. */
static int32_t displacement(const uint8_t *bytes, size_t length)
{
	const uint8_t *opcode = bytes;
	int32_t value;

	while (is_prefix(*opcode))
		opcode++;
	if ((*opcode & 0xf0) == 0x70 || *opcode == 0xeb || (*opcode & 0xfc) == 0xe0)
		return (int8_t)bytes[length - 1];
	memcpy(&value, bytes + length - sizeof(value), sizeof(value));
	return value;
}

struct instruction instruction_decode(const uint8_t *bytes, size_t room)
{
	enum { LONGEST = 15 };
	char text[256];
	uint8_t copy[LONGEST]; /* LLVM takes bytes that are not const */
	struct instruction i = { .length = 1, .kind = INSTRUCTION_UNKNOWN };
	size_t length;

	room = room < LONGEST ? room : LONGEST;
	memcpy(copy, bytes, room);
	length = LLVMDisasmInstruction(disassembler(), copy, room, 0, text, sizeof(text));
	if (!length)
		return i;
	i.length = (uint8_t)length;
	i.kind = (uint8_t)instruction_classify(bytes, length);
	if (instruction_is_direct(i.kind))
		i.displacement = displacement(bytes, length);
	return i;
}

bool instruction_ends_flow(enum instruction_kind kind)
{
	return kind != INSTRUCTION_PLAIN && kind != INSTRUCTION_CONDITIONAL;
}

bool instruction_is_direct(enum instruction_kind kind)
{
	return kind == INSTRUCTION_CONDITIONAL || kind == INSTRUCTION_JUMP ||
	       kind == INSTRUCTION_CALL;
}

bool instruction_is_call(enum instruction_kind kind)
{
	return kind == INSTRUCTION_CALL || kind == INSTRUCTION_CALL_INDIRECT;
}
