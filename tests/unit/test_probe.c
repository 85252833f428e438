/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

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
	assert_true(probe_parse(&p, "tcp:6379"));
	assert_int_equal(p.kind, PROBE_TCP);
}

static void not_forms(void **state)
{
	static const char *const wrong[] = { "",	  "http",    "http:",  "http:/x", "tcp:",
					     "tcp:70000", "tcp:1/x", "udp:53", "http:80x" };
	struct probe p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(probe_parse(&p, wrong[i]));
}

UNIT_MAIN(cmocka_unit_test(forms), cmocka_unit_test(not_forms))
