/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "../../imports/counts.h"

static char *read_file(const char *directory, const char *name)
{
	char *path = xasprintf("%s/%s", directory, name);
	size_t bytes;
	char *text = fs_read(path, &bytes);

	free(path);
	return text;
}

static void what_is_added_comes_out_sorted(void **state)
{
	char *directory = unit_scratch(), *text;
	struct counts c;

	(void)state;
	counts_init(&c, 0);
	assert_true(counts_is_empty(&c));
	assert_true(counts_range(&c, 0xffffffff81000010, 0xffffffff8100001f, 7));
	assert_true(counts_range(&c, 0x1000, 0x1008, 1));
	assert_true(counts_range(&c, 0xffffffff81000010, 0xffffffff8100001f, 5));
	assert_true(counts_range(&c, 0x2000, 0x2000, 0));
	assert_true(counts_branch(&c, 0x1008, 0x1000, 2));
	xcounts_write(&c, directory, "app");
	text = read_file(directory, "app.raw");
	assert_string_equal(text, "2\n1000-1008:1\nffffffff81000010-ffffffff8100001f:12\n"
				  "1\n1008->1000:2\n");
	free(text);
	assert_null(read_file(directory, "app.addresses"));
	assert_true(counts_address(&c, 0x30, 3));
	assert_true(counts_address(&c, 0x4, 1));
	xcounts_write(&c, directory, "app");
	text = read_file(directory, "app.addresses");
	assert_string_equal(text, "2\n4:1\n30:3\n");
	free(text);
	counts_release(&c);
	assert_true(counts_is_empty(&c));
	xfs_remove(directory);
}

static void nothing_leaves_no_file(void **state)
{
	char *directory = unit_scratch();
	struct strlist names = STRLIST_INIT;
	struct counts c;

	(void)state;
	counts_init(&c, 0);
	xcounts_write(&c, directory, "app");
	fs_list(&names, directory);
	assert_int_equal(names.n, 0);
	xfs_remove(directory);
}

static void the_limit_is_of_all_kinds_together(void **state)
{
	struct counts c;

	(void)state;
	counts_init(&c, 3);
	assert_true(counts_range(&c, 1, 2, 1));
	assert_true(counts_branch(&c, 1, 2, 1));
	assert_true(counts_address(&c, 1, 1));
	assert_false(counts_address(&c, 2, 1));
	assert_false(counts_range(&c, 3, 4, 1));
	assert_true(counts_range(&c, 1, 2, 9));
	assert_int_equal(c.refused, 2);
	assert_int_equal(c.ranges.total, 10);
	counts_release(&c);
}

static void no_total_leaves_63_bits(void **state)
{
	struct counts c;

	(void)state;
	counts_init(&c, 0);
	assert_true(counts_address(&c, 1, INT64_MAX - 1));
	assert_false(counts_address(&c, 1, 2));
	assert_false(counts_address(&c, 2, UINT64_MAX));
	assert_true(counts_address(&c, 2, 1));
	assert_int_equal(c.addresses.total, INT64_MAX);
	assert_int_equal(c.addresses.n, 2);
	counts_release(&c);
}

static void many_lines_are_kept_apart(void **state)
{
	enum { MANY = 200000 };
	struct raw_counts sorted;
	struct counts c;

	(void)state;
	counts_init(&c, 0);
	for (uint64_t i = 0; i < 2 * MANY; i++)
		assert_true(counts_branch(&c, 0xffffffff80000000 + (i % MANY) * 4, i % MANY, 1));
	assert_int_equal(c.branches.n, MANY);
	sorted = counts_sorted(&c.branches);
	assert_int_equal(sorted.n, MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(sorted.v[i].from, 0xffffffff80000000 + i * 4);
		assert_int_equal(sorted.v[i].to, i);
		assert_int_equal(sorted.v[i].count, 2);
	}
	free(sorted.v);
	counts_release(&c);
}

UNIT_MAIN(cmocka_unit_test(what_is_added_comes_out_sorted),
	  cmocka_unit_test(nothing_leaves_no_file),
	  cmocka_unit_test(the_limit_is_of_all_kinds_together),
	  cmocka_unit_test(no_total_leaves_63_bits), cmocka_unit_test(many_lines_are_kept_apart))
