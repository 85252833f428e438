/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../pipeline/lib/strlist.h"

static void split_and_join(void **state)
{
	struct strlist l = STRLIST_INIT;

	(void)state;
	strlist_split(&l, "  one\ttwo \n three ");
	assert_int_equal(l.n, 3);
	assert_string_equal(strlist_join(&l, ","), "one,two,three");
	assert_null(l.v[3]);
	strlist_release(&l);
	strlist_split(&l, "   ");
	assert_int_equal(l.n, 0);
}

static void nearest_is_near(void **state)
{
	struct strlist l = STRLIST_INIT;

	(void)state;
	strlist_split(&l, "nginx redis memcached");
	assert_string_equal(strlist_nearest(&l, "ngnix"), "nginx");
	assert_string_equal(strlist_nearest(&l, "memcache"), "memcached");
	assert_null(strlist_nearest(&l, "postgres"));
}

static void sort_is_by_byte(void **state)
{
	struct strlist l = STRLIST_INIT;

	(void)state;
	strlist_split(&l, "b a B _ 1");
	strlist_sort(&l);
	assert_string_equal(strlist_join(&l, ""), "1B_ab");
	assert_true(strlist_has(&l, "B"));
	assert_false(strlist_has(&l, "c"));
}

UNIT_MAIN(cmocka_unit_test(split_and_join), cmocka_unit_test(nearest_is_near),
	  cmocka_unit_test(sort_is_by_byte))
