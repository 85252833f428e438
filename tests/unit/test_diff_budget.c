/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../../reports/diff_budget.h"
#include "../../reports/field.h"
#include "unit.h"

static void words_are_limits(void **state)
{
	struct budget b;

	(void)state;
	assert_null(budget_parse(&b, " size<=+1.5%\tsyscalls<=-2 xz<=1.5Mi  latency_p99<=+2us "
				     "throughput>=-5% app<=7%"));
	assert_int_equal(b.n, 6);
	assert_string_equal(b.v[0].name, "size");
	assert_true(b.v[0].is_percent && b.v[0].is_change && b.v[0].number == 1.5);
	assert_string_equal(b.v[0].text, "size<=+1.5%");
	assert_true(!b.v[1].is_percent && b.v[1].is_change && b.v[1].number == -2);
	assert_true(!b.v[2].is_percent && !b.v[2].is_change && b.v[2].number == 1572864);
	assert_true(b.v[3].is_change && b.v[3].number == 2000);
	assert_true(b.v[4].is_percent && b.v[4].number == -5);
	/* a percentage is of what it was, with a sign or without */
	assert_true(b.v[5].is_percent && b.v[5].is_change && b.v[5].number == 7);
	budget_release(&b);
	assert_null(budget_parse(&b, ""));
	assert_int_equal(b.n, 0);
}

static void times_have_units(void **state)
{
	static const struct {
		const char *text;
		double number;
	} limits[] = { { "latency_p50<=7", 7 },
		       { "latency_p50<=7ns", 7 },
		       { "latency_p50<=7us", 7e3 },
		       { "latency_p50<=+7ms", 7e6 },
		       { "icount_latency_p99<=7ms", 7e6 },
		       { "boot_ms<=2", 2 },
		       { "boot_ms<=2ms", 2 },
		       { "boot_ms<=+2.5ms", 2.5 },
		       { "boot_ms<=1500us", 1.5 },
		       { "boot_ms<=2000000ns", 2 } };
	struct budget b;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		assert_null(budget_parse(&b, limits[i].text));
		assert_true(b.v[0].number > limits[i].number * 0.999999 &&
			    b.v[0].number < limits[i].number * 1.000001);
		budget_release(&b);
	}
}

static void others_are_refused(void **state)
{
	static const char *const bad[] = {
		"size",	       "size<=",    "size<=+",	   "size<=%",	     "size<=+1%x",
		"size<1",      "size=1",    "size>=1",	   "size<=1 Mi",     "size<=1us",
		"sizes<=1",    "<=1",	    "size<=1e3",   "size<=0x10",     "size<=nan",
		"size<=inf",   "size<=+-1", "size<=1.2.3", "size<=.5",	     "throughput<=1",
		"boot_ms<=1s", "boot<=1ms", "size<=1MiB",  "size<=1 size<=2"
	};
	struct budget b;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *why = budget_parse(&b, bad[i]);

		if (!why)
			fail_msg("'%s' was taken", bad[i]);
		free(why);
		budget_release(&b);
	}
}

static json_t *record(void)
{
	json_t *r = json_loads(
		"{\"size\": {\"parts\": [{\"name\": \"image\", \"from\": 1000, \"to\": 1010}]},"
		"\"syscalls\": {\"from\": 81, \"to\": 80},"
		"\"measures\": ["
		"{\"name\": \"instructions\", \"from\": 100, \"to\": 120, \"n\": [5, 5], \"p\": 0.5,"
		" \"significant\": false},"
		"{\"name\": \"throughput\", \"from\": 100, \"to\": 94, \"n\": [5, 5], \"p\": 0.01,"
		" \"significant\": true},"
		"{\"name\": \"boot\", \"from\": 0, \"to\": 4, \"n\": [5, 5], \"p\": 0.01,"
		" \"significant\": true},"
		"{\"name\": \"l1i_misses\", \"from\": 9, \"to\": 9, \"n\": [2, 2], \"p\": null,"
		" \"significant\": false, \"deterministic\": false},"
		"{\"name\": \"l1d_misses\", \"from\": 9, \"to\": 9, \"n\": [2, 4], \"p\": null,"
		" \"significant\": false, \"deterministic\": false},"
		"{\"name\": \"memory_min\", \"from\": 9, \"to\": 8, \"n\": [1, 1], \"p\": null,"
		" \"significant\": true, \"deterministic\": true}],"
		"\"not_compared\": [{\"what\": \"latency\", \"why\": \"no clock\"}]}",
		0, NULL);

	assert_non_null(r);
	return r;
}

/* The gate for one budget. */
static void check(const char *text, const char *gate)
{
	json_t *r = record();
	struct budget b;

	assert_null(budget_parse(&b, text));
	if (gate)
		assert_string_equal(budget_apply(&b, r), gate);
	else
		assert_null(budget_apply(&b, r));
	assert_int_equal(json_array_size(json_object_get(r, "budget")), b.n);
	budget_release(&b);
	json_decref(r);
}

static void gates_open_and_shut(void **state)
{
	(void)state;
	check("", NULL);
	check("size<=+1%", "pass");
	check("size<=+0.99%", "fail");
	check("size<=+10", "pass");
	check("size<=+9", "fail");
	check("size<=1010", "pass");
	check("size<=1009", "fail");
	check("syscalls<=-1", "pass");
	check("syscalls<=-2", "fail");
	/* not beyond chance: unchanged; but the figure itself is what it is */
	check("instructions<=+0%", "pass");
	check("instructions<=119", "fail");
	check("throughput>=-6%", "pass");
	check("throughput>=-5%", "fail");
	check("memory_min<=-1", "pass");
}

static void what_is_not_known_is_not_passed(void **state)
{
	json_t *r = record();
	struct budget b;

	(void)state;
	check("boot<=+5%", "cannot compare");
	check("boot<=+5", "pass");
	check("l1i_misses<=+5%", "cannot compare");
	check("l1i_misses<=9", "cannot compare");
	check("l1i_misses<=8", "cannot compare");
	/* the other side's runs have no part in a limit of the figure itself */
	check("l1d_misses<=9", "pass");
	check("l1d_misses<=+9", "cannot compare");
	check("latency_p99<=+5%", "cannot compare");
	check("xz<=+5%", "cannot compare");
	check("latency_p99<=+5% size<=+1%", "cannot compare");
	check("latency_p99<=+5% size<=+0%", "fail");
	assert_null(budget_parse(&b, "latency_p50<=+1%"));
	budget_apply(&b, r);
	assert_string_equal(field_text(json_array_get(json_object_get(r, "budget"), 0), "why"),
			    "no clock");
	budget_release(&b);
	json_decref(r);
}

UNIT_MAIN(cmocka_unit_test(words_are_limits), cmocka_unit_test(times_have_units),
	  cmocka_unit_test(others_are_refused), cmocka_unit_test(gates_open_and_shut),
	  cmocka_unit_test(what_is_not_known_is_not_passed))
