/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../collector/guest/units.h"

#define ID "000102030405060708090a0b0c0d0e0f10111213"

static const char good[] = "kernel " ID " ffffffff80200000 ffffffff80400fff\n"
			   "app " ID " 20001000 200fffff\n"
			   "init " ID " 10001000 10005fff\n";

static void reading(void **state)
{
	struct units u;

	(void)state;
	assert_true(units_parse(&u, good, strlen(good)));
	assert_int_equal(u.build_ids[UNIT_APP][19], 0x13);
	assert_int_equal(u.v[UNIT_KERNEL].first, 0xffffffff80200000);
	assert_int_equal(units_find(&u, 0xffffffff80400fff), UNIT_KERNEL);
	assert_int_equal(units_find(&u, 0x20001000), UNIT_APP);
	assert_int_equal(units_find(&u, 0x10005fff), UNIT_INIT);
	assert_int_equal(units_find(&u, 0x10006000), UNITS);
	assert_int_equal(units_find(&u, 0), UNITS);
}

/* Cut off anywhere, or with any byte another one: never read as something else than it says. */
static void bad_text(void **state)
{
	char text[sizeof(good)];
	struct units u;

	(void)state;
	for (size_t n = 0; n < strlen(good); n++)
		assert_false(units_parse(&u, good, n));
	for (size_t i = 0; i < strlen(good); i++) {
		memcpy(text, good, sizeof(good));
		text[i] = '#';
		assert_false(units_parse(&u, text, strlen(good)));
	}
}

static void bad_ranges(void **state)
{
	static const char *const bad[] = {
		/* backwards */
		"kernel " ID " 2000 1000\napp " ID " 1 2\ninit " ID " 1 2\n",
		/* too large for an offset */
		"kernel " ID " 1000 10001000\napp " ID " 1 2\ninit " ID " 1 2\n",
		/* more than 16 digits */
		"kernel " ID " 00000000000001000 2000\napp " ID " 1 2\ninit " ID " 1 2\n",
	};
	struct units u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(units_parse(&u, bad[i], strlen(bad[i])));
}

UNIT_MAIN(cmocka_unit_test(reading), cmocka_unit_test(bad_text), cmocka_unit_test(bad_ranges))
