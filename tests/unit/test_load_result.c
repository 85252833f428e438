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
	assert_int_equal(load_result_percentile(&r, 500), 0);
	r.latency_ns[r.latencies++] = 7;
	assert_int_equal(load_result_percentile(&r, 0), 7);
	assert_int_equal(load_result_percentile(&r, 500), 7);
	assert_int_equal(load_result_percentile(&r, 990), 7);
	r.latencies = 0;
	for (uint64_t i = 200; i > 0; i--)
		r.latency_ns[r.latencies++] = i * 10;
	assert_int_equal(load_result_percentile(&r, 500), 1000);
	assert_int_equal(load_result_percentile(&r, 900), 1800);
	assert_int_equal(load_result_percentile(&r, 990), 1980);
	assert_int_equal(load_result_percentile(&r, 999), 2000);
	assert_int_equal(load_result_percentile(&r, 1000), 2000);
	load_result_release(&r);
}

UNIT_MAIN(cmocka_unit_test(percentiles))
