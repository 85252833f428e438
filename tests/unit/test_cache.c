/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/cache.h"

/* Misses of a sequence of addresses. */
static unsigned misses(struct cache *c, const uint64_t *addresses, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count += !cache_touch(c, addresses[i]);
	return count;
}

/* Two sets of two ways, lines of 64 bytes: even lines in set 0. */
static void least_recently_used_goes(void **state)
{
	static const uint64_t cold[] = { 0, 128, 0, 63 };
	static const uint64_t evicts_128[] = { 256 };
	struct cache c;

	(void)state;
	assert_true(cache_init(&c, 4, 2, 64));
	assert_int_equal(misses(&c, cold, ARRAY_SIZE(cold)), 2);
	assert_int_equal(misses(&c, evicts_128, 1), 1);
	assert_true(cache_has(&c, 0)); /* used after 128 */
	assert_false(cache_has(&c, 128));
	assert_true(cache_has(&c, 256 + 63));
	assert_false(cache_has(&c, 64)); /* the other set */
	assert_int_equal(misses(&c, (const uint64_t[]){ 64, 0, 256 }, 3), 1);
	cache_release(&c);
}

/* Three lines in turn through two ways of a set: LRU misses each time. */
static void cyclic(void **state)
{
	static const uint64_t turn[] = { 0, 128, 256, 0, 128, 256 };
	struct cache c;

	(void)state;
	assert_true(cache_init(&c, 4, 2, 64));
	assert_int_equal(misses(&c, turn, ARRAY_SIZE(turn)), 6);
	cache_empty(&c);
	assert_false(cache_has(&c, 256));
	cache_release(&c);
	assert_true(cache_init(&c, 3, 3, 64)); /* one set, fully associative */
	assert_int_equal(misses(&c, turn, ARRAY_SIZE(turn)), 3);
	cache_release(&c);
}

static void address_zero_is_an_address(void **state)
{
	struct cache c;

	(void)state;
	assert_true(cache_init(&c, 1, 1, 4096));
	assert_false(cache_touch(&c, 0));
	assert_true(cache_touch(&c, 4095));
	assert_false(cache_touch(&c, UINT64_MAX));
	assert_true(cache_has(&c, UINT64_MAX));
	cache_release(&c);
}

static void shapes(void **state)
{
	struct cache c;

	(void)state;
	assert_true(cache_init(&c, 48 * 1024 / 64, 12, 64));
	cache_release(&c);
	assert_false(cache_init(&c, 48 * 1024 / 64, 8, 64)); /* 96 sets */
	assert_false(cache_init(&c, 0, 1, 64));
	assert_false(cache_init(&c, 8, 0, 64));
	assert_false(cache_init(&c, 8, 3, 64));
	assert_false(cache_init(&c, 8, 8, 48));
}

UNIT_MAIN(cmocka_unit_test(least_recently_used_goes), cmocka_unit_test(cyclic),
	  cmocka_unit_test(address_zero_is_an_address), cmocka_unit_test(shapes))
