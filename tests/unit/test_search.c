/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../bench/search.h"

/* A subject: from `enough` on it answers, but for its first `unlucky_times` tries of `unlucky`. */
struct subject {
	unsigned enough, unlucky, unlucky_times, lucky, lucky_times;
	unsigned tries[128], in_all;
};

static bool answers(void *context, unsigned value)
{
	struct subject *s = context;

	assert_in_range(value, 4, 64);
	s->in_all++;
	s->tries[value]++;
	if (value == s->unlucky && s->tries[value] <= s->unlucky_times)
		return false;
	if (value == s->lucky && s->tries[value] <= s->lucky_times)
		return true;
	return value >= s->enough;
}

static void the_edge_wherever_it_is(void **state)
{
	(void)state;
	for (unsigned enough = 0; enough <= 64; enough++) {
		struct subject s = { .enough = enough };
		unsigned found = search_least(4, 64, answers, &s);

		assert_int_equal(found, enough < 4 ? 4 : enough);
		assert_true(s.in_all <= 10);
		/* both sides of the edge were tried twice, where they are in range */
		assert_true(found == 64 || s.tries[found] == 2);
		assert_true(found == 4 || s.tries[found - 1] == 2);
	}
}

static void never(void **state)
{
	struct subject s = { .enough = 65 };

	(void)state;
	assert_int_equal(search_least(4, 64, answers, &s), 0);
	assert_int_equal(s.in_all, 2);
}

static void a_range_of_one(void **state)
{
	struct subject s = { .enough = 20 };

	(void)state;
	assert_int_equal(search_least(20, 20, answers, &s), 20);
	assert_int_equal(search_least(19, 19, answers, &s), 0);
}

static void one_try_that_came_out_otherwise(void **state)
{
	(void)state;
	for (unsigned value = 4; value <= 64; value++) {
		struct subject failed_once = { .enough = 20, .unlucky = value, .unlucky_times = 1 };
		struct subject passed_once = { .enough = 20, .lucky = value, .lucky_times = 1 };

		assert_int_equal(search_least(4, 64, answers, &failed_once), 20);
		assert_int_equal(search_least(4, 64, answers, &passed_once), 20);
	}
}

static void what_passes_only_sometimes_is_not_enough(void **state)
{
	/* 20 passes once, then fails: 21 is what can be relied on */
	struct subject s = { .enough = 21, .lucky = 20, .lucky_times = 1 };

	(void)state;
	assert_int_equal(search_least(4, 64, answers, &s), 21);
}

UNIT_MAIN(cmocka_unit_test(the_edge_wherever_it_is), cmocka_unit_test(never),
	  cmocka_unit_test(a_range_of_one), cmocka_unit_test(one_try_that_came_out_otherwise),
	  cmocka_unit_test(what_passes_only_sometimes_is_not_enough))
