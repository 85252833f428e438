/* SPDX-License-Identifier: MIT */
#include "../../reports/quantity.h"
#include "unit.h"

static void same(char *text, const char *expected)
{
	assert_string_equal(text, expected);
	free(text);
}

static void numbers_for_people(void **state)
{
	(void)state;
	same(quantity_integer(0), "0");
	same(quantity_integer(999), "999");
	same(quantity_integer(-1000), "-1,000");
	same(quantity_integer(1234567), "1,234,567");
	same(quantity_bytes_change(2048), "+2.00 Ki");
	same(quantity_bytes_change(-12), "-12 B");
	same(quantity_bytes_change(0), "0 B");
	same(quantity_percent_of(0, 5), "NEW");
	same(quantity_percent_of(0, 0), "0.0%");
	same(quantity_percent_of(200, 100), "-50.0%");
	same(quantity_percent_of(10000000, 10000001), "+0.0%");
}

static void measures_have_units(void **state)
{
	(void)state;
	same(quantity_measure(30233.1, "per request"), "30,233");
	same(quantity_measure(0.002, "per request"), "0.002");
	same(quantity_measure(45.12, "per request"), "45.1");
	same(quantity_measure(588400, "ns"), "588 us");
	same(quantity_measure(1310000, "ns"), "1.31 ms");
	same(quantity_measure(583, "ms"), "583 ms");
	same(quantity_measure(2450, "per second"), "2.45 k/s");
	same(quantity_measure(15800000, "instructions"), "15.8 M");
	same(quantity_measure(15728640, "bytes"), "15.0 Mi");
}

UNIT_MAIN(cmocka_unit_test(numbers_for_people), cmocka_unit_test(measures_have_units))
