/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../profiles/functions.h"

static char *path;

/* A file with this text is read; what is wrong with it. */
static char *read_text(struct functions *f, const char *text)
{
	xfs_write(path, text, strlen(text));
	return functions_read(f, path);
}

static void found(void **state)
{
	struct functions f;

	(void)state;
	assert_null(read_text(&f, "1000 1\n1010 2 program\n1020 1\n2000 0\n"
				  "ffffffff80200000 3 switch\n"));
	assert_int_equal(f.n, 5);
	assert_null(functions_find(&f, 0xfff));
	assert_int_equal(functions_find(&f, 0x1000)->function, 1);
	assert_int_equal(functions_find(&f, 0x101f)->function, 2);
	assert_int_equal(functions_find(&f, 0x101f)->role, ROLE_PROGRAM);
	assert_int_equal(functions_find(&f, 0x1fff)->start, 0x1020);
	assert_int_equal(functions_find(&f, UINT64_MAX)->role, ROLE_SWITCH);
	assert_null(read_text(&f, ""));
	assert_null(functions_find(&f, 0));
}

static void refused(void **state)
{
	static const char *const wrong[] = { "1000\n",		 "x 1\n",
					     "1000 1 dance\n",	 "1000 1\n0fff 2\n",
					     "1000 1\n1000 2\n", "1000 1x\n" };
	struct functions f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char *sentence = read_text(&f, wrong[i]);

		assert_non_null(sentence);
		assert_non_null(strstr(sentence, path));
		free(sentence);
	}
	assert_non_null(strstr(functions_read(&f, "/none/such"), "cannot read"));
}

static int begin(void **state)
{
	*state = unit_scratch();
	path = xasprintf("%s/functions", (char *)*state);
	return 0;
}

static int end(void **state)
{
	xfs_remove(*state);
	return 0;
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(found, begin, end),
	  cmocka_unit_test_setup_teardown(refused, begin, end))
