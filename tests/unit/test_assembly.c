/* SPDX-License-Identifier: MIT */
#include "../../shaker/assembly.h"
#include "../../shaker/script.h"
#include <string.h>

#include "unit.h"

static char *words_of(const char *text)
{
	struct strlist defined = STRLIST_INIT, words = STRLIST_INIT;

	assembly_symbols(text, strlen(text), &defined, &words);
	return xasprintf("%s/%s", strlist_join(&defined, " "), strlist_join(&words, " "));
}

static void symbols_are_operands_and_labels(void **state)
{
	(void)state;
	assert_string_equal(words_of("call do_it"), "/do_it");
	assert_string_equal(words_of("start: mov table(,%rax,8), %rbx"), "start/table");
	assert_string_equal(words_of(".long one - ., two@PLT; .quad three + 0x1f"),
			    "/one two PLT three");
	assert_string_equal(words_of("986:\n\t.long 986b\n"), "/");
	assert_string_equal(words_of(".globl a\n.type a, @function\n.size a, . - a"), "/");
	assert_string_equal(words_of(".set a, b; c = d"), "a c/b d");
	assert_string_equal(words_of(".asciz \"call x; y:\" # call z\ncall w"), "/w");
	assert_string_equal(words_of("lock; cmpxchg ${0}, $1"), "/");
}

static void blocks_end_where_the_section_is_left(void **state)
{
	static const char text[] = ".section \"a\", \"a\"\none: .long x\n.previous\n"
				   ".pushsection .b, \"ax\"\n.globl two\ntwo: nop\n"
				   ".pushsection .c\n.long two\n.popsection\nret\n.popsection\n"
				   ".weak three\n.set three, four\nfive: ret\n";
	struct assembly a = { 0 };

	(void)state;
	assembly_split(&a, text, strlen(text));
	assert_int_equal(a.n, 4);
	assert_string_equal(a.v[0].section, "a");
	assert_string_equal(a.v[0].defined.v[0], "one");
	assert_string_equal(a.v[0].words.v[0], "x");
	assert_string_equal(a.v[1].section, ".b");
	assert_string_equal(a.v[1].defined.v[0], "two");
	assert_non_null(strstr(a.v[1].text, ".popsection\nret\n.popsection"));
	assert_string_equal(a.v[2].section, "");
	assert_string_equal(a.v[2].defined.v[0], "three");
	assert_string_equal(a.v[2].words.v[0], "four");
	assert_string_equal(a.v[3].defined.v[0], "five");
	assembly_release(&a);
}

static void what_another_module_defines_is_left_out(void **state)
{
	static const char text[] = ".lto_discard one\n.set one, x\n.set two, x\n"
				   ".lto_discard\n.set one, y\n";
	struct assembly a = { 0 };

	(void)state;
	assembly_split(&a, text, strlen(text));
	assert_int_equal(a.n, 2);
	assert_string_equal(a.v[0].defined.v[0], "two");
	assert_string_equal(a.v[1].text, ".set one, y\n");
	assembly_release(&a);
}

static void unbalanced_text_does_no_harm(void **state)
{
	static const char *const texts[] = { "",
					     "\n;;\n",
					     ".popsection\n.previous",
					     "\"",
					     ".section",
					     ".pushsection a\n.pushsection b",
					     ".lto_discard",
					     "#",
					     "a:",
					     "=" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct assembly a = { 0 };

		assembly_split(&a, texts[i], strlen(texts[i]));
		assembly_release(&a);
	}
}

static void tables_have_bounds(void **state)
{
	static const char text[] =
		"ENTRY(go) jiffies = jiffies_64;\n"
		"SECTIONS { .d : { *(.data) /* not_this */ . = ALIGN(8);\n"
		" a_start = .; KEEP(*(.tab)) *(SORT(.tab.*) .tab2) a_end = .; *(.other) }\n"
		" .e : { *(.alone) } ASSERT(x == y, \"nor_this\") }";
	struct script s;

	(void)state;
	script_parse(&s, text, strlen(text));
	assert_string_equal(script_find(&s, ".tab")->start, "a_start");
	assert_string_equal(script_find(&s, ".tab")->end, "a_end");
	assert_string_equal(script_find(&s, ".tab..one")->section, ".tab");
	assert_string_equal(script_find(&s, ".tab2")->end, "a_end");
	assert_null(script_find(&s, ".tab3"));
	assert_null(script_find(&s, ".data"));
	assert_null(script_find(&s, ".alone"));
	assert_true(strlist_has(&s.words, "go"));
	assert_true(strlist_has(&s.words, "jiffies_64"));
	assert_true(strlist_has(&s.words, "y"));
	assert_false(strlist_has(&s.words, "jiffies"));
	assert_false(strlist_has(&s.words, "not_this"));
	assert_false(strlist_has(&s.words, "nor_this"));
	script_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_are_operands_and_labels),
		cmocka_unit_test(blocks_end_where_the_section_is_left),
		cmocka_unit_test(what_another_module_defines_is_left_out),
		cmocka_unit_test(unbalanced_text_does_no_harm),
		cmocka_unit_test(tables_have_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
