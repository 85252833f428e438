/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bitcode/initcalls.h"

static void only_initcall_sections_in_order(void **state)
{
	static const char assembly[] =
		".section \".export_symbol\",\"a\" ; x: ; .previous\n"
		".section\t\".initcall6.init..kmod_b__2_9_f\", \"a\"\t\n__x6:\n.long y - .\n.previous\n"
		".section \".con_initcall.init..kmod_c__3_1_g\", \"a\"\n.previous\n"
		".section \".initcallearly.init..kmod_a__1_1_h\", \"a\"\n.previous\n.section \"unclosed";
	struct strlist sections = STRLIST_INIT;

	(void)state;
	initcalls_scan(assembly, strlen(assembly), &sections);
	assert_string_equal(strlist_join(&sections, " "),
			    ".initcall6.init..kmod_b__2_9_f .con_initcall.init..kmod_c__3_1_g "
			    ".initcallearly.init..kmod_a__1_1_h");
}

static void no_assembly(void **state)
{
	struct strlist sections = STRLIST_INIT;

	(void)state;
	initcalls_scan("", 0, &sections);
	assert_int_equal(sections.n, 0);
}

UNIT_MAIN(cmocka_unit_test(only_initcall_sections_in_order), cmocka_unit_test(no_assembly))
