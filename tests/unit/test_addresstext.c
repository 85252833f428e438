/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../../imports/addresstext.h"

static void what_is_written_is_read(void **state)
{
	struct address_counts a = { 0 }, b;
	char *text;
	size_t bytes;

	(void)state;
	addresses_push(&a, 0xffffffff81000010, 7);
	addresses_push(&a, 0x1000, 1);
	addresses_push(&a, 0xffffffff81000010, 5);
	addresses_sort(&a);
	assert_int_equal(addresses_total(&a), 13);
	text = addresses_format(&a, &bytes);
	assert_string_equal(text, "2\n1000:1\nffffffff81000010:12\n");
	assert_int_equal(bytes, strlen(text));
	assert_null(addresses_parse(&b, "F", text, bytes));
	assert_int_equal(b.n, 2);
	assert_int_equal(b.v[1].address, 0xffffffff81000010);
	assert_int_equal(b.v[1].count, 12);
	free(text);
	addresses_release(&a);
	addresses_release(&b);
	assert_null(addresses_parse(&b, "F", "0\n", 2));
	assert_int_equal(b.n, 0);
}

static void bad_text_is_named_by_line(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "F:1: the file is empty" },
		{ "1", "F:1: the line is cut off: it has no end" },
		{ "\n", "F:1: the line is blank" },
		{ "-1\n", "F:1: a decimal number is expected" },
		{ "18446744073709551616\n", "F:1: a number does not fit in 64 bits" },
		{ "18446744073709551615\n1:1\n",
		  "F:3: the file ends before all announced lines have come" },
		{ "1\n", "F:2: the file ends before all announced lines have come" },
		{ "1\n0x10:1\n", "F:2: addresses are written without 0x" },
		{ "1\nAB:1\n", "F:2: an address in lower-case hexadecimal is expected" },
		{ "1\n:1\n", "F:2: an address in lower-case hexadecimal is expected" },
		{ "1\n10-20:1\n", "F:2: ':' is expected behind the address" },
		{ "1\n10:\n", "F:2: a decimal number is expected" },
		{ "1\n10:-1\n", "F:2: a decimal number is expected" },
		{ "1\n10:1 \n", "F:2: there is a blank" },
		{ "1\r\n10:1\r\n", "F:1: the line ends with CR LF; lines end with LF alone" },
		{ "1\n10:1\n11:1\n", "F:3: there are more lines than were announced" },
		{ "1\n10:1\n\n", "F:3: there are more lines than were announced" },
		{ "2\n10:1\n10:1\n",
		  "F:3: the address is not above the one before; each comes once, ascending" },
		{ "2\n11:1\n10:1\n",
		  "F:3: the address is not above the one before; each comes once, ascending" },
		{ "1\n10:0\n", "F:2: a count is 0; addresses without samples are left out" },
		{ "2\n10:9223372036854775807\n11:1\n",
		  "F:3: with this one, the counts add up to more than 63 bits" },
		{ "1\n10:1:1\n", "F:2: there is more on the line than expected" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct address_counts a;
		char *error = addresses_parse(&a, "F", cases[i].text, strlen(cases[i].text));

		assert_non_null(error);
		assert_string_equal(error, cases[i].error);
		assert_null(a.v);
		free(error);
	}
}

/* Cut at each byte and changed in each byte, it is read or refused, and never more than it holds. */
static void damaged_text_never_crashes(void **state)
{
	static const char whole[] = "3\n10:1\nffffffff81000010:22\nffffffff81000011:3\n";
	char copy[sizeof(whole)];
	struct address_counts a;

	(void)state;
	for (size_t bytes = 0; bytes < sizeof(whole) - 1; bytes++) {
		char *cut = malloc(bytes + 1), *error;

		memcpy(cut, whole, bytes);
		error = addresses_parse(&a, "F", cut, bytes);
		assert_non_null(error);
		free(error);
		free(cut);
	}
	for (size_t at = 0; at < sizeof(whole) - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(copy, whole, sizeof(whole));
			copy[at] = (char)byte;
			free(addresses_parse(&a, "F", copy, sizeof(whole) - 1));
			addresses_release(&a);
		}
}

UNIT_MAIN(cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(bad_text_is_named_by_line),
	  cmocka_unit_test(damaged_text_never_crashes))
