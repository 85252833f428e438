/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/rawfile.h"

static void empty(void **state)
{
	struct raw r = { 0 };
	size_t bytes;

	(void)state;
	assert_string_equal(raw_text(&r, &bytes), "0\n0\n");
	assert_int_equal(bytes, 4);
}

static void sorted_and_folded(void **state)
{
	struct raw r = { 0 };
	size_t bytes;

	(void)state;
	raw_add_range(&r, 0xffffffff80200000, 0xffffffff80200010, 1);
	raw_add_range(&r, 0x401000, 0x40100a, 7);
	raw_add_range(&r, 0x401000, 0x401002, 1);
	raw_add_range(&r, 0x401000, 0x40100a, UINT64_C(10000000000));
	raw_add_range(&r, 0x500, 0x500, 0); /* never executed */
	raw_add_branch(&r, 0x40100a, 0x402000, 3);
	raw_add_branch(&r, 0x40100a, 0x401000, 2);
	assert_string_equal(raw_text(&r, &bytes), "3\n"
						  "401000-401002:1\n"
						  "401000-40100a:10000000007\n"
						  "ffffffff80200000-ffffffff80200010:1\n"
						  "2\n"
						  "40100a->401000:2\n"
						  "40100a->402000:3\n");
	raw_release(&r);
}

UNIT_MAIN(cmocka_unit_test(empty), cmocka_unit_test(sorted_and_folded))
