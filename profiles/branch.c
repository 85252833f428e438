/* SPDX-License-Identifier: MIT */
#include "branch.h"

#include "prefix.h"

/* What comes before the opcode. */
struct prefixes {
	size_t bytes;
	bool repeats; /* F2 or F3 */
};

/* 40 to 4f is a REX prefix if something follows; alone it is inc or dec of older modes. */
static struct prefixes read_prefixes(const uint8_t *code, size_t bytes)
{
	struct prefixes p = { 0 };

	while (p.bytes < bytes && prefix_is_legacy(code[p.bytes])) {
		p.repeats |= code[p.bytes] == 0xf2 || code[p.bytes] == 0xf3;
		p.bytes++;
	}
	if (p.bytes + 1 < bytes && (code[p.bytes] & 0xf0) == 0x40)
		p.bytes++;
	return p;
}

static bool is_string(uint8_t opcode)
{
	return (opcode >= 0xa4 && opcode <= 0xa7) || (opcode >= 0xaa && opcode <= 0xaf) ||
	       (opcode >= 0x6c && opcode <= 0x6f);
}

static enum branch_kind kind_of_ff(uint8_t modrm)
{
	switch ((modrm >> 3) & 7) {
	case 2:
	case 3: return BRANCH_INDIRECT_CALL;
	case 4:
	case 5: return BRANCH_INDIRECT_JUMP;
	default: return BRANCH_NONE;
	}
}

static enum branch_kind kind_of_0f(uint8_t opcode)
{
	switch (opcode) {
	case 0x05:
	case 0x34: return BRANCH_SYSCALL;
	case 0x07:
	case 0x35: return BRANCH_SYSRET;
	case 0xaa: return BRANCH_IRET;
	case 0x0b:
	case 0xb9:
	case 0xff: return BRANCH_TRAP;
	default: return (opcode & 0xf0) == 0x80 ? BRANCH_CONDITIONAL : BRANCH_NONE;
	}
}

static enum branch_kind kind_of(uint8_t opcode)
{
	switch (opcode) {
	case 0xe0: /* loopne, loope, loop, jrcxz */
	case 0xe1:
	case 0xe2:
	case 0xe3: return BRANCH_CONDITIONAL;
	case 0xe9:
	case 0xeb: return BRANCH_JUMP;
	case 0xe8: return BRANCH_CALL;
	case 0xea: return BRANCH_INDIRECT_JUMP;
	case 0x9a: return BRANCH_INDIRECT_CALL;
	case 0xc2:
	case 0xc3:
	case 0xca:
	case 0xcb: return BRANCH_RETURN;
	case 0xcf: return BRANCH_IRET;
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xf1: return BRANCH_TRAP;
	default: return (opcode & 0xf0) == 0x70 ? BRANCH_CONDITIONAL : BRANCH_NONE;
	}
}

/* Little-endian, sign-extended; false if no displacement has this size. */
static bool read_displacement(const uint8_t *at, size_t bytes, int64_t *value)
{
	uint32_t raw = 0;

	if (bytes != 1 && bytes != 2 && bytes != 4)
		return false;
	for (size_t i = 0; i < bytes; i++)
		raw |= (uint32_t)at[i] << (8 * i);
	*value = bytes == 1 ? (int8_t)raw : bytes == 2 ? (int16_t)raw : (int32_t)raw;
	return true;
}

bool branch_is_direct(enum branch_kind kind)
{
	return kind == BRANCH_CONDITIONAL || kind == BRANCH_JUMP || kind == BRANCH_CALL;
}

struct branch branch_read(const void *instruction, size_t bytes, uint64_t address)
{
	const uint8_t *code = instruction;
	struct prefixes p = read_prefixes(code, bytes);
	struct branch b = { BRANCH_NONE, false, 0 };
	size_t at = p.bytes;
	int64_t displacement;

	if (at >= bytes)
		return b;
	b.repeats = p.repeats && is_string(code[at]);
	if (code[at] == 0xff && at + 1 < bytes)
		b.kind = kind_of_ff(code[at + 1]);
	else if (code[at] == 0x0f && at + 1 < bytes)
		b.kind = kind_of_0f(code[++at]);
	else
		b.kind = kind_of(code[at]);
	if (!branch_is_direct(b.kind))
		return b;
	if (read_displacement(code + at + 1, bytes - at - 1, &displacement))
		b.target = address + bytes + (uint64_t)displacement;
	else
		b.kind = BRANCH_NONE;
	return b;
}
