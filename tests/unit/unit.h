/* SPDX-License-Identifier: MIT */
/*
 * unit.h - what every unit test needs: cmocka, a scratch directory, a main
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../pipeline/lib/fs.h"
#include "../../pipeline/lib/util.h"

#define UNIT_MAIN(...)                                             \
	int main(void)                                             \
	{                                                          \
		const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
                                                                   \
		cmocka_set_message_output(CM_OUTPUT_TAP);          \
		return cmocka_run_group_tests(tests, NULL, NULL);  \
	}

/* A new directory; a test removes what it likes. */
static inline char *unit_scratch(void)
{
	const char *base = getenv("TMPDIR");

	return xfs_temporary_directory(base ? base : "/tmp", "anneal-unit");
}

#endif
