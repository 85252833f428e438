/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../fleets/likeness.h"
#include "../../fleets/sketch.h"

enum { QUARTER = SKETCH_ONE / 4 };

static void it_is_the_sum_of_the_smaller_shares(void **state)
{
	const uint32_t a[] = { 2 * QUARTER, 2 * QUARTER, 0 },
		       b[] = { QUARTER, 2 * QUARTER, QUARTER }, c[] = { 0, 0, 4u * QUARTER };

	(void)state;
	assert_true(likeness(a, a, 3) == 1);
	assert_true(likeness(a, b, 3) == 0.75 && likeness(b, a, 3) == 0.75);
	assert_true(likeness(a, c, 3) == 0);
}

static void half_of_the_weight_is_below_the_median(void **state)
{
	struct weighted v[] = { { 9, 1 }, { 1, 1 }, { 5, 1 } }, heavy[] = { { 1, 1 }, { 9, 3 } };

	(void)state;
	assert_true(weighted_median(v, 3) == 5);
	assert_true(weighted_median(heavy, 2) == 9);
	assert_true(weighted_median(heavy, 0) == 0);
}

/* Two of five that have all in one place do not move the median of the others. */
static void a_minority_does_not_move_the_histogram(void **state)
{
	const uint32_t good[] = { 2 * QUARTER, QUARTER, QUARTER, 0 },
		       bad[] = { 0, 0, 0, 4u * QUARTER };
	const uint32_t *const all[] = { bad, good, good, bad, good };
	const double weights[] = { 1, 1, 1, 1, 1 };
	uint32_t median[4];

	(void)state;
	histogram_median(median, all, weights, 5, 4);
	assert_true(likeness(median, good, 4) == 1);
}

UNIT_MAIN(cmocka_unit_test(it_is_the_sum_of_the_smaller_shares),
	  cmocka_unit_test(half_of_the_weight_is_below_the_median),
	  cmocka_unit_test(a_minority_does_not_move_the_histogram))
