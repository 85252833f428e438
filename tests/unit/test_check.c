/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "../../profiles/check.h"

/* Code by hand; the addresses are those of its bytes. */
enum { F = 0x1000, G = 0x1010, H = 0x1018, K = 0x1024, L = 0x1026, END = 0x1028 };

static const uint8_t bytes[END - F] = {
	0x75, 0x02,			    /* F:    jne 1004 */
	0x90, 0x90,			    /* 1002: nop; nop */
	0xe8, 0x07, 0x00, 0x00, 0x00,	    /* 1004: call G */
	0xc3,				    /* 1009: ret */
	0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, /* padding */
	0x48, 0x89, 0xf8,		    /* G:    mov rax, rdi */
	0xff, 0xd0,			    /* 1013: call *rax */
	0xc3,				    /* 1015: ret */
	0xcc, 0xcc,			    /* padding */
	0x0f, 0x1f, 0x44, 0x00, 0x00,	    /* H:    a jump label, to 101e */
	0x90,				    /* 101d: nop */
	0xe9, 0xdd, 0xff, 0xff, 0xff,	    /* 101e: jmp F, a static call */
	0xc3,				    /* 1023: ret */
	0x90, 0x90,			    /* K:    nop; nop, falls through into L */
	0x90, 0xc3,			    /* L:    nop; ret */
};

static struct code_section section = { F, END, bytes, true };
static struct code_symbol symbols[] = {
	{ "f", F, 10, STT_FUNC, STB_GLOBAL, true }, { "g", G, 6, STT_FUNC, STB_GLOBAL, true },
	{ "h", H, 12, STT_FUNC, STB_GLOBAL, true }, { "k", K, 2, STT_FUNC, STB_GLOBAL, true },
	{ "l", L, 2, STT_FUNC, STB_GLOBAL, true },
};
static struct code_function functions[] = {
	{ .start = F, .end = F + 10, .name = "f", .has_debug_info = true },
	{ .start = F + 10, .end = G, .name = "" },
	{ .start = G, .end = G + 6, .name = "g", .has_debug_info = true },
	{ .start = G + 6, .end = H, .name = "" },
	{ .start = H, .end = K, .name = "h" },
	{ .start = K, .end = L, .name = "k", .is_assembly = true },
	{ .start = L, .end = END, .name = "l", .is_assembly = true },
};
static struct code code = {
	"code", "",   &section, 1, symbols, ARRAY_SIZE(symbols), functions, ARRAY_SIZE(functions),
	2,	NULL, -1
};
static struct patch_site sites[] = { { H, H + 5, PATCH_JUMP_LABEL, 0x101e },
				     { 0x101e, 0x1023, PATCH_CALL, 0 } };
static struct patched patched = { sites, ARRAY_SIZE(sites), ARRAY_SIZE(sites) }, unpatched;

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		functions[i].bytes = bytes + (functions[i].start - F);
	return 0;
}

struct line {
	uint64_t from, to;
	enum check_reason reason;
};

static struct check run(const struct patched *p, const struct raw_counts *ranges,
			const struct raw_counts *branches)
{
	struct raw_profile raw = { 0 };
	struct check c;

	if (ranges)
		raw.ranges = *ranges;
	if (branches)
		raw.branches = *branches;
	check_run(&c, &code, p, &raw);
	return c;
}

static void expect(const struct line *l, bool is_range, const struct patched *p)
{
	struct raw_count one = { l->from, l->to, 10 };
	struct raw_counts counts = { &one, 1, 1 };
	struct check c = run(p, is_range ? &counts : NULL, is_range ? NULL : &counts);
	bool good = l->reason >= CHECK_GOOD;

	if (!c.by_reason[l->reason].lines)
		print_message("%lx to %lx\n", l->from, l->to);
	assert_int_equal(c.by_reason[l->reason].lines, 1);
	assert_int_equal(c.by_reason[l->reason].counts, 10);
	assert_int_equal((is_range ? c.ranges : c.branches).rejected, good ? 0 : 10);
	assert_true(((is_range ? c.checked.ranges.n : c.checked.branches.n) > 0) == good);
	check_release(&c);
}

static void ranges(void **state)
{
	static const struct line lines[] = {
		{ F, F, CHECK_GOOD },
		{ F, 0x1004, CHECK_GOOD }, /* past a jump that was not taken */
		{ 0x1009, 0x1009, CHECK_GOOD },
		{ 0xfff, F, CHECK_RANGE_OUTSIDE },
		{ F, END, CHECK_RANGE_OUTSIDE },
		{ 0, 0, CHECK_RANGE_OUTSIDE },
		{ UINT64_MAX, UINT64_MAX, CHECK_RANGE_OUTSIDE },
		{ 0x1004, F, CHECK_RANGE_REVERSED },
		{ 0x1001, 0x1004, CHECK_RANGE_STARTS_INSIDE },
		{ F, 0x1005, CHECK_RANGE_ENDS_INSIDE },
		{ F, G, CHECK_RANGE_CROSSES },
		{ 0x1009, 0x100a, CHECK_RANGE_CROSSES },
		{ F, 0x1009, CHECK_RANGE_RUNS_THROUGH }, /* a call is in it */
		{ G, 0x1015, CHECK_RANGE_RUNS_THROUGH },
		{ K, 0x1027, CHECK_GOOD }, /* assembly that falls through */
		{ H, H, CHECK_PATCHED },
		{ H + 2, 0x101d, CHECK_PATCHED },
		{ 0x101d, 0x1023, CHECK_GOOD }, /* past a static call that is a nop now */
		{ 0x101d, 0x1020, CHECK_PATCHED },
	};
	static const struct line as_if_not_patched[] = {
		{ H + 2, 0x101d, CHECK_RANGE_STARTS_INSIDE },
		{ 0x101d, 0x1023, CHECK_RANGE_RUNS_THROUGH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		expect(&lines[i], true, &patched);
	for (size_t i = 0; i < ARRAY_SIZE(as_if_not_patched); i++)
		expect(&as_if_not_patched[i], true, &unpatched);
}

static void branches(void **state)
{
	static const struct line lines[] = {
		{ F, 0x1004, CHECK_GOOD },
		{ 0x1004, G, CHECK_GOOD },
		{ 0x1013, F, CHECK_GOOD },
		{ 0x1015, 0x1009, CHECK_GOOD }, /* behind the call of G */
		{ 0x1009, L, CHECK_GOOD },	/* a thread's first return */
		{ 0x200, F, CHECK_BRANCH_OUTSIDE },
		{ 0x1004, 0x200, CHECK_BRANCH_TARGET_OUTSIDE },
		{ 0x1002, F, CHECK_BRANCH_NOT_ONE },
		{ 0x1005, G, CHECK_BRANCH_NOT_ONE },
		{ 0x100a, F, CHECK_BRANCH_NOT_ONE }, /* int3 */
		{ F, 0x1002, CHECK_BRANCH_WRONG_TARGET },
		{ 0x1004, F, CHECK_BRANCH_WRONG_TARGET },
		{ 0x1013, 0x1002, CHECK_BRANCH_NOT_ENTRY },
		{ 0x1013, 0x1005, CHECK_BRANCH_TARGET_INSIDE },
		{ 0x1015, 0x1002, CHECK_BRANCH_NOT_RETURN },
		{ H, 0x101e, CHECK_PATCHED },
		{ H, F, CHECK_BRANCH_WRONG_TARGET },
		{ 0x101e, G, CHECK_PATCHED }, /* the static call was turned to another one */
		{ 0x101e, 0x1002, CHECK_BRANCH_NOT_ENTRY },
		{ 0x101e, 0x1005, CHECK_BRANCH_TARGET_INSIDE },
	};
	static const struct line as_if_not_patched[] = {
		{ H, 0x101e, CHECK_BRANCH_NOT_ONE },
		{ 0x101e, G, CHECK_BRANCH_WRONG_TARGET },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		expect(&lines[i], false, &patched);
	for (size_t i = 0; i < ARRAY_SIZE(as_if_not_patched); i++)
		expect(&as_if_not_patched[i], false, &unpatched);
}

static void what_remains_is_on_boundaries_and_counted(void **state)
{
	struct raw_count v[] = {
		{ H + 2, 0x101d, 4 }, { K, 0x1027, 3 }, { F, 0x1004, 2 }, { F, G, 1 }
	};
	struct raw_counts counts = { v, ARRAY_SIZE(v), ARRAY_SIZE(v) };
	struct check c = run(&patched, &counts, NULL);
	char *text;
	size_t length;

	(void)state;
	text = raw_format(&c.checked, &length);
	assert_string_equal(text, "4\n1000-1004:2\n1018-101d:4\n1024-1025:3\n1026-1027:3\n0\n");
	/* instructions: F 4 x 2, H 2 x 4, K and L 4 x 3 */
	assert_int_equal(c.instructions, 28);
	assert_int_equal(c.debug_instructions, 8);
	assert_int_equal(c.assembly_instructions, 12);
	assert_int_equal(c.debug_bytes, 2 * 9);
	assert_int_equal((int)check_symbolized_percent(&c), 50);
	assert_int_equal((int)check_rejected_percent(&c), 10);
	free(text);
	check_release(&c);
}

static void too_many_instructions_are_refused(void **state)
{
	struct raw_count one = { F, 0x1004, INT64_MAX };
	struct raw_counts counts = { &one, 1, 1 };
	struct check_limits limits = CHECK_LIMITS;
	struct check c = run(&patched, &counts, NULL);
	char *verdict = check_verdict(&c, &limits);

	(void)state;
	assert_non_null(verdict);
	assert_non_null(strstr(verdict, "do not fit in 63 bits"));
	free(verdict);
	check_release(&c);
}

static void instructions_are_classified(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		enum instruction_kind kind;
		int32_t displacement;
	} cases[] = {
		{ "\x90", 1, INSTRUCTION_PLAIN, 0 },
		{ "\x74\xfe", 2, INSTRUCTION_CONDITIONAL, -2 },
		{ "\x0f\x85\x00\x01\x00\x00", 6, INSTRUCTION_CONDITIONAL, 256 },
		{ "\x2e\x75\x08", 3, INSTRUCTION_CONDITIONAL, 8 },
		{ "\xe2\x10", 2, INSTRUCTION_CONDITIONAL, 16 },
		{ "\xeb\x7f", 2, INSTRUCTION_JUMP, 127 },
		{ "\xe9\xfb\xff\xff\xff", 5, INSTRUCTION_JUMP, -5 },
		{ "\xe8\x00\x00\x00\x00", 5, INSTRUCTION_CALL, 0 },
		{ "\xff\xe0", 2, INSTRUCTION_JUMP_INDIRECT, 0 },
		{ "\x41\xff\xe3", 3, INSTRUCTION_JUMP_INDIRECT, 0 },
		{ "\xff\x25\x00\x00\x00\x00", 6, INSTRUCTION_JUMP_INDIRECT, 0 },
		{ "\x41\xff\x54\x24\x08", 5, INSTRUCTION_CALL_INDIRECT, 0 },
		{ "\xff\xc0", 2, INSTRUCTION_PLAIN, 0 }, /* inc eax */
		{ "\xff\x30", 2, INSTRUCTION_PLAIN, 0 }, /* push [rax] */
		{ "\xc3", 1, INSTRUCTION_RETURN, 0 },
		{ "\xf3\xc3", 2, INSTRUCTION_RETURN, 0 },
		{ "\xc2\x08\x00", 3, INSTRUCTION_RETURN, 0 },
		{ "\x48\xcf", 2, INSTRUCTION_TRANSFER, 0 },
		{ "\x0f\x05", 2, INSTRUCTION_TRANSFER, 0 },
		{ "\x48\x0f\x07", 3, INSTRUCTION_TRANSFER, 0 },
		{ "\x0f\x0b", 2, INSTRUCTION_TRAP, 0 },
		{ "\xcc", 1, INSTRUCTION_TRAP, 0 },
		{ "\xf3\xa4", 2, INSTRUCTION_PLAIN, 0 }, /* rep movsb */
		{ "\x0f\x1f\x80\x00\x00\x00\x00", 7, INSTRUCTION_PLAIN, 0 },
		{ "\x06", 1, INSTRUCTION_UNKNOWN, 0 },	   /* no instruction in 64-bit code */
		{ "\xe8\x00", 1, INSTRUCTION_UNKNOWN, 0 }, /* cut off */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t room =
			cases[i].length == 1 && cases[i].bytes[0] == '\xe8' ? 2 : cases[i].length;
		struct instruction d = instruction_decode((const uint8_t *)cases[i].bytes, room);

		assert_int_equal(d.length, cases[i].length);
		assert_int_equal(d.kind, cases[i].kind);
		assert_int_equal(d.displacement, cases[i].displacement);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(branches),
		cmocka_unit_test(what_remains_is_on_boundaries_and_counted),
		cmocka_unit_test(too_many_instructions_are_refused),
		cmocka_unit_test(instructions_are_classified),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
