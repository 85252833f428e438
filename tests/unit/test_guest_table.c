/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../../collector/guest/table.h"

static const struct units units = { .v = { [UNIT_KERNEL] = { 0xffffffff80200000,
							     0xffffffff90200000 - 1 },
					   [UNIT_APP] = { 0x20000000, 0x2fffffff },
					   [UNIT_INIT] = { 0x10000000, 0x1000ffff } } };

/* What is in it of a place; 0: it is not there. */
static uint32_t count_of(const struct table *t, const struct place *wanted)
{
	struct place p;
	uint32_t count, found = 0;

	for (size_t i = 0; i < TABLE_LINES; i++)
		if (table_line(t, &units, i, &p, &count) && p.unit == wanted->unit &&
		    p.kind == wanted->kind && p.from == wanted->from && p.to == wanted->to) {
			assert_int_equal(found, 0);
			found = count;
		}
	return found;
}

static void adding(void **state)
{
	static const struct place places[] = {
		{ UNIT_KERNEL, COUNT_ADDRESS, 0xffffffff80200000, 0 },
		{ UNIT_KERNEL, COUNT_ADDRESS, 0xffffffff901fffff, 0 },
		{ UNIT_APP, COUNT_ADDRESS, 0x20000000, 0 },
		{ UNIT_APP, COUNT_BRANCH, 0x20000000, 0x2fffffff },
		{ UNIT_APP, COUNT_BRANCH, 0x2fffffff, 0x20000000 },
		{ UNIT_APP, COUNT_RANGE, 0x20000000, 0x2fffffff },
		{ UNIT_INIT, COUNT_ADDRESS, 0x10000000, 0 },
	};
	struct table *t = calloc(1, sizeof(*t));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		for (size_t n = 0; n <= i; n++)
			assert_true(table_add(t, &units, &places[i]));
	assert_int_equal(t->used, ARRAY_SIZE(places));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		assert_int_equal(count_of(t, &places[i]), i + 1);
	table_clear(t);
	assert_int_equal(count_of(t, &places[0]), 0);
	free(t);
}

/* A full table refuses what is new, and counts on what it has. */
static void full(void **state)
{
	struct table *t = calloc(1, sizeof(*t));
	struct place p = { UNIT_APP, COUNT_ADDRESS, 0x20000000, 0 };

	(void)state;
	for (size_t i = 0; i < TABLE_MOST; i++, p.from += 16)
		assert_true(table_add(t, &units, &p));
	assert_false(table_add(t, &units, &p));
	p.from = 0x20000000;
	assert_true(table_add(t, &units, &p));
	assert_int_equal(count_of(t, &p), 2);
	assert_int_equal(t->used, TABLE_MOST);
	free(t);
}

static void counts_do_not_wrap(void **state)
{
	struct table *t = calloc(1, sizeof(*t));
	struct place p = { UNIT_INIT, COUNT_ADDRESS, 0x10000000, 0 };

	(void)state;
	assert_true(table_add(t, &units, &p));
	for (size_t i = 0; i < TABLE_LINES; i++)
		if (t->keys[i])
			t->counts[i] = UINT32_MAX;
	assert_true(table_add(t, &units, &p));
	assert_int_equal(count_of(t, &p), UINT32_MAX);
	free(t);
}

UNIT_MAIN(cmocka_unit_test(adding), cmocka_unit_test(full), cmocka_unit_test(counts_do_not_wrap))
