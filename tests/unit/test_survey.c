/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/survey.h"

static void good(void **state)
{
	struct survey s;

	(void)state;
	/* lines of the kernel's are between ours; two processes have mapped the same; "\r" is the console's */
	assert_null(survey_parse(&s,
				 "[ 0.1] symbol ff T no\r\nsurvey begin\r\n"
				 "map 5000-6000 00001000 /bin/x\r\n"
				 "map 1000-2000 0 /lib/libc.so.6\r\n[ 0.2] a message\r\n"
				 "map 5000-6000 00001000 /bin/x\r\n"
				 "module virtio 20480 0xffffffffc0201000\r\n"
				 "symbol ffffffff81000010 t b\r\nsymbol ffffffff81000000 T a\r\n"
				 "symbol ffffffffc0201010 t c\t[virtio]\r\n"
				 "survey end 7\r\n"));
	assert_int_equal(s.map_count, 2);
	assert_string_equal(s.maps[0].file, "/lib/libc.so.6");
	assert_int_equal(s.maps[1].offset, 0x1000);
	assert_int_equal(s.module_count, 1);
	assert_int_equal(s.modules[0].bytes, 20480);
	assert_int_equal(s.symbol_count, 3);
	assert_string_equal(s.symbols[0].name, "a");
	assert_int_equal(s.symbols[1].type, 't');
}

static void bad(void **state)
{
	static const struct {
		const char *console, *why;
	} cases[] = {
		{ "", "told nothing" },
		{ "survey end 0\n", "told nothing" },
		{ "survey begin\nmap 1-2 0 /x\n", "did not come to the end" },
		{ "survey begin\nmap 1-2 0 /x\nsurvey end \n", "did not come to the end" },
		{ "survey begin\nmap 1-2 0 /x\nsurvey end 2\n", "told 2 lines, 1 of them arrived" },
		{ "survey begin\nmap 2-1 0 /x\nsurvey end 1\n", "told 1 lines, 0 of them arrived" },
		{ "survey begin\nmap 1-2 0\nsurvey end 1\n", "told 1 lines, 0 of them arrived" },
		{ "survey begin\nmodule a 0 0x1\nsurvey end 1\n", "0 of them arrived" },
		{ "survey begin\nsymbol xyz T a\nsurvey end 1\n", "0 of them arrived" },
		{ "survey begin\nsymbol 1 T a\nsurvey end 1\n", "no program's code" },
	};
	struct survey s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *wrong = survey_parse(&s, cases[i].console);

		assert_non_null(wrong);
		if (!strstr(wrong, cases[i].why))
			fail_msg("%s: %s", cases[i].console, wrong);
	}
}

UNIT_MAIN(cmocka_unit_test(good), cmocka_unit_test(bad))
