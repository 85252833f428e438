/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/builds.h"

/* The second and the third are the same code; the first has an init without an id. */
static struct build generations[] = {
	{ .number = 2,
	  .units = { { .build_id = "aa" }, { .build_id = "bb" }, { .build_id = "" } } },
	{ .number = 5,
	  .units = { { .build_id = "aa" }, { .build_id = "cc" }, { .build_id = "dd" } } },
	{ .number = 7,
	  .units = { { .build_id = "aa" }, { .build_id = "cc" }, { .build_id = "dd" } } },
};
static const struct builds builds = { .app = "app",
				      .v = generations,
				      .n = ARRAY_SIZE(generations) };

static unsigned found(const char *kernel, const char *app, const char *init, uint64_t preferred)
{
	const char *const ids[UNITS] = { kernel, app, init };
	const struct build *b = builds_find(&builds, ids, preferred);

	return b ? b->number : 0;
}

static void by_all_that_matter(void **state)
{
	(void)state;
	assert_int_equal(found("aa", "cc", "dd", UINT64_MAX), 7);
	assert_int_equal(found("aa", "bb", NULL, UINT64_MAX), 2);
	assert_int_equal(found("aa", NULL, NULL, UINT64_MAX), 7);
	assert_int_equal(found("aa", "bb", "dd", UINT64_MAX), 0);
	assert_int_equal(found("ab", NULL, NULL, UINT64_MAX), 0);
	/* no id is nobody's */
	assert_int_equal(found("aa", "bb", "", UINT64_MAX), 0);
}

static void the_preferred_if_it_has_them(void **state)
{
	(void)state;
	assert_int_equal(found("aa", "cc", "dd", 5), 5);
	assert_int_equal(found("aa", "cc", "dd", 2), 7);
	assert_int_equal(found("aa", NULL, NULL, 2), 2);
}

static void by_one(void **state)
{
	(void)state;
	assert_int_equal(builds_by_id(&builds, UNIT_APP, "bb")->number, 2);
	assert_int_equal(builds_by_id(&builds, UNIT_KERNEL, "aa")->number, 7);
	assert_null(builds_by_id(&builds, UNIT_INIT, ""));
	assert_null(builds_by_id(&builds, UNIT_KERNEL, "bb"));
}

UNIT_MAIN(cmocka_unit_test(by_all_that_matter), cmocka_unit_test(the_preferred_if_it_has_them),
	  cmocka_unit_test(by_one))
