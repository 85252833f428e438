/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "../../reports/report_html.h"

static void assert_number(double value, int decimals, const char *expected)
{
	struct html h = { .n = 0 };

	html_number(&h, value, decimals);
	assert_string_equal(h.bytes, expected);
	free(h.bytes);
}

static void text_is_escaped(void **state)
{
	struct html h = { .n = 0 };

	(void)state;
	html_text(&h, "<a href=\"x\" b='y'>&amp;</a>");
	assert_string_equal(h.bytes,
			    "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
}

static void json_cannot_end_its_script(void **state)
{
	struct html h = { .n = 0 };

	(void)state;
	html_json(&h, json_pack("{s: [s, s]}", "</script>", "<!--", "a&b"));
	assert_string_equal(h.bytes, "{\"\\u003c/script>\":[\"\\u003c!--\",\"a&b\"]}");
}

static void numbers_have_thousands_and_a_minus(void **state)
{
	(void)state;
	assert_number(0, 0, "0");
	assert_number(999, 0, "999");
	assert_number(1000, 0, "1,000");
	assert_number(1234567.89, 1, "1,234,567.9");
	assert_number(-1234.5, 2,
		      "\xe2\x88\x92"
		      "1,234.50");
	/* no minus before nothing */
	assert_number(-0.04, 1, "0.0");
	assert_number(NAN, 3, "\xe2\x80\x93");
	assert_number(INFINITY, 0, "\xe2\x80\x93");
}

static void names_are_cut_in_the_middle_between_characters(void **state)
{
	char *same = html_shortened("short", 5), *cut = html_shortened("abcdefghijklmnop", 12);
	char *wide = html_shortened(
		"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6", 11);

	(void)state;
	assert_string_equal(same, "short");
	assert_string_equal(cut, "abcdefgh\xe2\x80\xa6p");
	assert_string_equal(wide, "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x80\xa6");
	assert_true(json_string(wide) != NULL);
}

static void a_long_name_is_shown_short_and_kept_longer(void **state)
{
	struct html h = { .name_bytes = 100 };
	char name[200];

	(void)state;
	memset(name, '<', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	html_name(&h, name);
	assert_memory_equal(h.bytes, "<code title=\"&lt;", 17);
	assert_non_null(strstr(h.bytes, "\xe2\x80\xa6"));
	/* 100 in the title and 72 in the text, each of them four bytes at most */
	assert_true(h.n < (100 + 72) * 4 + 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(json_cannot_end_its_script),
		cmocka_unit_test(numbers_have_thousands_and_a_minus),
		cmocka_unit_test(names_are_cut_in_the_middle_between_characters),
		cmocka_unit_test(a_long_name_is_shown_short_and_kept_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
