/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/wrk.h"

/* What wrk 4.1.0-3+b2 printed with our script: a guest that serves, ... */
static const char good[] =
	"Running 1s test @ http://127.0.0.1:28090/1k.txt\n"
	"  4 threads and 4 connections\n"
	"  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
	"    Latency   812.65us    0.91ms  13.69ms   97.40%\n"
	"    Req/Sec     1.39k   442.14     2.33k    68.18%\n"
	"  6086 requests in 1.10s, 7.30MB read\n"
	"Requests/sec:   5532.80\n"
	"Transfer/sec:      6.63MB\n"
	"\n"
	"anneal-wrk {\"requests\": 6086, \"duration_us\": 1132422, \"connect\": 0, \"read\": 0, "
	"\"write\": 0, \"status\": 0, \"timeout\": 0, \"p50\": 648, \"p90\": 1168, \"p99\": 4793, "
	"\"p999\": 12592}\n";

/* ... one that answers 404, ... */
static const char status[] =
	"Running 1s test @ http://127.0.0.1:28090/none\n"
	"  4 threads and 4 connections\n"
	"  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
	"    Latency     3.20ms    1.08ms  11.85ms   72.59%\n"
	"    Req/Sec   314.84     54.70   550.00     79.07%\n"
	"  1347 requests in 1.09s, 386.74KB read\n"
	"  Non-2xx or 3xx responses: 1347\n"
	"Requests/sec:   1230.88\n"
	"Transfer/sec:    353.40KB\n"
	"\n"
	"anneal-wrk {\"requests\": 1347, \"duration_us\": 1126108, \"connect\": 0, \"read\": 0, "
	"\"write\": 0, \"status\": 1347, \"timeout\": 0, \"p50\": 3230, \"p90\": 4358, "
	"\"p99\": 6927, \"p999\": 9800}\n";

/* ... one that was killed half-way, ... */
static const char died[] =
	"Running 1s test @ http://127.0.0.1:28090/1k.txt\n"
	"  4 threads and 4 connections\n"
	"  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
	"    Latency   507.16us  146.29us   1.67ms   75.96%\n"
	"    Req/Sec     1.86k   422.57     2.22k    95.24%\n"
	"  3881 requests in 1.10s, 4.65MB read\n"
	"  Socket errors: connect 0, read 6, write 36168, timeout 0\n"
	"Requests/sec:   3531.74\n"
	"Transfer/sec:      4.23MB\n"
	"\n"
	"anneal-wrk {\"requests\": 3881, \"duration_us\": 1130573, \"connect\": 0, \"read\": 6, "
	"\"write\": 36168, \"status\": 0, \"timeout\": 0, \"p50\": 465, \"p90\": 711, "
	"\"p99\": 998, \"p999\": 1249}\n";

/* ... nobody there, ... */
static const char refused[] = "unable to connect to 127.0.0.1:28090 Connection refused\n";

/* ... and a server that does not speak HTTP. */
static const char garbage[] =
	"Running 1s test @ http://127.0.0.1:28091/\n"
	"  4 threads and 4 connections\n"
	"  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
	"    Latency     0.00us    0.00us   0.00us    -nan%\n"
	"    Req/Sec     0.00      0.00     0.00      -nan%\n"
	"  0 requests in 1.10s, 0.00B read\n"
	"  Socket errors: connect 0, read 728, write 0, timeout 0\n"
	"Requests/sec:      0.00\n"
	"Transfer/sec:       0.00B\n"
	"\n"
	"anneal-wrk {\"requests\": 0, \"duration_us\": 1134412, \"connect\": 0, \"read\": 728, "
	"\"write\": 0, \"status\": 0, \"timeout\": 0, \"p50\": 0, \"p90\": 0, \"p99\": 0, "
	"\"p999\": 0}\n";

static void a_run_that_is_good(void **state)
{
	struct wrk_result r;
	json_t *closed, *latency;

	(void)state;
	assert_null(wrk_parse(good, &r));
	assert_null(wrk_fault(&r));
	closed = wrk_describe(&r);
	assert_int_equal(json_integer_value(json_object_get(closed, "requests")), 6086);
	assert_int_equal(json_integer_value(json_object_get(closed, "failed")), 0);
	assert_int_equal(json_real_value(json_object_get(closed, "throughput_rps")), 5374);
	latency = json_object_get(closed, "latency_ns");
	assert_int_equal(json_integer_value(json_object_get(latency, "p50")), 648000);
	assert_int_equal(json_integer_value(json_object_get(latency, "p90")), 1168000);
	assert_int_equal(json_integer_value(json_object_get(latency, "p99")), 4793000);
	assert_int_equal(json_integer_value(json_object_get(latency, "p999")), 12592000);
	json_decref(closed);
}

static void assert_fault(const char *output, const char *part)
{
	struct wrk_result r;
	char *fault;

	assert_null(wrk_parse(output, &r));
	fault = wrk_fault(&r);
	assert_non_null(fault);
	if (!strstr(fault, part))
		fail_msg("'%s' is not in '%s'", part, fault);
	free(fault);
}

static void runs_with_errors(void **state)
{
	(void)state;
	assert_fault(status, "of 1347 requests failed: 1347 by their status");
	assert_fault(died, "6 when read, 36168 when written");
	assert_fault(garbage, "728 when read");
	assert_fault("anneal-wrk {\"requests\": 0, \"duration_us\": 1, \"connect\": 0, "
		     "\"read\": 0, \"write\": 0, \"status\": 0, \"timeout\": 0, \"p50\": 0, "
		     "\"p90\": 0, \"p99\": 0, \"p999\": 0}\n",
		     "no request was answered");
}

static void assert_not_understood(const char *output)
{
	struct wrk_result r;
	char *wrong = wrk_parse(output, &r);

	if (!wrong)
		fail_msg("this was understood: '%s'", output);
	free(wrong);
}

static void output_cut_short_anywhere(void **state)
{
	(void)state;
	for (size_t length = 0; length + 1 < sizeof(good); length++) {
		char *part = xstrndup(good, length);

		assert_not_understood(part);
		free(part);
	}
}

/* `good` with one part replaced. */
static void assert_spoiled(const char *from, const char *to)
{
	const char *at = strstr(good, from);
	char *spoiled;

	assert_non_null(at);
	spoiled = xasprintf("%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	assert_not_understood(spoiled);
	free(spoiled);
}

static void output_that_is_not_ours(void **state)
{
	char *twice = xasprintf("%s%s", good, good);

	(void)state;
	assert_not_understood(refused);
	assert_not_understood(twice);
	free(twice);
	assert_spoiled("\nanneal-wrk", "\n anneal-wrk");
	assert_spoiled("6086,", "-6086,");
	assert_spoiled("6086,", "6086.5,");
	assert_spoiled("6086,", "nan,");
	assert_spoiled("6086,", "99999999999999999999,");
	assert_spoiled("\"read\": 0, ", "");
	assert_spoiled("\"read\": 0", "\"read\": 0, \"read\": 0");
	assert_spoiled("\"read\": 0", "\"read\": 0, \"more\": 0");
	assert_spoiled("\"duration_us\": 1132422", "\"duration_us\": 0");
	assert_spoiled("\"p90\": 1168", "\"p90\": 116800");
	assert_spoiled("}\n", "} and more\n");
}

static void parse(struct loadfile *l, const char *text)
{
	char *error;

	if (!loadfile_parse(l, "load", text, &error))
		fail_msg("%s", error);
}

static void the_request_of_a_load(void **state)
{
	struct loadfile l;

	(void)state;
	parse(&l,
	      "requests 1\nrequest 9 POST / 200\nrequest 8 GET /none 404\nrequest 7 GET /m 301\n"
	      "request 2 GET /a 200\nrequest 3 GET /b 206\nrequest 3 GET /c 200\n");
	assert_string_equal(wrk_request(&l)->path, "/b");
	loadfile_release(&l);
	parse(&l, "requests 1\nrequest 9 HEAD / 200\nrequest 8 GET /none 404\n");
	assert_null(wrk_request(&l));
	loadfile_release(&l);
}

static void the_command(void **state)
{
	char *scratch = unit_scratch(), *script = xasprintf("%s/s.lua", scratch), *joined;
	struct strlist argv = STRLIST_INIT;
	struct loadfile l;

	(void)state;
	parse(&l, "requests 1\nrequest 1 GET /b 200 header \"Range: bytes=1-2\"\n");
	xwrk_command(&argv, script, wrk_request(&l), 8080, 8, 3);
	joined = strlist_join(&argv, "|");
	assert_non_null(strstr(joined, "wrk|--threads=8|--connections=8|--duration=3s|"));
	assert_non_null(strstr(joined, "|--header=Host: anneal|--header=Range: bytes=1-2|"
				       "http://127.0.0.1:8080/b"));
	assert_true(fs_exists(script));
	free(joined);
	strlist_release(&argv);
	loadfile_release(&l);
	parse(&l, "requests 1\nrequest 1 GET /b 200 header \"Host: other\"\n");
	xwrk_command(&argv, script, wrk_request(&l), 8080, 8, 3);
	joined = strlist_join(&argv, "|");
	assert_null(strstr(joined, "anneal|"));
	assert_non_null(strstr(joined, "|--header=Host: other|"));
	free(joined);
	strlist_release(&argv);
	loadfile_release(&l);
	fs_remove(scratch);
	free(script);
	free(scratch);
}

UNIT_MAIN(cmocka_unit_test(a_run_that_is_good), cmocka_unit_test(runs_with_errors),
	  cmocka_unit_test(output_cut_short_anywhere), cmocka_unit_test(output_that_is_not_ours),
	  cmocka_unit_test(the_request_of_a_load), cmocka_unit_test(the_command))
