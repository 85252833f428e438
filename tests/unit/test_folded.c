/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../reports/folded.h"

static char *parse(struct folded *f, const char *text)
{
	*f = (struct folded)FOLDED_INIT;
	return folded_parse(f, text, strlen(text), "x");
}

static void good(void **state)
{
	struct folded f;

	(void)state;
	assert_null(parse(&f, "b;c 2\n\n  \na b;operator new(int) 10\r\nb;c 3\nb 0\nx;y\t7"));
	assert_int_equal(f.total, 22);
	folded_normalize(&f);
	assert_int_equal(f.n, 3);
	assert_string_equal(f.v[0].frames, "a b;operator new(int)");
	assert_string_equal(f.v[1].frames, "b;c");
	assert_int_equal(f.v[1].count, 5);
	assert_string_equal(f.v[2].frames, "x;y");
	assert_int_equal(f.total, 22);
	folded_release(&f);
	assert_null(parse(&f, ""));
	folded_normalize(&f);
	assert_int_equal(f.n + f.total, 0);
}

static void bad(void **state)
{
	static const char *const wrong[] = { "a;b",
					     "a;b -1",
					     "a;b 1.5",
					     "a;b 1e3",
					     "17",
					     " 17",
					     ";a 1",
					     "a; 1",
					     "a;;b 1",
					     "a;b 1x",
					     "a 9007199254740993",
					     "a 99999999999999999999999999" };
	struct folded f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char *text = xasprintf("ok;ok 1\n%s\n", wrong[i]);
		char *sentence = parse(&f, text);

		assert_non_null(sentence);
		assert_non_null(strstr(sentence, "x:2: this is no stack"));
		free(sentence);
		free(text);
		folded_release(&f);
	}
	assert_non_null(strstr(folded_parse(&f, "a\0b 1\n", 6, "x"), "x:1: "));
	assert_non_null(strstr(parse(&f, "a 9007199254740992\nb 1\n"), "x:2: "));
	/* a name that ends with a number is a name */
	assert_null(parse(&f, "a;b 1 2\nc 3\n"));
	assert_null(parse(&f, "main;operator 2 5\n"));
	assert_string_equal(f.v[0].frames, "main;operator 2");
	assert_int_equal(f.total, 5);
}

static void a_huge_name(void **state)
{
	char *directory = unit_scratch(), *path = xasprintf("%s/f", directory);
	char *name = xmalloc(40001), *line;
	struct folded f = FOLDED_INIT, again = FOLDED_INIT;

	(void)state;
	memset(name, 'n', 40000);
	name[40000] = '\0';
	line = xasprintf("main;%s", name);
	xfolded_add(&f, line, 3);
	xfolded_add(&f, "main", 1);
	xfolded_add(&f, line, 4);
	xfolded_write(&f, path);
	xfolded_read(&again, path);
	assert_int_equal(again.n, 2);
	assert_int_equal(again.v[1].count, 7);
	assert_string_equal(again.v[1].frames, line);
	assert_int_equal(again.total, 8);
	fs_remove(directory);
}

UNIT_MAIN(cmocka_unit_test(good), cmocka_unit_test(bad), cmocka_unit_test(a_huge_name))
