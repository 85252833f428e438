/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "../../imports/chain.h"

static void near(double is, double should)
{
	if (fabs(is - should) > 1e-9 * (1 + fabs(should)))
		print_message("%.12g, not %.12g\n", is, should);
	assert_true(fabs(is - should) <= 1e-9 * (1 + fabs(should)));
}

/* 0 to 1; 1 to itself (9 of 10) and to 2; 2 back to 0 (half), to 3 (a fourth), or out. */
static void a_loop_in_a_loop(void **state)
{
	static const uint32_t from[] = { 0, 1, 1, 2, 2 }, to[] = { 1, 1, 2, 0, 3 };
	double visits[4] = { 3, 0, 0, 1 }, worth[4] = { 1, 0, 0, 8 };
	struct chain c;

	(void)state;
	chain_build(&c, 4, from, to, 5);
	for (int turn = 0; turn < 2; turn++) {
		chain_clear(&c);
		chain_share(&c, 0, 1, 1);
		chain_share(&c, 1, 1, 0.9);
		chain_share(&c, 1, 2, 0.1);
		chain_share(&c, 2, 0, 0.25);
		chain_share(&c, 2, 0, 0.25);
		chain_share(&c, 2, 3, 0.25);
		chain_factorize(&c);
	}
	chain_visits(&c, visits);
	near(visits[0], 6);
	near(visits[1], 60);
	near(visits[2], 6);
	near(visits[3], 2.5);
	chain_worth(&c, worth);
	near(worth[0], 6); /* 1 for each of two turns on the whole, 8 every second time */
	near(worth[1], 5);
	near(worth[2], 5);
	near(worth[3], 8);
	chain_release(&c);
}

/* The sum of worth over what enters is that of visits over what each gives, whatever the chain. */
static void visits_and_worth_agree(void **state)
{
	enum { N = 40, EDGES = 120 };
	uint32_t from[EDGES], to[EDGES], random = 1;
	double visits[N], worth[N], enters[N], gives[N], one = 0, other = 0;
	struct chain c;

	(void)state;
	for (int i = 0; i < EDGES; i++) {
		random = random * 1664525 + 1013904223;
		from[i] = (random >> 8) % N;
		to[i] = (random >> 20) % N;
	}
	chain_build(&c, N, from, to, EDGES);
	chain_clear(&c);
	for (int i = 0; i < EDGES; i++)
		chain_share(&c, from[i], to[i], 0.08);
	chain_factorize(&c);
	for (int i = 0; i < N; i++) {
		visits[i] = enters[i] = i % 3;
		worth[i] = gives[i] = i % 5;
	}
	chain_visits(&c, visits);
	chain_worth(&c, worth);
	for (int i = 0; i < N; i++) {
		one += worth[i] * enters[i];
		other += visits[i] * gives[i];
	}
	near(one, other);
	chain_release(&c);
}

static void without_states(void **state)
{
	struct chain c;

	(void)state;
	chain_build(&c, 0, NULL, NULL, 0);
	chain_clear(&c);
	chain_factorize(&c);
	chain_release(&c);
}

UNIT_MAIN(cmocka_unit_test(a_loop_in_a_loop), cmocka_unit_test(visits_and_worth_agree),
	  cmocka_unit_test(without_states))
