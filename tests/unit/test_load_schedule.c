/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/load_schedule.h"

static void a_constant_rate(void **state)
{
	struct load_schedule s;

	(void)state;
	load_schedule_begin(&s, 800, 10);
	assert_int_equal(load_schedule_due_ns(&s, 0), 0);
	assert_int_equal(load_schedule_due_ns(&s, 1), 1250000);
	assert_int_equal(load_schedule_due_ns(&s, 800), 1000000000);
	load_schedule_begin(&s, 0.5, 10);
	assert_int_equal(load_schedule_due_ns(&s, 3), 6000000000);
	/* rounding does not add up */
	load_schedule_begin(&s, 3, 10);
	assert_int_equal(load_schedule_due_ns(&s, 3000000), 1000000000000000);
}

/* Send `count` of 100 requests, 1 ms apart, request i being late by late_ns(i). */
static bool held(uint64_t (*late_ns)(uint64_t), uint64_t count)
{
	struct load_schedule s;

	load_schedule_begin(&s, 1000, 100);
	for (uint64_t i = 0; i < count; i++)
		load_schedule_note(&s, load_schedule_due_ns(&s, i) + late_ns(i));
	return load_schedule_held(&s);
}

static uint64_t in_time(uint64_t i)
{
	(void)i;
	return 0;
}

/* each answer takes 5 % longer than there is time */
static uint64_t growing(uint64_t i)
{
	return i * 50000;
}

/* 80 ms of nothing, then the queue is worked off */
static uint64_t hiccup(uint64_t i)
{
	return i < 95 ? 80000000 : 500000;
}

static uint64_t late_at_the_end(uint64_t i)
{
	return i < 90 ? 0 : 2000000;
}

static uint64_t late_in_front_of_the_end(uint64_t i)
{
	return i < 90 ? 2000000 : 900000;
}

static void rates_that_were_held_or_not(void **state)
{
	(void)state;
	assert_true(held(in_time, 100));
	assert_true(held(hiccup, 100));
	assert_true(held(late_in_front_of_the_end, 100));
	assert_false(held(growing, 100));
	assert_false(held(late_at_the_end, 100));
	assert_false(held(in_time, 99)); /* it gave up */
	assert_false(held(in_time, 0));
}

static void a_slow_rate_allows_an_interval(void **state)
{
	struct load_schedule s;

	(void)state;
	load_schedule_begin(&s, 10, 1);
	load_schedule_note(&s, 100000000);
	assert_true(load_schedule_held(&s));
	load_schedule_begin(&s, 10, 1);
	load_schedule_note(&s, 100000001);
	assert_false(load_schedule_held(&s));
}

UNIT_MAIN(cmocka_unit_test(a_constant_rate), cmocka_unit_test(rates_that_were_held_or_not),
	  cmocka_unit_test(a_slow_rate_allows_an_interval))
