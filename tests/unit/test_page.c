/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../../reports/page.h"
#include "unit.h"

static void check(const char *text, size_t columns, const char *expected)
{
	char *shown = page_shortened(text, columns);

	assert_string_equal(shown, expected);
	free(shown);
}

static void the_middle_goes(void **state)
{
	(void)state;
	check("abcdef", 6, "abcdef");
	check("abcdefghij", 9, "abc...hij");
	check("abcdefghij", 8, "abc...ij");
	check("", 5, "");
	/* characters, not bytes */
	check("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc", 6,
	      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc");
	check("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc", 5, "\xc3\xa4...\xc3\xbc");
}

/* What a table of one row looks like. */
static char *table(bool is_markdown, const char *cell)
{
	static const struct page_column columns[] = { { "name", -10 }, { "n", 4 } };
	const char *cells[] = { cell, "7" };
	struct page p = { .is_markdown = is_markdown };
	char *text;
	size_t bytes;

	p.to = open_memstream(&text, &bytes);
	page_table(&p, columns, 2);
	page_row(&p, cells);
	fclose(p.to);
	return text;
}

static void columns_stand_below_each_other(void **state)
{
	(void)state;
	assert_string_equal(table(false, "abc"), "name          n\nabc           7\n");
	assert_string_equal(table(false, "a name that is long"),
			    "name          n\na na...ong    7\n");
	assert_string_equal(table(false, "\033[31m\n"), "name          n\n?[31m?        7\n");
	assert_string_equal(table(false, "\xc2\x9b"
					 "3"),
			    "name          n\n??3           7\n");
}

static void markdown_is_not_spoken_by_names(void **state)
{
	(void)state;
	assert_string_equal(table(true, "a|b`<i>_&"),
			    "| name | n |\n| --- | ---: |\n| a\\|b\\`&lt;i>\\_&amp; | 7 |\n");
	assert_string_equal(table(true, "    part"),
			    "| name | n |\n| --- | ---: |\n| - part | 7 |\n");
}

UNIT_MAIN(cmocka_unit_test(the_middle_goes), cmocka_unit_test(columns_stand_below_each_other),
	  cmocka_unit_test(markdown_is_not_spoken_by_names))
