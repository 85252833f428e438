/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/peer_make.h"

static void good(void **state)
{
	struct peer_script s;

	(void)state;
	assert_null(
		peer_script_parse(&s, "a/b/some-1.sh",
				  "#!/bin/sh\n# words\n# peer apps nginx redis\n"
				  "# peer packages a b:b-*\n# peer packages c\necho # peer x\n"));
	assert_string_equal(s.name, "some-1");
	assert_int_equal(s.apps.n, 2);
	assert_int_equal(s.packages.n, 3);
	assert_string_equal(s.packages.v[1], "b:b-*");
}

static void bad(void **state)
{
	struct peer_script s;

	(void)state;
	assert_non_null(strstr(peer_script_parse(&s, "x.sh", "true\n"), "# peer apps"));
	assert_non_null(strstr(peer_script_parse(&s, "x.sh", "# peer app nginx\n"),
			       "'# peer app nginx' is not understood"));
	assert_non_null(
		strstr(peer_script_parse(&s, "X y.sh", "# peer apps nginx\n"), "small letters"));
}

UNIT_MAIN(cmocka_unit_test(good), cmocka_unit_test(bad))
