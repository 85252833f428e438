/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>

#include "../../profiles/branch.h"

enum { HERE = 0x401000 };

struct example {
	const char *code;
	size_t bytes;
	enum branch_kind kind;
	uint64_t target;
	bool repeats;
};
#define CODE(text) text, sizeof(text) - 1

static void examples(void **state)
{
	static const struct example table[] = {
		{ CODE("\x90"), BRANCH_NONE, 0, false },
		{ CODE("\xf4"), BRANCH_NONE, 0, false }, /* hlt */
		{ CODE("\x74\x10"), BRANCH_CONDITIONAL, HERE + 0x12, false },
		{ CODE("\x75\xfe"), BRANCH_CONDITIONAL, HERE, false },
		{ CODE("\x2e\x74\x10"), BRANCH_CONDITIONAL, HERE + 0x13, false },
		{ CODE("\x0f\x84\x00\x01\x00\x00"), BRANCH_CONDITIONAL, HERE + 0x106, false },
		{ CODE("\x0f\x84\x00\x01"), BRANCH_CONDITIONAL, HERE + 0x104, false }, /* 16 bit */
		{ CODE("\xe2\xfb"), BRANCH_CONDITIONAL, HERE - 3, false },	       /* loop */
		{ CODE("\x67\xe3\x05"), BRANCH_CONDITIONAL, HERE + 8, false },	       /* jecxz */
		{ CODE("\xeb\x80"), BRANCH_JUMP, HERE + 2 - 0x80, false },
		{ CODE("\xe9\xff\xff\xff\xff"), BRANCH_JUMP, HERE + 4, false },
		{ CODE("\xe8\x00\x00\x00\x80"), BRANCH_CALL, HERE + 5 - UINT64_C(0x80000000),
		  false },
		{ CODE("\xff\xe0"), BRANCH_INDIRECT_JUMP, 0, false },
		{ CODE("\x41\xff\xe3"), BRANCH_INDIRECT_JUMP, 0, false },
		{ CODE("\x3e\xff\xe0"), BRANCH_INDIRECT_JUMP, 0, false }, /* notrack */
		{ CODE("\xff\x25\x00\x00\x00\x00"), BRANCH_INDIRECT_JUMP, 0, false },
		{ CODE("\xff\xd0"), BRANCH_INDIRECT_CALL, 0, false },
		{ CODE("\xff\x18"), BRANCH_INDIRECT_CALL, 0, false }, /* far */
		{ CODE("\xff\xc0"), BRANCH_NONE, 0, false },	      /* inc */
		{ CODE("\xff\x30"), BRANCH_NONE, 0, false },	      /* push */
		{ CODE("\xc3"), BRANCH_RETURN, 0, false },
		{ CODE("\xf3\xc3"), BRANCH_RETURN, 0, false },
		{ CODE("\xc2\x08\x00"), BRANCH_RETURN, 0, false },
		{ CODE("\x48\xcb"), BRANCH_RETURN, 0, false },
		{ CODE("\x0f\x05"), BRANCH_SYSCALL, 0, false },
		{ CODE("\x48\x0f\x07"), BRANCH_SYSRET, 0, false },
		{ CODE("\x48\xcf"), BRANCH_IRET, 0, false },
		{ CODE("\xcc"), BRANCH_TRAP, 0, false },
		{ CODE("\xcd\x80"), BRANCH_TRAP, 0, false },
		{ CODE("\x0f\x0b"), BRANCH_TRAP, 0, false },
		{ CODE("\xf3\xa4"), BRANCH_NONE, 0, true },
		{ CODE("\xf3\x48\xab"), BRANCH_NONE, 0, true },
		{ CODE("\x66\xf2\xae"), BRANCH_NONE, 0, true },
		{ CODE("\xaa"), BRANCH_NONE, 0, false },
		{ CODE("\xf3\x90"), BRANCH_NONE, 0, false },	 /* pause */
		{ CODE("\xf3\x0f\xa4"), BRANCH_NONE, 0, false }, /* A4 is not the opcode */
		{ CODE("\x48"), BRANCH_NONE, 0, false },	 /* dec of older modes */
		{ CODE("\xe8"), BRANCH_NONE, 0, false },	 /* cut off */
		{ CODE("\xff"), BRANCH_NONE, 0, false },
		{ CODE("\xf3"), BRANCH_NONE, 0, false },
		{ CODE("\xe8\x00\x00\x00"), BRANCH_NONE, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct branch b = branch_read(table[i].code, table[i].bytes, HERE);

		if (b.kind != table[i].kind || b.target != table[i].target ||
		    b.repeats != table[i].repeats)
			fail_msg("example %zu: kind %d, target %lx", i, b.kind, (long)b.target);
	}
}

/* LLVM prints prefixes that it does not know a use for as words of their own. */
static const char *behind_prefixes(const char *text)
{
	static const char *const prefixes[] = { "rep", "repne", "lock",	  "cs",	    "ss",
						"ds",  "es",	"fs",	  "gs",	    "data16",
						"bnd", "rex64", "addr32", "notrack" };
	char word[32];
	int used;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (sscanf(text, "%31s%n", word, &used) == 1 && !strcmp(word, prefixes[i])) {
			text += used;
			i = (size_t)-1;
		}
	return text;
}

/* What LLVM calls the instruction, as a kind. */
static enum branch_kind kind_of(const char *text)
{
	char word[32] = "", operand[64] = "";
	bool far, indirect;

	sscanf(behind_prefixes(text), "%31s %63s", word, operand);
	far = word[0] == 'l' && (!strncmp(word, "lcall", 5) || !strncmp(word, "ljmp", 4));
	indirect = strchr(operand, '*') || far;
	if (!strncmp(word + far, "jmp", 3))
		return indirect ? BRANCH_INDIRECT_JUMP : BRANCH_JUMP;
	if (!strncmp(word + far, "call", 4))
		return indirect ? BRANCH_INDIRECT_CALL : BRANCH_CALL;
	if (word[0] == 'j' || !strncmp(word, "loop", 4))
		return BRANCH_CONDITIONAL;
	if (!strncmp(word, "ret", 3) || !strncmp(word, "lret", 4))
		return BRANCH_RETURN;
	if (!strncmp(word, "iret", 4) || !strcmp(word, "rsm"))
		return BRANCH_IRET;
	if (!strncmp(word, "sysret", 6) || !strncmp(word, "sysexit", 7))
		return BRANCH_SYSRET;
	if (!strcmp(word, "syscall") || !strcmp(word, "sysenter"))
		return BRANCH_SYSCALL;
	if (!strncmp(word, "int", 3) || !strncmp(word, "ud", 2))
		return BRANCH_TRAP;
	return BRANCH_NONE;
}

/* A linear congruential sequence: the same bytes in every run. */
static uint8_t next_byte(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint8_t)(*seed >> 56);
}

/*
 * Bytes at random, the opcodes that matter more often, against LLVM's disassembler. D5 is left out:
 * to LLVM it is REX2, which no processor has yet.
 */
static void agrees_with_llvm(void **state)
{
	static const uint8_t opcodes[] = { 0xff, 0x0f, 0xe8, 0xe9, 0xeb, 0xc3, 0xcf,
					   0xcc, 0x74, 0xe2, 0x66, 0xf3, 0x48, 0x3e };
	unsigned branches = 0;
	uint64_t seed = 1;
	LLVMDisasmContextRef llvm;

	(void)state;
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86Disassembler();
	llvm = LLVMCreateDisasm("x86_64-linux-gnu", NULL, 0, NULL, NULL);
	assert_non_null(llvm);
	for (unsigned i = 0; i < 200000; i++) {
		uint8_t code[15];
		char text[256];
		struct branch b;
		size_t bytes;

		for (size_t c = 0; c < sizeof(code); c++)
			code[c] = next_byte(&seed);
		for (size_t c = 0; c < 2; c++)
			if (next_byte(&seed) & 1)
				code[c] = opcodes[next_byte(&seed) % sizeof(opcodes)];
		for (size_t c = 0; c < sizeof(code); c++)
			code[c] = code[c] == 0xd5 ? 0x90 : code[c];
		bytes = LLVMDisasmInstruction(llvm, code, sizeof(code), HERE, text, sizeof(text));
		/* xbegin is direct, but no branch of ours; LLVM splits some prefixes off */
		if (!bytes || strstr(text, "xbegin") || strstr(text, "xabort"))
			continue;
		b = branch_read(code, bytes, HERE);
		branches += b.kind != BRANCH_NONE;
		if (b.kind != kind_of(text))
			fail_msg("%02x %02x %02x %02x (%zu bytes): kind %d, LLVM says '%s'",
				 code[0], code[1], code[2], code[3], bytes, b.kind, text);
	}
	LLVMDisasmDispose(llvm);
	assert_true(branches > 10000);
}

UNIT_MAIN(cmocka_unit_test(examples), cmocka_unit_test(agrees_with_llvm))
