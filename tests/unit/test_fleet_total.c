/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../fleets/total.h"

/* A recording with one unit: two ranges of one instruction each, and a branch. */
static struct reading make(uint64_t address, uint64_t a, uint64_t b)
{
	struct reading r = { .instructions = a + b };

	raw_push(&r.units[0].counts.ranges, address, address, a);
	raw_push(&r.units[0].counts.ranges, address + 8, address + 8, b);
	raw_push(&r.units[0].counts.branches, address, address + 8, a);
	return r;
}

static void a_recording_counts_its_share_however_long_it_ran(void **state)
{
	struct reading brief = make(0x1000, 1, 3), lengthy = make(0x1008, 3000000, 1000000);
	struct total t = { 0 };

	(void)state;
	total_add(&t, &brief, 400);
	total_add(&t, &lengthy, 800);
	total_finish(&t.units[0], 1);
	assert_int_equal(t.units[0].ranges.n, 3);
	assert_int_equal(t.units[0].ranges.v[0].count, 100);
	assert_int_equal(t.units[0].ranges.v[1].count, 300 + 600);
	assert_int_equal(t.units[0].ranges.v[2].count, 200);
	assert_int_equal(t.units[0].branches.n, 2);
	assert_int_equal(t.units[0].branches.v[1].count, 600);
	total_release(&t);
	reading_release(&brief);
	reading_release(&lengthy);
}

static void order_and_portions_do_not_matter(void **state)
{
	struct reading r[3] = { make(0x1000, 1, 6), make(0x1008, 999999999999, 7),
				make(0x1000, 5, 8) };
	struct total one = { 0 }, two = { 0 }, three = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		total_add(&one, &r[i], 1000 + i);
	total_add(&two, &r[2], 1002);
	total_add(&two, &r[0], 1000);
	total_add(&three, &r[1], 1001);
	total_join(&three.units[0], &two.units[0]);
	assert_int_equal(one.units[0].ranges.n, three.units[0].ranges.n);
	for (size_t i = 0; i < one.units[0].ranges.n; i++)
		assert_int_equal(one.units[0].ranges.v[i].count, three.units[0].ranges.v[i].count);
	total_release(&one);
	total_release(&two);
	total_release(&three);
	for (size_t i = 0; i < 3; i++)
		reading_release(&r[i]);
}

static void what_ran_at_all_is_not_rounded_away(void **state)
{
	struct reading r = make(0x1000, 1, 1000000000);
	struct total t = { 0 };

	(void)state;
	total_add(&t, &r, 1000000);
	total_finish(&t.units[0], 1);
	assert_int_equal(t.units[0].ranges.v[0].count, 1);
	assert_int_equal(t.units[0].ranges.v[1].count, 1000000);
	total_release(&t);
	reading_release(&r);
}

static void a_plain_sample_is_worth_many_instructions(void **state)
{
	struct reading r = make(0x1000, 1, 3);
	struct total t = { 0 };

	(void)state;
	total_add(&t, &r, 40000000);
	total_finish(&t.units[0], 10000);
	assert_int_equal(t.units[0].ranges.v[0].count, 1000);
	assert_int_equal(t.units[0].ranges.v[1].count, 3000);
	total_release(&t);
	reading_release(&r);
}

UNIT_MAIN(cmocka_unit_test(a_recording_counts_its_share_however_long_it_ran),
	  cmocka_unit_test(order_and_portions_do_not_matter),
	  cmocka_unit_test(what_ran_at_all_is_not_rounded_away),
	  cmocka_unit_test(a_plain_sample_is_worth_many_instructions))
