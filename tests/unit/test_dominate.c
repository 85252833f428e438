/* SPDX-License-Identifier: MIT */
#include "../../shaker/dominate.h"
#include "unit.h"

/* 0 -> 1 2; 1 -> 3; 2 -> 3; 3 -> 4 3; 5 -> 4 is not reached; 6 is a second root. */
static const unsigned first[] = { 0, 2, 3, 4, 6, 6, 7, 7 };
static const unsigned to[] = { 1, 2, 3, 3, 4, 3, 4 };
static const struct rows rows = { 7, first, to };

static void joins_are_dominated_by_what_is_above(void **state)
{
	static const unsigned roots[] = { 0, 6 };
	long *d = dominators(&rows, roots, 2);

	(void)state;
	assert_int_equal(d[0], DOMINATE_ROOT);
	assert_int_equal(d[1], 0);
	assert_int_equal(d[2], 0);
	assert_int_equal(d[3], 0);
	assert_int_equal(d[4], 3);
	assert_int_equal(d[5], DOMINATE_UNREACHED);
	assert_int_equal(d[6], DOMINATE_ROOT);
	free(d);
}

static void retained_is_the_sum_below(void **state)
{
	static const unsigned roots[] = { 0, 6 };
	static const uint64_t bytes[] = { 1, 2, 4, 8, 16, 32, 64 };
	long *d = dominators(&rows, roots, 2);
	uint64_t *r = retained_sizes(&rows, d, bytes);

	(void)state;
	assert_int_equal(r[0], 31);
	assert_int_equal(r[1], 2);
	assert_int_equal(r[3], 24);
	assert_int_equal(r[5], 0);
	assert_int_equal(r[6], 64);
	free(d);
	free(r);
}

static void two_roots_share(void **state)
{
	static const unsigned roots[] = { 1, 2 };
	long *d = dominators(&rows, roots, 2);

	(void)state;
	assert_int_equal(d[3], DOMINATE_ROOT);
	assert_int_equal(d[4], 3);
	assert_int_equal(d[0], DOMINATE_UNREACHED);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_are_dominated_by_what_is_above),
		cmocka_unit_test(retained_is_the_sum_below),
		cmocka_unit_test(two_roots_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
