/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../pipeline/monitor.h"
#include "../../pipeline/probe.h"

static void forms(void **state)
{
	struct probe p;

	(void)state;
	assert_true(probe_parse(&p, "http:80/a?b=c"));
	assert_int_equal(p.kind, PROBE_HTTP);
	assert_int_equal(p.guest_port, 80);
	assert_string_equal(p.path, "/a?b=c");
	assert_true(probe_parse(&p, "http:8080"));
	assert_string_equal(p.path, "/");
	assert_true(probe_parse(&p, "https:443"));
	assert_int_equal(p.kind, PROBE_HTTPS);
	assert_true(probe_parse(&p, "exchange:6379 \"PING\\r\\n\" \"+P\\x00\""));
	assert_int_equal(p.kind, PROBE_EXCHANGE);
	assert_int_equal(p.guest_port, 6379);
	assert_int_equal(p.sent.bytes, 6);
	assert_memory_equal(p.sent.data, "PING\r\n", 6);
	assert_int_equal(p.expected.bytes, 3);
	assert_memory_equal(p.expected.data, "+P\0", 3);
	assert_true(probe_parse(&p, "exchange:25 \"\" \"220 \""));
	assert_int_equal(p.sent.bytes, 0);
	assert_true(probe_parse(&p, "tcp:6379"));
	assert_int_equal(p.kind, PROBE_TCP);
	assert_string_equal(p.awaited, "a connection");
}

static void not_forms(void **state)
{
	static const char *const wrong[] = { "",
					     "http",
					     "http:",
					     "http:/x",
					     "tcp:",
					     "tcp:70000",
					     "tcp:1/x",
					     "udp:53",
					     "http:80x",
					     "tcp: 1",
					     "tcp:-1",
					     "exchange:1",
					     "exchange:1 \"a\"",
					     "exchange:1 \"a\" \"\"",
					     "exchange:1 \"a\" b",
					     "exchange:1 \"a\"\"b\"",
					     "exchange:1 \"a\" \"b\" c",
					     "exchange:1 \"a\" \"\\q\"",
					     "exchange:1 \"a\" \"b" };
	struct probe p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(probe_parse(&p, wrong[i]));
}

/* As QEMU 7.2 prints it. */
static void tables(void **state)
{
	static const char table[] =
		"Hub -1 (net):\r\n"
		"  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r\n"
		"  TCP[SYN_SENT]      14       127.0.0.1  8080       10.0.2.15    80     0     0\r\n"
		"  TCP[ESTABLISHED]   15       127.0.0.1  8081       10.0.2.15    81     0     0\r\n"
		"  TCP[HOST_FORWARD]  12       127.0.0.1  8082       10.0.2.15    82     0     0\r\n";

	(void)state;
	assert_false(monitor_table_has(table, 8080));
	assert_true(monitor_table_has(table, 8081));
	assert_false(monitor_table_has(table, 8082));
	assert_false(monitor_table_has("", 80));
}

UNIT_MAIN(cmocka_unit_test(tables), cmocka_unit_test(forms), cmocka_unit_test(not_forms))
