/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "../../profiles/rawtext.h"

static char *parse(const char *text, size_t bytes)
{
	struct raw_profile p;
	char *error = raw_parse(&p, "F", text, bytes);

	if (error) {
		assert_null(p.ranges.v);
		assert_null(p.branches.v);
	}
	raw_release(&p);
	return error;
}

static void what_is_written_is_read(void **state)
{
	struct raw_profile p = { 0 }, q;
	char *text;
	size_t bytes;

	(void)state;
	raw_push(&p.ranges, 0xffffffff81000010, 0xffffffff8100001f, 7);
	raw_push(&p.ranges, 0x1000, 0x1000, 1);
	raw_push(&p.ranges, 0xffffffff81000010, 0xffffffff8100001f, 5);
	raw_push(&p.branches, 0x1000, 0xffffffff81000010, 12);
	raw_sort(&p.ranges);
	raw_sort(&p.branches);
	text = raw_format(&p, &bytes);
	assert_string_equal(text, "2\n1000-1000:1\nffffffff81000010-ffffffff8100001f:12\n"
				  "1\n1000->ffffffff81000010:12\n");
	assert_null(raw_parse(&q, "F", text, bytes));
	assert_int_equal(q.ranges.n, 2);
	assert_int_equal(q.ranges.v[1].count, 12);
	assert_int_equal(q.branches.v[0].to, 0xffffffff81000010);
	free(text);
	raw_release(&p);
	raw_release(&q);
}

static void bad_text_is_named_by_line(void **state)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "", "F:1: the file is empty" },
		{ "\n", "F:1: the line is blank" },
		{ "1\n", "F:2: the file ends before all announced lines have come" },
		{ "2\n1-2:3\n", "F:3: the file ends before all announced lines have come" },
		{ "1\n1-2:3\n", "F:3: the file ends before all announced lines have come" },
		{ "1\n1-2:3\n1\n", "F:4: the file ends before all announced lines have come" },
		{ "1\n1-2:3\n0", "F:3: the line is cut off: it has no end" },
		{ "0\n0\n0\n", "F:3: there are more lines than were announced" },
		{ "0\n0\n\n", "F:3: there are more lines than were announced" },
		{ "1\n0x1-2:3\n0\n", "F:2: addresses are written without 0x" },
		{ "1\n1-0x2:3\n0\n", "F:2: addresses are written without 0x" },
		{ "1\n1-2\n0\n", "F:2: ':' is expected behind the addresses" },
		{ "1\n1->2:3\n0\n", "F:2: an address in lower-case hexadecimal is expected" },
		{ "0\n1\n1-2:3\n", "F:3: '->' is expected between the addresses of a branch" },
		{ "1\nA-b:3\n0\n", "F:2: an address in lower-case hexadecimal is expected" },
		{ "1\n1-2:a\n0\n", "F:2: a decimal number is expected" },
		{ "1\n1-2:-3\n0\n", "F:2: a decimal number is expected" },
		{ "1\n1-2:3x\n0\n", "F:2: there is more on the line than expected" },
		{ "1\n\n0\n", "F:2: the line is blank" },
		{ "# made by hand\n0\n0\n", "F:1: comments are not part of this format" },
		{ "[main]\n0\n0\n", "F:1: profiles with calling contexts are not taken" },
		{ "1\r\n1-2:3\r\n0\r\n", "F:1: the line ends with CR LF; lines end with LF alone" },
		{ "1\n 1-2:3\n0\n", "F:2: there is a blank" },
		{ "1\n10000000000000000-2:3\n0\n", "F:2: a number does not fit in 64 bits" },
		{ "1\n1-2:18446744073709551616\n0\n", "F:2: a number does not fit in 64 bits" },
		{ "1\n1-2:18446744073709551615\n0\n",
		  "F:2: with this one, the counts add up to more than 63 bits" },
		{ "2\n1-2:9223372036854775807\n3-4:1\n0\n",
		  "F:3: with this one, the counts add up to more than 63 bits" },
		{ "99999999999999999999\n", "F:1: a number does not fit in 64 bits" },
		{ "18446744073709551615\n1-2:3\n",
		  "F:3: the file ends before all announced lines have come" },
	};
	static const char with_nul[] = "1\n1-\0"
				       "2:3\n0\n";

	char *error;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		error = parse(bad[i].text, strlen(bad[i].text));

		assert_non_null(error);
		assert_string_equal(error, bad[i].error);
		free(error);
	}
	error = parse(with_nul, sizeof(with_nul) - 1);
	assert_string_equal(error, "F:2: there is a NUL byte");
	free(error);
}

/* Whatever is cut off a good file makes a bad one: half a file is never taken for whole. */
static void every_cut_is_found(void **state)
{
	static const char text[] = "2\n1000-1004:5\n1010-1010:6\n1\n1004->1010:6\n";

	(void)state;
	assert_null(parse(text, sizeof(text) - 1));
	for (size_t bytes = 0; bytes < sizeof(text) - 1; bytes++) {
		char *error = parse(text, bytes);

		assert_non_null(error);
		free(error);
	}
}

UNIT_MAIN(cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(bad_text_is_named_by_line),
	  cmocka_unit_test(every_cut_is_found))
