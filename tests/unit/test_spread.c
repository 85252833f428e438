/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <elf.h>
#include <string.h>

#include "../../imports/spread.h"
#include "../../profiles/check.h"

/* Code by hand; the addresses are those of its bytes. */
enum { F = 0x1000, G = 0x1020, END = 0x1030 };

static const uint8_t bytes[END - F] = {
	0x90, 0x90, 0x90, 0x90,		    /* F:    four nops */
	0x75, 0x04,			    /* 1004: jne 100a */
	0x90, 0x90,			    /* 1006: nop; nop */
	0xeb, 0x02,			    /* 1008: jmp 100c */
	0x90, 0x90,			    /* 100a: nop; nop */
	0xe8, 0x0f, 0x00, 0x00, 0x00,	    /* 100c: call G */
	0x90,				    /* 1011: nop */
	0x75, 0xfd,			    /* 1012: jne 1011 */
	0xc3,				    /* 1014: ret */
	0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, /* padding */
	0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0x90, /* G:    nop */
	0x90, 0x90, 0x90,		    /* 1021: nops */
	0x90, 0x90, 0x90, 0x90, 0xc3,	    /* 1028: ret */
	0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
};

static struct code_section section = { F, END, bytes, true };
static struct code_symbol symbols[] = { { "f", F, 21, STT_FUNC, STB_GLOBAL, true },
					{ "g", G, 9, STT_FUNC, STB_GLOBAL, true } };
static struct code_function functions[] = {
	{ .start = F, .end = F + 21, .name = "f", .has_debug_info = true },
	{ .start = F + 21, .end = G, .name = "" },
	{ .start = G, .end = G + 9, .name = "g", .has_debug_info = true },
	{ .start = G + 9, .end = END, .name = "" },
};
static struct code code = { .path = "code",
			    .sections = &section,
			    .section_count = 1,
			    .symbols = symbols,
			    .symbol_count = ARRAY_SIZE(symbols),
			    .functions = functions,
			    .function_count = ARRAY_SIZE(functions),
			    .fd = -1 };

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		functions[i].bytes = bytes + (functions[i].start - F);
	return 0;
}

static struct raw_profile spread(const struct address_count *v, size_t n, struct spread_result *r)
{
	struct address_counts a = { (struct address_count *)v, n, n };
	struct raw_profile raw;
	struct patched none = { 0 };
	struct check check;

	assert_null(spread_addresses(&raw, &code, &a, r));
	check_run(&check, &code, &none, &raw);
	assert_int_equal(check.ranges.rejected, 0);
	assert_int_equal(check.branches.rejected, 0);
	assert_false(check.overflow);
	check_release(&check);
	return raw;
}

static double count(const struct raw_counts *c, uint64_t from)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].from == from)
			return (double)c->v[i].count;
	return 0;
}

static void near(double is, double should, double percent)
{
	if (is < should * (1 - percent / 100) || is > should * (1 + percent / 100))
		print_message("%g, not %g\n", is, should);
	assert_true(is >= should * (1 - percent / 100) && is <= should * (1 + percent / 100));
}

/* 1,000 runs of F, three of four times past the jump, ten turns of the loop; each address as often. */
static const struct address_count exact[] = {
	{ F, 1000 },	  { 0x1001, 1000 },  { 0x1002, 1000 },	{ 0x1003, 1000 }, { 0x1004, 1000 },
	{ 0x1006, 750 },  { 0x1007, 750 },   { 0x1008, 750 },	{ 0x100a, 250 },  { 0x100b, 250 },
	{ 0x100c, 1000 }, { 0x1011, 10000 }, { 0x1012, 10000 }, { 0x1014, 1000 }, { G, 1000 },
	{ 0x1021, 1000 }, { 0x1022, 1000 },  { 0x1023, 1000 },	{ 0x1024, 1000 }, { 0x1025, 1000 },
	{ 0x1026, 1000 }, { 0x1027, 1000 },  { 0x1028, 1000 },
};

static void what_fits_stays(void **state)
{
	struct spread_result r;
	struct raw_profile raw = spread(exact, ARRAY_SIZE(exact), &r);
	double each = SPREAD_INSTRUCTIONS_PER_SAMPLE;

	(void)state;
	assert_false(r.only_at_starts);
	assert_int_equal(r.blocks, 7);
	assert_int_equal(r.blocks_hit, 7);
	assert_int_equal(r.functions_hit, 2);
	assert_int_equal(r.outside, 0);
	near(count(&raw.ranges, F), 1000 * each, 1);
	near(count(&raw.ranges, 0x1006), 750 * each, 1);
	near(count(&raw.ranges, 0x100a), 250 * each, 2);
	near(count(&raw.ranges, 0x1011), 10000 * each, 1);
	near(count(&raw.ranges, 0x1014), 1000 * each, 1);
	near(count(&raw.ranges, G), 1000 * each, 1);
	near(count(&raw.branches, 0x1004), 250 * each, 2);
	near(count(&raw.branches, 0x1008), 750 * each, 1);
	near(count(&raw.branches, 0x100c), 1000 * each, 1);
	near(count(&raw.branches, 0x1012), 9000 * each, 1);
	raw_release(&raw);
}

/* Blocks that no sample hit have the counts that the others leave them. */
static void what_was_not_hit_is_inferred(void **state)
{
	static const struct address_count some[] = {
		{ F, 100 },	{ 0x1001, 100 }, { 0x1002, 100 }, { 0x1003, 100 }, { 0x1004, 100 },
		{ 0x1006, 75 }, { 0x1007, 75 },	 { 0x1008, 75 },  { 0x1012, 200 },
	};
	struct spread_result r;
	struct raw_profile raw = spread(some, ARRAY_SIZE(some), &r);
	double entry = count(&raw.ranges, F);

	(void)state;
	/* what enters leaves, along each way */
	near(count(&raw.ranges, 0x1006) + count(&raw.ranges, 0x100a), entry, 0.1);
	near(count(&raw.ranges, 0x100c), entry, 0.1);
	near(count(&raw.ranges, 0x1014), entry, 0.1);
	near(count(&raw.branches, 0x1012), count(&raw.ranges, 0x1011) - entry, 0.1);
	assert_true(count(&raw.ranges, 0x1006) > 2 * count(&raw.ranges, 0x100a));
	raw_release(&raw);
}

/* A sample at the start of a block stands for what ran before it. */
static void samples_at_starts_only(void **state)
{
	static const struct address_count starts[] = {
		{ F, 1100 },	  { 0x1006, 600 }, { 0x100a, 200 }, { 0x100c, 500 },
		{ 0x1011, 5100 }, { 0x1014, 500 }, { G, 400 },
	};
	struct spread_result r;
	struct raw_profile raw = spread(starts, ARRAY_SIZE(starts), &r);
	double entry = count(&raw.ranges, F);

	(void)state;
	assert_true(r.only_at_starts);
	near(count(&raw.ranges, 0x1014), entry, 0.1);
	near(count(&raw.ranges, 0x1006), 0.75 * entry, 15);
	/* ten turns, of which the first is entered from the call */
	near(count(&raw.ranges, 0x1011), 10 * entry, 35);
	raw_release(&raw);
}

static void many_samples_fit(void **state)
{
	static const struct address_count many[] = { { F, INT64_MAX / 2 },
						     { 0x1011, INT64_MAX / 2 } };
	struct spread_result r;
	struct raw_profile raw = spread(many, ARRAY_SIZE(many), &r);
	size_t bytes_of_text;
	char *text = raw_format(&raw, &bytes_of_text), *error;
	struct raw_profile again;

	(void)state;
	error = raw_parse(&again, "text", text, bytes_of_text);
	assert_null(error);
	raw_release(&again);
	raw_release(&raw);
	free(text);
}

static void samples_elsewhere_are_counted(void **state)
{
	static const struct address_count outside[] = { { 1, 5 }, { F, 7 }, { UINT64_MAX, 3 } };
	struct address_counts none = { (struct address_count *)outside, 1, 1 };
	struct spread_result r;
	struct raw_profile raw = spread(outside, ARRAY_SIZE(outside), &r);
	char *error;

	(void)state;
	assert_int_equal(r.samples, 15);
	assert_int_equal(r.outside, 8);
	raw_release(&raw);
	error = spread_addresses(&raw, &code, &none, &r);
	assert_string_equal(error, "no sample is in the code of this ELF");
	assert_null(raw.ranges.v);
	free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_stays),
		cmocka_unit_test(what_was_not_hit_is_inferred),
		cmocka_unit_test(samples_at_starts_only),
		cmocka_unit_test(many_samples_fit),
		cmocka_unit_test(samples_elsewhere_are_counted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
