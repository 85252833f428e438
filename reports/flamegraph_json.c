/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "flamegraph.h"
#include "frametree.h"
#include "pipeline/lib/util.h"

/* Where they are in a node's array. */
enum { CHILDREN = 3 };

/* Number the names of the nodes that are kept, in the order of the nodes. */
static uint32_t *number_names(const struct frametree *t, json_t *names, char *kinds)
{
	static const char letters[] = {
		[FRAME_KERNEL] = 'k', [FRAME_LIBC] = 'l', [FRAME_APP] = 'a', [FRAME_OTHER] = 'o'
	};
	uint32_t *numbers = xmalloc(t->name_count * sizeof(*numbers)), used = 0;

	memset(numbers, 0xff, t->name_count * sizeof(*numbers));
	for (size_t i = 0; i < t->n; i++) {
		uint32_t name = t->v[i].name;
		char *shown;

		if (!t->v[i].kept || numbers[name] != FRAMETREE_NONE)
			continue;
		shown = flamegraph_name(t->names[name], FLAMEGRAPH_NAME_MAX);
		json_array_append_new(names, json_string(shown));
		free(shown);
		kinds[used] = i ? letters[frame_kind(t->names[name])] : 'o';
		numbers[name] = used++;
	}
	kinds[used] = '\0';
	return numbers;
}

/* A parent has a smaller index than its children, so its array is there before theirs. */
static json_t *nested(const struct frametree *t, const uint32_t *numbers)
{
	json_t **nodes = xcalloc(t->n, sizeof(*nodes)), *root;

	for (size_t i = 0; i < t->n; i++) {
		const struct frametree_node *node = &t->v[i];
		json_t *parent;

		if (!node->kept)
			continue;
		nodes[i] = json_pack("[I, I, I]", (json_int_t)numbers[node->name],
				     (json_int_t)node->count, (json_int_t)node->before);
		if (!i)
			continue;
		parent = nodes[node->parent];
		if (json_array_size(parent) == CHILDREN)
			json_array_append_new(parent, json_array());
		json_array_append_new(json_array_get(parent, CHILDREN), nodes[i]);
	}
	root = nodes[0];
	free(nodes);
	return root;
}

static json_t *pruned(const struct frametree *t, size_t nodes)
{
	uint64_t count = 0, before = 0;

	for (size_t i = 1; i < t->n; i++)
		if (!t->v[i].kept && t->v[t->v[i].parent].kept) {
			count += t->v[i].count;
			before += t->v[i].before;
		}
	return json_pack("{s:I, s:I, s:I}", "nodes", (json_int_t)nodes, "count", (json_int_t)count,
			 "before_count", (json_int_t)before);
}

json_t *flamegraph_json(const struct folded *now, const struct folded *before, size_t max_nodes)
{
	json_t *names = json_array(), *json;
	struct frametree t;
	uint32_t *numbers;
	size_t dropped;
	char *kinds;

	frametree_build(&t, now, before);
	dropped = frametree_prune(&t, max_nodes ? max_nodes : FLAMEGRAPH_JSON_NODES);
	kinds = xmalloc(t.name_count + 1);
	numbers = number_names(&t, names, kinds);
	json = json_pack("{s:i, s:I, s:o, s:o, s:s, s:o, s:o, s:I}", "schema", 1, "total",
			 (json_int_t)t.total, "before_total",
			 before ? json_integer((json_int_t)t.before_total) : json_null(), "names",
			 names, "kinds", kinds, "root", nested(&t, numbers), "pruned",
			 pruned(&t, dropped), "cut_stacks", (json_int_t)t.cut_stacks);
	free(numbers);
	free(kinds);
	frametree_release(&t);
	return json;
}
