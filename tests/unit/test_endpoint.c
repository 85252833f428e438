/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../collector/endpoint.h"

static void good(void **state)
{
	static const struct {
		const char *text;
		enum endpoint_kind kind;
		bool local;
		const char *address; /* or the path */
	} all[] = {
		{ "unix:/run/s", ENDPOINT_UNIX, true, "/run/s" },
		{ "unix:s", ENDPOINT_UNIX, true, "s" },
		{ "./s:1", ENDPOINT_UNIX, true, "./s:1" },
		{ "127.0.0.1:4040", ENDPOINT_TCP, true, "127.0.0.1:4040" },
		{ "tcp::4040", ENDPOINT_TCP, true, "127.0.0.1:4040" },
		{ "udp:127.1.2.3:1", ENDPOINT_UDP, true, "127.1.2.3:1" },
		{ "udp:0.0.0.0:4040", ENDPOINT_UDP, false, "0.0.0.0:4040" },
		{ "tcp:10.0.0.7:65535", ENDPOINT_TCP, false, "10.0.0.7:65535" },
		{ "tcp:[::1]:4040", ENDPOINT_TCP, true, "[::1]:4040" },
		{ "udp:[::]:4040", ENDPOINT_UDP, false, "[::]:4040" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char printed[128];
		struct endpoint e;

		assert_null(endpoint_parse(&e, all[i].text));
		assert_int_equal(e.kind, all[i].kind);
		assert_int_equal(endpoint_is_local(&e), all[i].local);
		if (e.path) {
			assert_string_equal(e.path, all[i].address);
		} else {
			address_print(printed, sizeof(printed), (struct sockaddr *)&e.address,
				      e.address_bytes);
			assert_string_equal(printed, all[i].address);
		}
		endpoint_release(&e);
	}
}

static void bad(void **state)
{
	static const char *const all[] = {
		"",    "unix:", "4040",	 "udp:4040", "tcp:h:",		"h:65536",
		"h:0", "h:-1",	"h:4 0", "udp::x",   "tcp:not a host:1"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct endpoint e;
		char *error = endpoint_parse(&e, all[i]);

		assert_non_null(error);
		assert_null(e.text);
		free(error);
	}
}

UNIT_MAIN(cmocka_unit_test(good), cmocka_unit_test(bad))
