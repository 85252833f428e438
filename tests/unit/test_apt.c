/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bitcode/apt.h"

static void one_line_entries(void **state)
{
	(void)state;
	assert_string_equal(
		apt_derive("# a comment\n"
			   "deb [signed-by=/k.gpg arch=amd64] http://mirror/debian bookworm main\n"
			   "deb http://mirror/other stable main\n"
			   "deb-src http://mirror/sec bookworm-security main\n",
			   false, "bookworm"),
		"deb [signed-by=/k.gpg arch=amd64] http://mirror/debian bookworm main\n"
		"deb-src [signed-by=/k.gpg arch=amd64] http://mirror/debian bookworm main\n"
		"deb http://mirror/sec bookworm-security main\n"
		"deb-src http://mirror/sec bookworm-security main\n");
}

static void paragraphs(void **state)
{
	char *derived;

	(void)state;
	derived = apt_derive(
		"Types: deb\n# which mirror\nURIs: http://mirror/debian\n"
		"Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k.gpg\n\n"
		"Types: deb\nURIs: http://elsewhere\nSuites: nodistro\nComponents: main\n",
		true, "bookworm");
	assert_string_equal(derived, "Types: deb deb-src\nURIs: http://mirror/debian\n"
				     "Suites: bookworm bookworm-updates\nComponents: main\n"
				     "Signed-By: /k.gpg\n\n");
}

static void disabled_and_foreign_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(apt_derive("Types: deb\nEnabled: no\nURIs: x\nSuites: bookworm\n", true,
				       "bookworm"),
			    "");
	assert_string_equal(apt_derive("deb http://x bookworms main\ndeb\n", false, "bookworm"),
			    "");
	assert_string_equal(apt_derive("", true, "bookworm"), "");
}

UNIT_MAIN(cmocka_unit_test(one_line_entries), cmocka_unit_test(paragraphs),
	  cmocka_unit_test(disabled_and_foreign_are_left_out))
