/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "../../bench/benchdata.h"
#include "../../pipeline/lib/json.h"

/* A peer with two parts of 10 and 20 bytes. */
static char *make_peer(void)
{
	char *d = unit_scratch();

	xfs_write(xasprintf("%s/image", d), "image", 5);
	xjson_write(xasprintf("%s/peer.json", d),
		    json_pack("{s:i, s:s, s:[{s:s, s:i, s:i}, {s:s, s:i, s:i}]}", "schema", 1,
			      "name", "them", "shipped", "name", "kernel", "bytes", 10, "xz_bytes",
			      4, "name", "app", "bytes", 20, "xz_bytes", 5));
	return d;
}

static double number(const json_t *bench, const char *key, const char *inner)
{
	const json_t *at = json_object_get(bench, key);

	return json_number_value(inner ? json_object_get(at, inner) : at);
}

static json_t *exact_run(double instructions, double kernel)
{
	return json_pack("{s:f, s:f, s:[{s:s, s:f}]}", "instructions", instructions,
			 "taken_branches", instructions / 10, "by", "name", "kernel",
			 "instructions", kernel);
}

static void medians_of_valid_runs(void **state)
{
	char *d = make_peer();
	json_t *bench = xbenchdata_new(d, "s"), *by;

	(void)state;
	benchdata_add(bench, "exact", exact_run(100, 60));
	benchdata_add(bench, "exact", exact_run(300, 70));
	benchdata_add(bench, "exact", exact_run(110, 80));
	benchdata_add(bench, "exact", json_pack("{s:s}", "invalid", "the guest died"));
	benchdata_summarize(bench);
	assert_true(number(bench, "per_request", "instructions") == 110);
	by = json_array_get(json_object_get(bench, "per_request_by"), 0);
	assert_string_equal(json_string_value(json_object_get(by, "name")), "kernel");
	assert_true(json_number_value(json_object_get(by, "instructions")) == 70);
	assert_int_equal(benchdata_invalid(bench, "exact"), 1);
	assert_string_equal(benchdata_why_invalid(bench), "the guest died");
	xfs_remove(d);
}

static void what_was_not_measured_is_not_there(void **state)
{
	char *d = make_peer();
	json_t *bench = xbenchdata_new(d, "s");

	(void)state;
	benchdata_add(bench, "wall", json_pack("{s:s}", "invalid", "3 of 500 requests failed"));
	benchdata_summarize(bench);
	assert_null(json_object_get(bench, "per_request"));
	assert_null(json_object_get(bench, "latency_ns"));
	assert_null(json_object_get(bench, "throughput_rps"));
	assert_null(json_object_get(bench, "boot"));
	xfs_remove(d);
}

static void wall_runs(void **state)
{
	char *d = make_peer();
	json_t *bench = xbenchdata_new(d, "s");

	(void)state;
	for (int i = 1; i <= 3; i++)
		benchdata_add(bench, "wall",
			      json_pack("{s:i, s:i, s:{s:f, s:i, s:{s:i}}, s:{s:i, s:{s:i}}}",
					"boot_ms", 100 * i, "memory_peak_bytes", 4096 * i, "closed",
					"throughput_rps", 10.0 * i, "failed", 0, "latency_ns",
					"p50", 7 * i, "open", "failed", 0, "latency_ns", "p999",
					9 * i));
	benchdata_summarize(bench);
	assert_true(number(bench, "boot", "wall_ms") == 200);
	assert_true(number(bench, "memory_peak_bytes", NULL) == 8192);
	assert_true(number(bench, "throughput_rps", NULL) == 20);
	assert_true(number(bench, "closed_latency_ns", "p50") == 14);
	assert_true(number(bench, "latency_ns", "p999") == 18);
	assert_null(json_object_get(json_object_get(bench, "latency_ns"), "p50"));
	xfs_remove(d);
}

static void a_peer_ships_the_sum(void **state)
{
	char *d = make_peer();
	json_t *bench = xbenchdata_new(d, "s"), *size = json_object_get(bench, "size");

	(void)state;
	assert_true(json_is_null(json_object_get(bench, "generation")));
	assert_int_equal(json_integer_value(json_object_get(json_array_get(size, 0), "bytes")), 30);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(size, 1), "bytes")), 9);
	xfs_remove(d);
}

static void refused(const char *d, const char *text, const char *word)
{
	char *path = xasprintf("%s/bench.json", d), *why;

	if (text)
		xfs_write(path, text, strlen(text));
	assert_null(benchdata_read(path, &why));
	assert_non_null(strstr(why, word));
	free(why);
}

static void reads_only_what_is_finished(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/bench.json", d), *why;
	static const char good[] = "{\"schema\": 1, \"complete\": true}";

	(void)state;
	refused(d, NULL, "not measured");
	refused(d, "", "not JSON");
	refused(d, "{\"schema\": 1, \"compl", "half of it");
	refused(d, "[1]", "not JSON");
	refused(d, "{\"schema\": 2, \"complete\": true}", "schema 2");
	refused(d, "{\"complete\": true}", "schema 0");
	refused(d, "{\"schema\": 1, \"complete\": false}", "not finished");
	xfs_write(path, good, strlen(good));
	assert_non_null(benchdata_read(path, &why));
	assert_null(why);
	xfs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(medians_of_valid_runs),
	  cmocka_unit_test(what_was_not_measured_is_not_there), cmocka_unit_test(wall_runs),
	  cmocka_unit_test(a_peer_ships_the_sum), cmocka_unit_test(reads_only_what_is_finished))
