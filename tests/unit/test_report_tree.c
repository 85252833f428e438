/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../reports/report_tree.h"

static void assert_json(json_t *json, const char *expected)
{
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

static void sizes_add_up_and_the_largest_comes_first(void **state)
{
	struct report_tree *t = report_tree_new("unit");

	(void)state;
	report_tree_add(t, "nginx", "src/core/a.c", "small", 10, 0);
	report_tree_add(t, "nginx", "src/core/a.c", "large", 30, 0);
	report_tree_add(t, "musl", "src/b.c", "only", 50, 2);
	report_tree_add(t, NULL, NULL, "bare", 5, 0);
	assert_int_equal(t->bytes, 95);
	assert_int_equal(t->symbols, 4);
	assert_json(
		report_tree_json(t, 0, 100),
		"[\"unit\",[[\"musl\",[[\"src\",[[\"b.c\",[[\"only\",50,0,2]]]]]]],"
		"[\"nginx\",[[\"src\",[[\"core\",[[\"a.c\",[[\"large\",30],[\"small\",10]]]]]]]]],"
		"[\"bare\",5]]]");
}

static void steps_with_one_step_in_them_become_one(void **state)
{
	struct report_tree *t = report_tree_new("unit");

	(void)state;
	report_tree_add(t, "init", "src/core/a.c", "f", 1, 0);
	report_tree_add(t, "init", "src/core/b.c", "g", 2, 0);
	report_tree_add(t, "init", "src/main.c", "h", 4, 0);
	report_tree_collapse(t);
	/* the only component goes, "src" has two steps and stays */
	assert_json(report_tree_json(t, 0, 100),
		    "[\"unit\",[[\"src\",[[\"main.c\",[[\"h\",4]]],"
		    "[\"core\",[[\"b.c\",[[\"g\",2]]],[\"a.c\",[[\"f\",1]]]]]]]]]");
}

static void a_chain_keeps_its_names(void **state)
{
	struct report_tree *t = report_tree_new("unit");

	(void)state;
	report_tree_add(t, "x", "src/os/unix/a.c", "f", 1, 0);
	report_tree_add(t, "y", "b.c", "g", 2, 0);
	report_tree_collapse(t);
	assert_json(report_tree_json(t, 0, 100),
		    "[\"unit\",[[\"y/b.c\",[[\"g\",2]]],[\"x/src/os/unix/a.c\",[[\"f\",1]]]]]");
}

static void what_is_below_the_threshold_is_one_entry_with_its_number(void **state)
{
	struct report_tree *t = report_tree_new("unit");

	(void)state;
	report_tree_add(t, NULL, "a.c", "f", 100, 0);
	report_tree_add(t, NULL, "a.c", "g", 3, 0);
	report_tree_add(t, NULL, "a.c", "h", 4, 0);
	report_tree_add(t, NULL, "b.c", "i", 2, 0);
	report_tree_add(t, NULL, "b.c", "j", 2, 0);
	/* the root, a.c, f, and a rest in each of the two */
	assert_int_equal(report_tree_arrays(t, 8), 5);
	assert_int_equal(report_tree_arrays(t, 0), 8);
	assert_json(report_tree_json(t, 8, 100),
		    "[\"unit\",[[\"a.c\",[[\"f\",100],[\"\",7,2]]],[\"\",4,2]]]");
}

static void a_symbol_and_a_directory_may_have_one_name(void **state)
{
	struct report_tree *t = report_tree_new("unit");

	(void)state;
	report_tree_add(t, NULL, NULL, "x", 5, 0);
	report_tree_add(t, NULL, "x", "y", 7, 0);
	report_tree_add(t, NULL, NULL, "x", 1, 0);
	report_tree_add(t, NULL, "z/z", "z", 1, 0);
	report_tree_collapse(t);
	assert_json(report_tree_json(t, 0, 100),
		    "[\"unit\",[[\"x\",[[\"y\",7]]],[\"x\",6],[\"z/z\",[[\"z\",1]]]]]");
}

static void deep_paths_end_in_one_step_and_long_names_are_cut(void **state)
{
	struct report_tree *t = report_tree_new("unit");
	char path[40001], *text;
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 ? '/' : 'a';
	path[sizeof(path) - 1] = 0;
	report_tree_add(t, NULL, path, "f", 1, 0);
	json = report_tree_json(t, 0, 50);
	text = json_dumps(json, JSON_COMPACT);
	assert_true(strlen(text) < 300);
	assert_non_null(strstr(text, "[\"f\",1]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_add_up_and_the_largest_comes_first),
		cmocka_unit_test(steps_with_one_step_in_them_become_one),
		cmocka_unit_test(a_chain_keeps_its_names),
		cmocka_unit_test(what_is_below_the_threshold_is_one_entry_with_its_number),
		cmocka_unit_test(a_symbol_and_a_directory_may_have_one_name),
		cmocka_unit_test(deep_paths_end_in_one_step_and_long_names_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
