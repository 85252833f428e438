/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/load_result.h"

static void percentiles(void **state)
{
	static struct load_request request;
	struct loadfile l = { .requests = 200, .v = &request, .n = 1 };
	struct load_result r;

	(void)state;
	load_result_init(&r, &l);
	assert_int_equal(load_result_percentile(&r, 50), 0);
	r.latency_ns[r.latencies++] = 7;
	assert_int_equal(load_result_percentile(&r, 0), 7);
	assert_int_equal(load_result_percentile(&r, 50), 7);
	assert_int_equal(load_result_percentile(&r, 99), 7);
	r.latencies = 0;
	for (uint64_t i = 200; i > 0; i--)
		r.latency_ns[r.latencies++] = i * 10;
	assert_int_equal(load_result_percentile(&r, 50), 1000);
	assert_int_equal(load_result_percentile(&r, 90), 1800);
	assert_int_equal(load_result_percentile(&r, 99), 1980);
	assert_int_equal(load_result_percentile(&r, 100), 2000);
	load_result_release(&r);
}

UNIT_MAIN(cmocka_unit_test(percentiles))
