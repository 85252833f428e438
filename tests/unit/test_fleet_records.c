/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../fleets/records.h"

static char *parse(struct records *r, const char *text)
{
	*r = (struct records){ 0 };
	return records_parse(r, "F", text, strlen(text));
}

static void a_line_says_what_is_known(void **state)
{
	struct records r;

	(void)state;
	assert_null(parse(&r, "# a comment\n\nrec/one web-1 3.5 api 2 # more\n"
			      "rec/t\\ wo\t-\t-\tbatch\nrec/three\nrec/four web-1"));
	assert_int_equal(r.n, 4);
	assert_string_equal(r.v[0].label, "rec/one");
	assert_true(r.v[0].age_days == 3.5 && r.v[0].weight == 2);
	assert_string_equal(r.v[0].load, "api");
	assert_string_equal(r.v[1].label, "rec/t wo");
	assert_string_equal(r.v[1].host, "");
	assert_string_equal(r.v[1].load, "batch");
	assert_null(r.v[2].load);
	assert_true(r.v[2].weight == 1 && r.v[2].age_days == 0);
	/* the digest is of the host, and not its name */
	assert_string_equal(r.v[0].host, r.v[3].host);
	assert_int_equal(strlen(r.v[0].host), HOST_DIGEST_BYTES - 1);
	assert_null(strstr(r.v[0].host, "web"));
	records_release(&r);
}

static void wrong(const char *text, const char *sentence)
{
	struct records r;
	char *error = parse(&r, text);

	assert_non_null(error);
	assert_non_null(strstr(error, sentence));
	free(error);
	records_release(&r);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	struct records r = { 0 };
	char *error;

	(void)state;
	wrong("good\nrec host old\n", "F:2: the age in days is 'old'");
	wrong("rec host -1\n", "the age in days is '-1'");
	wrong("rec host nan\n", "the age in days is 'nan'");
	wrong("rec host 0x10\n", "the age in days is '0x10'");
	wrong("rec - - - 0\n", "the weight is '0'");
	wrong("rec - - - 1e9\n", "the weight is '1e9'");
	wrong("rec - - a/b\n", "the load 'a/b' is not a word");
	wrong("a b 1 c 2 d\n", "more than five fields");
	wrong("rec\\", "F:1: a backslash ends the line");
	wrong("rec\r\n", "CR LF");
	error = records_parse(&r, "F", "a\0b\n", 4);
	assert_non_null(strstr(error, "NUL"));
	free(error);
}

static void the_same_recording_is_there_once(void **state)
{
	struct records r, s;

	(void)state;
	assert_null(parse(&r, "b h1 2\na\nb h1 1\nc\n"));
	assert_null(parse(&s, "c\nb h1 1\nb h1 2\na\n"));
	assert_int_equal(records_sort(&r), 1);
	assert_int_equal(records_sort(&s), 1);
	assert_int_equal(r.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(r.v[i].label, s.v[i].label);
		assert_true(r.v[i].age_days == s.v[i].age_days);
	}
	records_release(&r);
	records_release(&s);
}

UNIT_MAIN(cmocka_unit_test(a_line_says_what_is_known),
	  cmocka_unit_test(what_is_wrong_is_told_with_its_line),
	  cmocka_unit_test(the_same_recording_is_there_once))
