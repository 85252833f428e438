/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../fleets/wishes.h"

static void what_is_not_said_has_a_default(void **state)
{
	struct wishes w = WISHES_DEFAULT;
	const char *text = "half-life 7 # days\nload api 70\nload batch 30\nrecord-cap 2.5\n";

	(void)state;
	assert_null(wishes_parse(&w, "F", text, strlen(text)));
	assert_true(w.half_life_days == 7 && w.host_records == 4);
	assert_true(w.record_cap == 0.025 && w.host_cap == 0.20);
	assert_int_equal(w.load_count, 2);
	assert_string_equal(w.loads[1].name, "batch");
	assert_true(w.loads[1].share == 0.3);
	wishes_release(&w);
	assert_null(wishes_parse(&w, "F", "half-life never", 15));
	assert_true(w.half_life_days == 0);
}

static void wrong(const char *text, const char *sentence)
{
	struct wishes w = WISHES_DEFAULT;
	char *error = wishes_parse(&w, "F", text, strlen(text));

	assert_non_null(error);
	assert_non_null(strstr(error, sentence));
	free(error);
	wishes_release(&w);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	wrong("half-live 3\n", "F:1: 'half-live' is not known");
	wrong("\nhalf-life\n", "F:2: 'half-life' is followed by one value");
	wrong("half-life 0\n", "the half-life in days is '0'");
	wrong("load api\n", "a name and a percentage");
	wrong("load api 60\nload api 20\n", "the load 'api' is there twice");
	wrong("load api 60\nload b 41\n", "more than 100 %");
	wrong("record-cap 101\n", "the cap in percent is '101'");
	wrong("host-records 0.5\n", "the number of records of a host is '0.5'");
}

UNIT_MAIN(cmocka_unit_test(what_is_not_said_has_a_default),
	  cmocka_unit_test(what_is_wrong_is_told_with_its_line))
