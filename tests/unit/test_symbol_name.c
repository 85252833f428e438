/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../../reports/symbol_name.h"
#include "unit.h"

static void check(const char *symbol, const char *expected)
{
	char *name = symbol_name(symbol);

	assert_string_equal(name, expected);
	free(name);
}

static void suffixes_go(void **state)
{
	(void)state;
	check("tcp_ack", "tcp_ack");
	check("tcp_ack.llvm.1234567890123456789", "tcp_ack");
	check("tcp_ack.__uniq.103572269210682801", "tcp_ack");
	check("tcp_ack.isra.0", "tcp_ack");
	check("tcp_ack.constprop.12", "tcp_ack");
	check("tcp_ack.part.3", "tcp_ack");
	check("tcp_ack.__part.2", "tcp_ack");
	check("tcp_ack.cold", "tcp_ack");
	check("tcp_ack.cold.7", "tcp_ack");
	check("tcp_ack.warm", "tcp_ack");
	check("tcp_ack.specialized.1.split", "tcp_ack");
	check("key.42", "key");
}

static void several_go_together(void **state)
{
	(void)state;
	check("f.__uniq.12.isra.0.cold", "f");
	check("f.constprop.1.part.2.llvm.3", "f");
	check("f.__part.1.cold.2", "f");
	check(".str.1.10134", ".str");
	check("x.1.2.3.4", "x");
}

static void what_a_source_has_stays(void **state)
{
	(void)state;
	check("", "");
	check(".", ".");
	check(".5", ".5");
	check(".str", ".str");
	check(".cold", ".cold");
	check("a.", "a.");
	check("a..", "a..");
	check("f.__already_done", "f.__already_done");
	check("f.part", "f.part");
	check("f.llvm", "f.llvm");
	check("f.1a", "f.1a");
	check("f.-1", "f.-1");
	check("f.colder", "f.colder");
	check("llvm.5", "llvm");
	check("\xff\xfe.3", "\xff\xfe");
}

static void wrappers_of_one_system_call_are_one(void **state)
{
	(void)state;
	check("__se_sys_read", "__x64_sys_read");
	check("__do_sys_read.cold", "__x64_sys_read");
	check("__ia32_sys_read", "__x64_sys_read");
	check("__ia32_compat_sys_ioctl", "__x64_compat_sys_ioctl");
	check("__se_compat_sys_ioctl", "__x64_compat_sys_ioctl");
	check("__x64_sys_read", "__x64_sys_read");
	check("__do_sys_setitimer.__already_done.3", "__x64_sys_setitimer.__already_done");
	check("__do_softirq", "__do_softirq");
	check("__se_other", "__se_other");
}

static void frames(void **state)
{
	static const char *const pairs[][2] = {
		{ "tcp_ack", "tcp_ack" },
		{ "f.__uniq.99.llvm.1.cold", "f" },
		{ "f.part.0.constprop.3", "f" },
		{ "set_root.7257", "set_root" }, /* the number is another one at the next link */
		{ "f.coldness", "f.coldness" },
		{ ".cold", ".cold" },
		{ "__do_sys_read.cold", "__do_sys_read" }, /* __x64_sys_read calls it */
		{ "a;b\nc\td", "a:b:c:d" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		char *frame = symbol_frame(pairs[i][0]);

		assert_string_equal(frame, pairs[i][1]);
		free(frame);
	}
}

static void a_long_name_is_a_name(void **state)
{
	size_t n = 40000;
	char *symbol = xcalloc(n + 1, 1), *name;

	(void)state;
	memset(symbol, '.', n);
	memcpy(symbol + n - 2, ".9", 2);
	name = symbol_name(symbol);
	assert_int_equal(strlen(name), n - 2);
	free(name);
	free(symbol);
}

UNIT_MAIN(cmocka_unit_test(suffixes_go), cmocka_unit_test(several_go_together),
	  cmocka_unit_test(what_a_source_has_stays),
	  cmocka_unit_test(wrappers_of_one_system_call_are_one), cmocka_unit_test(frames),
	  cmocka_unit_test(a_long_name_is_a_name))
