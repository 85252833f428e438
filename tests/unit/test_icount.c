/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/icount_run.h"

#define ZEROS "00000000000000000"
#define REPORT                                                                       \
	"anneal: client requests " ZEROS "200 failed " ZEROS "000 p50_ns " ZEROS     \
	"101 p90_ns " ZEROS "202 p99_ns " ZEROS "303 max_ns " ZEROS "404 latencies " \
	"0123456789abcdef"

static void a_report_is_read(void **state)
{
	struct icount_report r;
	char *said =
		icount_read_console("nginx: hello\r\n" REPORT "\r\nanneal: exit status 0\r\n", &r);

	(void)state;
	assert_null(said);
	assert_int_equal(r.requests, 200);
	assert_int_equal(r.failed, 0);
	assert_int_equal(r.p50_ns, 101);
	assert_int_equal(r.p90_ns, 202);
	assert_int_equal(r.p99_ns, 303);
	assert_int_equal(r.max_ns, 404);
	assert_string_equal(r.latencies, "0123456789abcdef");
}

static void complaints_are_reasons(void **state)
{
	static const struct {
		const char *console, *reason;
	} cases[] = {
		{ "", "the guest ended without a report of the client: does its kernel take a "
		      "second initramfs?" },
		{ "anneal: client fatal: the app ended with exit status 1\r\nmore\n",
		  "the client in the guest says: the app ended with exit status 1" },
		{ "anneal: client failed: request 7, GET /: another status; status 404, 3 bytes\n"
		  "anneal: client failed: request 8, x\n" REPORT "\n",
		  "an answer is not what the load expects: request 7, GET /: another status; "
		  "status 404, 3 bytes" },
		{ "anneal: dropped system call 42 (connect) called from 0x60001234\n" REPORT "\n",
		  "this generation's kernel lacks what the client in the guest uses: system call "
		  "42 (connect) called from 0x60001234" },
		{ "Kernel panic - not syncing: Oops\n",
		  "the guest's kernel stopped: panic - not syncing: Oops" },
		{ "anneal: client requests 5\n",
		  "the report of the client in the guest cannot be read" },
		{ "anneal: client requests 5 failed 0 p50_ns 1 p90_ns 1 p99_ns 1 max_ns 1 "
		  "latencies 0123\n",
		  "the report of the client in the guest cannot be read" },
		{ REPORT "0\n", "the report of the client in the guest cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct icount_report r;
		char *said = icount_read_console(cases[i].console, &r);

		assert_non_null(said);
		assert_string_equal(said, cases[i].reason);
		free(said);
	}
}

UNIT_MAIN(cmocka_unit_test(a_report_is_read), cmocka_unit_test(complaints_are_reasons))
