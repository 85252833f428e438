/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../pipeline/tap.h"

static struct tap read(const char *text)
{
	struct tap t = TAP_INIT;
	char *copy = xstrdup(text);

	tap_text(&t, copy);
	free(copy);
	return t;
}

static void what_counts(void **state)
{
	struct tap t =
		read("TAP version 13\n1..6\nok 1 - one\nok\nnot ok 3 - three\n# because\n"
		     "#   of this\nok 4 - four # SKIP no disk\nnot ok 5 five # TODO later\n"
		     "    not ok 1 - a subtest\nokay\nnot okay\nok 6 a \\# SKIP in a name\n");
	char *wrong = tap_end(&t, 1);

	(void)state;
	assert_int_equal(t.passed, 3);
	assert_int_equal(t.failed, 1);
	assert_int_equal(t.skipped, 2);
	assert_int_equal(t.n, 3);
	assert_string_equal(t.v[0].name, "three");
	assert_string_equal(t.v[0].reason, "because");
	assert_true(t.v[0].failed);
	assert_string_equal(t.v[1].name, "four");
	assert_string_equal(t.v[1].reason, "no disk");
	assert_string_equal(t.v[2].name, "five");
	assert_string_equal(t.v[2].reason, "later");
	assert_string_equal(wrong, "1 of 6 failed");
	free(wrong);
	tap_release(&t);
}

static const struct {
	const char *text;
	int status;
	const char *wrong; /* NULL: a good run */
} ends[] = {
	{ "1..1\nok 1\n", 0, NULL },
	{ "ok 1\r\n1..1\r\n", 0, NULL },
	{ "1..0 # SKIP no tcl here\n", 0, NULL },
	{ "1..0\n", 0, NULL },
	{ "1..1\nok 1\n", 3, "it ended with exit status 3" },
	{ "", 0, "it printed no plan (1..N), so it is not known whether all was done; 0 were" },
	{ "ok 1\n", 0,
	  "it printed no plan (1..N), so it is not known whether all was done; 1 were" },
	{ "1..x\nok 1\n", 0,
	  "it printed no plan (1..N), so it is not known whether all was done; 1 were" },
	{ "1..2\nok 1\n", 0, "it planned 2, and 1 were done" },
	{ "1..1\nok 1\nok 2\n", 0, "it planned 1, and 2 were done" },
	{ "1..0\nok 1\n", 0, "it planned 0, and 1 were done" },
	{ "1..1\nok 1\n1..1\n", 0, "there is more than one plan" },
	{ "1..2\nok 1\nBail out! no server\n", 1, "it gave up: no server" },
	{ "1..1\nnot ok 1\n", 0, "1 of 1 failed" },
};

static void how_it_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct tap t = read(ends[i].text);
		char *wrong = tap_end(&t, ends[i].status);

		if (!wrong != !ends[i].wrong || (wrong && strcmp(wrong, ends[i].wrong)))
			fail_msg("%zu: '%s'", i, wrong ? wrong : "good");
		free(wrong);
		tap_release(&t);
	}
}

static void all_left_out(void **state)
{
	struct tap t = read("1..0 # SKIP no tcl here\n");

	(void)state;
	assert_string_equal(t.skip_all, "no tcl here");
	tap_release(&t);
}

UNIT_MAIN(cmocka_unit_test(what_counts), cmocka_unit_test(how_it_ends),
	  cmocka_unit_test(all_left_out))
