/* SPDX-License-Identifier: MIT */
#include "../../shaker/initcall_name.h"
#include "unit.h"

static void check(const char *section, const char *symbol, const char *expected)
{
	char *name = initcall_name(section, symbol);

	if (expected)
		assert_string_equal(name, expected);
	else
		assert_null(name);
	free(name);
}

static void names_lie_behind_two_numbers(void **state)
{
	(void)state;
	check(".initcall6.init..x", "__initcall__kmod_virtio_net__792_7016_virtio_net_driver_init6",
	      "virtio_net_driver_init");
	check(".initcallearly.init..x", "__initcall__kmod_kvmclock__267_262_setupearly", "setup");
	check(".initcall3s.init..x", "__initcall__kmod_a__1_2_f__9_g3s", "f__9_g");
	check(".initcall3.init..x", "__initcall__kmod_a__1_2_b__3_4_c3", "c");
}

static void others_are_none(void **state)
{
	(void)state;
	check("", "__initcall__kmod_a__1_2_f6", NULL);
	check(".data", "__initcall__kmod_a__1_2_f6", NULL);
	check(".initcall6.init", "f", NULL);
	check(".initcall6.init", "__initcall__kmod_a", NULL);
	check(".initcall6.init", "__initcall__kmod_a__1_2_6", NULL);
	check(".initcall6.init", "__initcall__kmod_a__1_2_", NULL);
	check(".initcall6.init", "", NULL);
}

UNIT_MAIN(cmocka_unit_test(names_lie_behind_two_numbers), cmocka_unit_test(others_are_none))
