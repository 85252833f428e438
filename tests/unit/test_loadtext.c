/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../profiles/loadtext.h"

static char *parse(struct load_text *t, struct load_variables *v, const char *text)
{
	const char *at = text;

	return load_text_parse(t, v, &at);
}

static void assert_bytes(const char *text, const uint64_t *drawn, const char *expected,
			 size_t bytes)
{
	struct load_variables v = { .n = 0 };
	struct load_bytes to = { 0 };
	struct load_text t;
	char *wrong = parse(&t, &v, text);

	if (wrong)
		fail_msg("%s: %s", text, wrong);
	load_text_render(&t, &v, drawn, &to);
	assert_int_equal(to.bytes, bytes);
	assert_memory_equal(to.data, expected, bytes);
	free(to.data);
	load_text_release(&t);
	load_variables_release(&v);
}

static void bytes(void **state)
{
	(void)state;
	assert_bytes("\"", NULL, "", 0);
	assert_bytes("a\\r\\n\\t\\\\\\\"\\{b}\"", NULL, "a\r\n\t\\\"{b}", 9);
	assert_bytes("\\x00\\xfF\\x7a0\"", NULL, "\0\xffz0", 4);
}

static void keys(void **state)
{
	static const uint64_t none[] = { 0, 0 }, half[] = { 1ULL << 63, UINT64_MAX };

	(void)state;
	assert_bytes("{key 1}\"", none, "0", 1);
	assert_bytes("{key 10}\"", half, "5", 1);
	assert_bytes("{key 11}:{key 11}\"", half, "05:05", 5);
	assert_bytes("{key 1000 a}{key 1000 b}\"", half, "500999", 6);
	assert_bytes("{key 1000000000}\"", none, "000000000", 9);
}

/* The same key, the same value, whatever is drawn for the value itself. */
static void values_follow_from_keys(void **state)
{
	struct load_variables v = { .n = 0 };
	struct load_bytes one = { 0 }, other = { 0 }, third = { 0 };
	const uint64_t drawn[][2] = { { 1ULL << 63, 3 }, { 1ULL << 63, 4 }, { 1ULL << 62, 4 } };
	struct load_text t;

	(void)state;
	assert_null(parse(&t, &v, "{key 100}={value 25}\""));
	assert_int_equal(v.n, 2);
	assert_int_equal(v.v[1].key, 0);
	load_text_render(&t, &v, drawn[0], &one);
	load_text_render(&t, &v, drawn[1], &other);
	load_text_render(&t, &v, drawn[2], &third);
	assert_int_equal(one.bytes, 28);
	assert_string_equal(one.data, other.data);
	assert_string_not_equal(one.data + 3, third.data + 3);
	assert_int_equal(strspn(one.data + 3, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789-_"),
			 25);
	free(one.data);
	free(other.data);
	free(third.data);
	load_text_release(&t);
	load_variables_release(&v);
}

static const struct {
	const char *text, *wrong;
} mistakes[] = {
	{ "abc", "the closing \" is missing" },
	{ "a\\q\"", "after a \\ comes one of n r t \" \\ { or xNN" },
	{ "a\\x1\"", "after a \\ comes one of" },
	{ "a\\", "after a \\ comes one of" },
	{ "{key 10\"", "a } is missing behind '{key 10'" },
	{ "{\"", "a } is missing behind '{'" },
	{ "{}\"", "'{}' is no variable: there are {key N}, {value N}" },
	{ "{keys 5}\"", "'{keys 5}' is no variable" },
	{ "{key x}\"", "'{key x}' is no variable" },
	{ "{key -1}\"", "'{key -1}' is no variable" },
	{ "{key 5 a b}\"", "'{key 5 a b}' is no variable" },
	{ "{key 0}\"", "the number in '{key 0}' is from 1 to 1000000000" },
	{ "{key 9999999999}\"", "the number in '{key 9999999999}' is from 1 to 1000000000" },
	{ "{value 1048577}\"", "is from 1 to 1048576" },
	{ "{key 10}{key 20}\"", "has another number than before on this line" },
	{ "{key 2 a}{key 2 b}{key 2 c}{key 2 d}{key 2 e}{key 2 f}{key 2 g}{key 2 h}{key 2 i}{key 2 j}"
	  "{key 2 k}{key 2 l}{key 2 m}{key 2 n}{key 2 o}{key 2 p}{key 2 q}\"",
	  "an exchange has 16 variables at most" },
};

static void what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct load_variables v = { .n = 0 };
		struct load_text t;
		char *wrong = parse(&t, &v, mistakes[i].text);

		if (!wrong || !strstr(wrong, mistakes[i].wrong))
			fail_msg("%s: %s", mistakes[i].text, wrong ? wrong : "is taken");
		free(wrong);
		load_text_release(&t);
		load_variables_release(&v);
	}
}

UNIT_MAIN(cmocka_unit_test(bytes), cmocka_unit_test(keys),
	  cmocka_unit_test(values_follow_from_keys), cmocka_unit_test(what_is_wrong))
