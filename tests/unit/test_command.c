/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bitcode/command.h"

static void parse(struct command *c, const char *line)
{
	struct strlist words = STRLIST_INIT;

	strlist_push(&words, "bitcc");
	strlist_split(&words, line);
	command_parse(c, (int)words.n, words.v);
}

static void compiling(void **state)
{
	struct command c;

	(void)state;
	parse(&c, "-O3 -c -Iinc -D X=1 -flto -o a.o src/a.c -MF a.d");
	assert_int_equal(c.mode, COMMAND_COMPILE);
	assert_string_equal(c.output, "a.o");
	assert_int_equal(c.input_count, 1);
	assert_string_equal(c.inputs[0].text, "src/a.c");
	assert_true(c.lto);
	assert_string_equal(strlist_join(&c.flags, " "), "-O3 -c -Iinc -D X=1 -flto -MF a.d");
}

static void last_lto_flag_wins(void **state)
{
	struct command c;

	(void)state;
	parse(&c, "-flto -c a.c -fno-lto");
	assert_false(c.lto);
	parse(&c, "-fno-lto -c a.c -flto=full");
	assert_true(c.lto);
}

static void linking_keeps_order(void **state)
{
	struct command c;

	(void)state;
	parse(&c, "-o prog a.o -Lx -lz b.o -Wl,-E,--as-needed -rdynamic -l m -static");
	assert_int_equal(c.mode, COMMAND_LINK);
	assert_int_equal(c.input_count, 7);
	assert_string_equal(c.inputs[1].text, "-lz");
	assert_int_equal(c.inputs[1].kind, INPUT_LIBRARY);
	assert_string_equal(c.inputs[3].text, "-E");
	assert_int_equal(c.inputs[3].kind, INPUT_LINKER);
	assert_string_equal(c.inputs[5].text, "--export-dynamic");
	assert_string_equal(c.inputs[6].text, "-lm");
	assert_string_equal(c.search.v[0], "x");
}

static void kinds_of_input(void **state)
{
	struct command c;

	(void)state;
	parse(&c, "-c a.S");
	assert_int_equal(c.inputs[0].kind, INPUT_ASSEMBLY);
	parse(&c, "-c -x c -");
	assert_int_equal(c.inputs[0].kind, INPUT_C);
	parse(&c, "-x assembler-with-cpp -c a.c");
	assert_int_equal(c.inputs[0].kind, INPUT_ASSEMBLY);
	parse(&c, "libx.a a.lo");
	assert_int_equal(c.inputs[0].kind, INPUT_OBJECT);
	assert_int_equal(c.inputs[1].kind, INPUT_OBJECT);
}

static void what_clang_does_itself(void **state)
{
	static const char *const lines[] = {
		"--version",	      "-E a.c",	   "-M a.c", "-dumpmachine",
		"-print-file-name=x", "-S -c a.c", ""
	};
	struct command c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		parse(&c, lines[i]);
		assert_int_equal(c.mode, COMMAND_PASS);
	}
}

static void response_file(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/list", d);
	struct command c;

	(void)state;
	xfs_write(path, "a.o b.o\n-lz\n", 12);
	parse(&c, xasprintf("-o p @%s", path));
	assert_int_equal(c.input_count, 3);
	xfs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(compiling), cmocka_unit_test(last_lto_flag_wins),
	  cmocka_unit_test(linking_keeps_order), cmocka_unit_test(kinds_of_input),
	  cmocka_unit_test(what_clang_does_itself), cmocka_unit_test(response_file))
