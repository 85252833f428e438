/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../reports/flamegraph.h"
#include "../../reports/frametree.h"

static struct folded stacks(const char *text)
{
	struct folded f = FOLDED_INIT;

	assert_null(folded_parse(&f, text, strlen(text), "x"));
	return f;
}

/* "all 6; a 5; ..." of all nodes that are kept, in order, with depth and both counts. */
static char *picture(const struct frametree *t)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < t->n; i++) {
		const struct frametree_node *node = &t->v[i];
		char *longer;

		if (!node->kept)
			continue;
		longer = xasprintf("%s%u %s %d/%d\n", text, node->depth, t->names[node->name],
				   (int)node->count, (int)node->before);
		free(text);
		text = longer;
	}
	return text;
}

static void one_profile(void **state)
{
	/* "a b" is between "a" and "a;..." by bytes; the tree must not have "a" twice */
	struct folded f = stacks("a;x 1\na b 2\na 3\na;x;y 4\na;c 5\n");
	struct frametree t;

	(void)state;
	frametree_build(&t, &f, NULL);
	assert_string_equal(picture(&t), "0 all 15/0\n1 a 13/0\n2 c 5/0\n2 x 5/0\n3 y 4/0\n"
					 "1 a b 2/0\n");
	assert_int_equal(t.total, 15);
	assert_false(t.has_before);
	frametree_release(&t);
}

static void two_profiles(void **state)
{
	struct folded now = stacks("a;n 5\na;b 1\n"), before = stacks("a;b 2\ngone;b 2\n");
	struct frametree t;

	(void)state;
	frametree_build(&t, &now, &before);
	assert_string_equal(picture(&t), "0 all 6/4\n1 a 6/2\n2 b 1/2\n2 n 5/0\n1 gone 0/2\n"
					 "2 b 0/2\n");
	assert_float_equal(frametree_share(&t, &t.v[3]), 5.0 / 6, 1e-9);
	assert_float_equal(frametree_share_before(&t, &t.v[4]), 0.5, 1e-9);
	frametree_release(&t);
}

static void pruning(void **state)
{
	struct folded now = stacks("a;b;c 50\na;d 30\ne 19\nf;g 1\n"), before = stacks("f;g 1\n");
	struct frametree t;

	(void)state;
	frametree_build(&t, &now, NULL);
	assert_int_equal(frametree_prune(&t, 8), 0);
	assert_int_equal(frametree_prune(&t, 5), 3);
	assert_string_equal(picture(&t), "0 all 100/0\n1 a 80/0\n2 b 50/0\n3 c 50/0\n2 d 30/0\n");
	assert_int_equal(frametree_prune(&t, 0), 7);
	frametree_release(&t);
	/* what was all of the other profile stays */
	frametree_build(&t, &now, &before);
	frametree_prune(&t, 4);
	assert_string_equal(picture(&t), "0 all 100/1\n1 a 80/0\n1 f 1/1\n2 g 1/1\n");
	frametree_release(&t);
}

static void deep(void **state)
{
	size_t depth = 100000;
	char *text = xmalloc(depth * 2 + 3);
	struct folded f = FOLDED_INIT;
	struct frametree t;
	json_t *json;
	char *dumped;

	(void)state;
	for (size_t i = 0; i < depth; i++)
		memcpy(text + 2 * i, "f;", 2);
	text[2 * depth - 1] = '\0';
	xfolded_add(&f, text, 7);
	frametree_build(&t, &f, NULL);
	assert_int_equal(t.n, FRAMETREE_DEPTH_MAX + 1);
	assert_int_equal(t.v[t.n - 1].count, 7);
	assert_int_equal(t.cut_stacks, 1);
	frametree_release(&t);
	json = flamegraph_json(&f, NULL, 0);
	dumped = json_dumps(json, JSON_COMPACT);
	/* what is written can be read again: parsers have limits */
	assert_non_null(json_loads(dumped, 0, NULL));
}

static void kinds(void **state)
{
	(void)state;
	assert_int_equal(frame_kind("tcp_sendmsg_[k]"), FRAME_KERNEL);
	assert_int_equal(frame_kind("memcpy_[k]"), FRAME_KERNEL);
	assert_int_equal(frame_kind("[kernel]"), FRAME_KERNEL);
	assert_int_equal(frame_kind("[unknown]"), FRAME_OTHER);
	assert_int_equal(frame_kind("abort"), FRAME_LIBC);
	assert_int_equal(frame_kind("memcpy"), FRAME_LIBC);
	assert_int_equal(frame_kind("__syscall_cp_asm"), FRAME_LIBC);
	assert_int_equal(frame_kind("__memmove_avx_unaligned_erms"), FRAME_LIBC);
	assert_int_equal(frame_kind("year_to_secs"), FRAME_LIBC);
	assert_int_equal(frame_kind("memory_pool"), FRAME_APP);
	assert_int_equal(frame_kind("read_config"), FRAME_APP);
	assert_int_equal(frame_kind("nginx"), FRAME_APP);
	assert_int_equal(frame_kind(""), FRAME_APP);
}

static void names(void **state)
{
	static const char *const pairs[][2] = {
		{ "tcp_ack_[k]", "tcp_ack" },
		{ "f_[x]", "f_[x]" },
		{ "_[k]", "_[k]" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "\xc3(", "?(" },
		{ "a\x01\x7f", "a??" },
		{ "\xed\xa0\x80", "???" },
		{ "\xef\xbf\xbf", "???" },
		{ "\xf0\x9f\x94\xa5", "\xf0\x9f\x94\xa5" },
		{ "1234567890", "1234567890" },
		{ "12345678901", "1234567890..." },
		{ "123456789\xc3\xa4", "123456789..." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		char *shown = flamegraph_name(pairs[i][0], 10);

		assert_string_equal(shown, pairs[i][1]);
		free(shown);
	}
}

static void json(void **state)
{
	struct folded now = stacks("a;m_[k] 5\na;malloc 1\n"), before = stacks("a;malloc 2\nz 1\n");
	char *text = json_dumps(flamegraph_json(&now, &before, 0), JSON_COMPACT);

	(void)state;
	assert_string_equal(
		text, "{\"schema\":1,\"total\":6,\"before_total\":3,"
		      "\"names\":[\"all\",\"a\",\"m\",\"malloc\",\"z\"],\"kinds\":\"oakla\","
		      "\"root\":[0,6,3,[[1,6,2,[[2,5,0],[3,1,2]]],[4,0,1]]],"
		      "\"pruned\":{\"nodes\":0,\"count\":0,\"before_count\":0},\"cut_stacks\":0}");
	text = json_dumps(flamegraph_json(&now, NULL, 2), JSON_COMPACT);
	assert_string_equal(
		text, "{\"schema\":1,\"total\":6,\"before_total\":null,"
		      "\"names\":[\"all\",\"a\"],\"kinds\":\"oa\",\"root\":[0,6,0,[[1,6,0]]],"
		      "\"pruned\":{\"nodes\":2,\"count\":6,\"before_count\":0},\"cut_stacks\":0}");
}

UNIT_MAIN(cmocka_unit_test(one_profile), cmocka_unit_test(two_profiles), cmocka_unit_test(pruning),
	  cmocka_unit_test(deep), cmocka_unit_test(kinds), cmocka_unit_test(names),
	  cmocka_unit_test(json))
