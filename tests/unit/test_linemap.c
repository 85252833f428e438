/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bitcode/fit.h"
#include "../../bitcode/linemap.h"

enum { MOST = 64 };

/* A function of one line a letter; a blank is a line without code. */
static struct body body_of(const char *letters, struct body_line lines[MOST])
{
	struct body body = { .lines = lines };

	for (unsigned i = 0; letters[i]; i++)
		if (letters[i] != ' ')
			lines[body.n++] = (struct body_line){ i + 1, (uint32_t)letters[i] };
	return body;
}

/* Where line `from`, counted from 1, of one is in the other; 0: it is lost. */
static unsigned find(const char *then, const char *now, unsigned from)
{
	struct body_line a[MOST], b[MOST];
	struct body old = body_of(then, a), new = body_of(now, b);
	struct linemap map;
	unsigned to = 0;

	linemap_make(&map, &old, &new);
	if (!linemap_find(&map, from, &to))
		to = 0;
	linemap_release(&map);
	return to;
}

static void test_moved(void **state)
{
	(void)state;
	assert_int_equal(find("abcd", "abcd", 3), 3);
	assert_int_equal(find("abcd", "ab  cd", 2), 2);
	assert_int_equal(find("abcd", "ab  cd", 3), 5);
	assert_int_equal(find("abcd", "xabcd", 1), 2);
	assert_int_equal(find("abcd", "bcd", 1), 0);
	assert_int_equal(find("abcd", "bcd", 4), 3);
}

static void test_changed(void **state)
{
	(void)state;
	/* as many there as here: changed in place */
	assert_int_equal(find("abcd", "axcd", 2), 2);
	assert_int_equal(find("abcd", "axycd", 2), 0);
	assert_int_equal(find("abcd", "axycd", 3), 4);
	/* the longest run of equal lines decides, not the first */
	assert_int_equal(find("abcabd", "abdabcabd", 6), 9);
}

/* A declaration goes with the code before it, and with nothing before it stays. */
static void test_between(void **state)
{
	(void)state;
	assert_int_equal(find("a bc", "xxxa bc", 2), 5);
	assert_int_equal(find("  ab", "   ab", 1), 1);
	assert_int_equal(find("ab", "", 1), 0);
	assert_int_equal(find("", "ab", 1), 1);
}

static void test_similarity(void **state)
{
	struct body_line a[MOST], b[MOST];
	struct body old = body_of("abcd", a), new = body_of("abxy", b);
	struct linemap map;

	(void)state;
	linemap_make(&map, &old, &new);
	assert_true(map.similarity > 0.49 && map.similarity < 0.51);
	assert_true(linemap_has(&map, 4));
	assert_false(linemap_has(&map, 9));
	linemap_release(&map);
}

/* A function of more lines than a table is made for: what is equal at its ends is found. */
static void test_large(void **state)
{
	enum { LINES = 9000 };
	struct body old = { .n = LINES }, new = { .n = LINES };
	struct linemap map;
	unsigned to;

	(void)state;
	old.lines = xcalloc(LINES, sizeof(*old.lines));
	new.lines = xcalloc(LINES, sizeof(*new.lines));
	for (unsigned i = 0; i < LINES; i++) {
		old.lines[i] = (struct body_line){ i, i };
		new.lines[i] =
			(struct body_line){ i + 1, i > 10 && i < LINES - 10 ? i + LINES : i };
	}
	linemap_make(&map, &old, &new);
	assert_true(linemap_find(&map, 5, &to));
	assert_int_equal(to, 6);
	assert_true(linemap_find(&map, LINES - 1, &to));
	assert_int_equal(to, LINES);
	linemap_release(&map);
	free(old.lines);
	free(new.lines);
}

static json_int_t get(const json_t *fit, const char *key)
{
	return json_integer_value(json_object_get(fit, key));
}

static void test_fit(void **state)
{
	struct fit fit = { 0 };
	json_t *json;
	char *sentence;

	(void)state;
	fit_function(&fit, 3, "same", "same"); /* numbers 0 to 2 were only called */
	fit_line(&fit, 3, 60, true, false);
	assert_true(fit_is_whole(&fit));
	fit_function(&fit, 4, "old", "new");
	fit_line(&fit, 4, 20, true, false);
	assert_false(fit_is_whole(&fit));
	fit_function(&fit, 5, "gone", NULL);
	fit_line(&fit, 5, 10, false, false);
	fit_function(&fit, 6, "shifted", "shifted");
	fit_line(&fit, 6, 6, true, true);
	fit_line(&fit, 6, 4, false, false);
	fit_function(&fit, 7, "idle", NULL); /* never ran: nothing is lost with it */
	fit_line(&fit, 7, 0, false, false);
	json = fit_json(&fit, "sources");
	assert_int_equal(get(json, "functions"), 4);
	assert_int_equal(get(json, "matched_functions"), 1);
	assert_int_equal(get(json, "salvaged_functions"), 2);
	assert_int_equal(get(json, "lost_functions"), 1);
	assert_int_equal(get(json, "samples"), 100);
	assert_int_equal(get(json, "matched_samples"), 60);
	assert_int_equal(get(json, "salvaged_samples"), 26);
	assert_int_equal(get(json, "lost_samples"), 14);
	assert_int_equal(json_array_size(json_object_get(json, "renamed")), 1);
	assert_int_equal(json_array_size(json_object_get(json, "lost")), 1);
	assert_true(fit_percent(json) > 85.9 && fit_percent(json) < 86.1);
	sentence = fit_sentence(json);
	assert_string_equal(
		sentence,
		"60.0 % of samples matched, 26.0 % salvaged, 14.0 % lost; functions 1, 2, 1");
	free(sentence);
	json_decref(json);
	fit_release(&fit);
}

static void test_fit_runs_over(void **state)
{
	struct fit fit = { 0 };
	json_t *json;

	(void)state;
	fit_function(&fit, 0, "long", "long");
	fit_line(&fit, 0, UINT64_MAX, true, false);
	fit_line(&fit, 0, UINT64_MAX, true, true);
	fit_line(&fit, 0, UINT64_MAX, false, false);
	json = fit_json(&fit, "same");
	assert_int_equal(get(json, "samples"), INT64_MAX);
	assert_true(get(json, "matched_samples") >= 0);
	json_decref(json);
	fit_release(&fit);
	json = fit_json(&fit, "same");
	assert_true(fit_percent(json) > 99.9); /* nothing counted that could not fit */
	json_decref(json);
}

UNIT_MAIN(cmocka_unit_test(test_moved), cmocka_unit_test(test_changed),
	  cmocka_unit_test(test_between), cmocka_unit_test(test_similarity),
	  cmocka_unit_test(test_large), cmocka_unit_test(test_fit),
	  cmocka_unit_test(test_fit_runs_over))
