/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/contexts.h"

enum { THREADS = 4, FUNCTIONS = 3000 };

static void tree(void **state)
{
	struct contexts c;
	uint32_t a, b, under_b;
	size_t bytes;
	char *text;

	(void)state;
	contexts_init(&c, 2);
	a = contexts_child(&c, 0, 7);
	b = contexts_child(&c, a, 9);
	under_b = contexts_child(&c, b, 7);
	assert_int_equal(contexts_child(&c, 0, 7), a);
	assert_int_equal(contexts_child(&c, a, 9), b);
	assert_int_not_equal(contexts_child(&c, 0, 9), b);
	c.instructions[0][a] = 5;
	c.instructions[1][a] = 6;
	c.instructions[1][under_b] = 100;
	assert_int_equal(contexts_instructions(&c), 111);
	text = contexts_text(&c, &bytes);
	assert_string_equal(text, "0 7 11\n1 9 0\n2 7 100\n0 9 0\n");
	free(text);
	contexts_zero(&c);
	assert_int_equal(contexts_instructions(&c), 0);
	assert_int_equal(contexts_child(&c, a, 9), b);
}

static void too_deep(void **state)
{
	struct contexts c;
	uint32_t at = 0;

	(void)state;
	contexts_init(&c, 1);
	for (int i = 0; i < CONTEXTS_DEPTH_MAX; i++)
		at = contexts_child(&c, at, 1);
	assert_int_equal(atomic_load(&c.refused), 0);
	assert_int_equal(contexts_child(&c, at, 1), at);
	assert_int_equal(contexts_child(&c, at, 2), at);
	assert_int_equal(atomic_load(&c.refused), 2);
	assert_int_equal(atomic_load(&c.count), CONTEXTS_DEPTH_MAX + 1);
}

static void *make_children(void *data)
{
	struct contexts *c = data;
	uint64_t sum = 0;

	for (uint32_t f = 1; f <= FUNCTIONS; f++)
		sum += contexts_child(c, contexts_child(c, 0, f), f + 1);
	return (void *)sum;
}

static void by_several_at_once(void **state)
{
	pthread_t threads[THREADS];
	struct contexts c;
	void *sum = NULL, *other;

	(void)state;
	contexts_init(&c, THREADS);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_children, &c), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], i ? &other : &sum), 0);
		if (i)
			assert_ptr_equal(other, sum);
	}
	assert_int_equal(atomic_load(&c.count), 1 + 2 * FUNCTIONS);
	assert_int_equal(atomic_load(&c.refused), 0);
}

UNIT_MAIN(cmocka_unit_test(tree), cmocka_unit_test(too_deep), cmocka_unit_test(by_several_at_once))
