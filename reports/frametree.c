/* SPDX-License-Identifier: MIT */
#include "frametree.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "pipeline/lib/util.h"

/* A stack of either profile. */
struct merged {
	const char *frames;
	uint64_t count, before;
};

struct name_entry {
	UT_hash_handle hh;
	uint32_t index;
};

/* By frames, not by bytes of the text: "a;b" stands with "a", before "a b". */
static int by_frame(const void *one, const void *other)
{
	const unsigned char *a = (const unsigned char *)((const struct merged *)one)->frames;
	const unsigned char *b = (const unsigned char *)((const struct merged *)other)->frames;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	/* the end, then the end of a frame, then bytes */
	return (!*a ? 0 : *a == ';' ? 1 : *a + 2) - (!*b ? 0 : *b == ';' ? 1 : *b + 2);
}

static uint32_t intern(struct frametree *t, struct name_entry **known, const char *name,
		       size_t bytes)
{
	struct name_entry *entry;

	HASH_FIND(hh, *known, name, bytes, entry);
	if (entry)
		return entry->index;
	if (t->name_count == t->name_room) {
		t->name_room = t->name_room ? t->name_room * 2 : 256;
		t->names = xrealloc(t->names, t->name_room * sizeof(*t->names));
	}
	entry = xcalloc(1, sizeof(*entry));
	entry->index = (uint32_t)t->name_count;
	t->names[t->name_count] = xstrndup(name, bytes);
	HASH_ADD_KEYPTR(hh, *known, t->names[t->name_count], bytes, entry);
	t->name_count++;
	return entry->index;
}

static uint32_t new_node(struct frametree *t, uint32_t parent, uint32_t name)
{
	uint32_t index = (uint32_t)t->n;

	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 1024;
		t->v = xrealloc(t->v, t->room * sizeof(*t->v));
	}
	t->v[t->n++] = (struct frametree_node){ .name = name,
						.parent = parent,
						.first_child = FRAMETREE_NONE,
						.last_child = FRAMETREE_NONE,
						.next = FRAMETREE_NONE,
						.kept = true };
	if (parent == FRAMETREE_NONE)
		return index;
	t->v[index].depth = t->v[parent].depth + 1;
	if (t->v[parent].first_child == FRAMETREE_NONE)
		t->v[parent].first_child = index;
	else
		t->v[t->v[parent].last_child].next = index;
	t->v[parent].last_child = index;
	return index;
}

static void count(struct frametree_node *node, const struct merged *m)
{
	node->count += m->count;
	node->before += m->before;
}

/* Stacks come sorted: a frame that is there already is its parent's last child. */
static void add_stack(struct frametree *t, struct name_entry **known, const struct merged *m)
{
	const char *at = m->frames;
	uint32_t node = 0;

	count(&t->v[0], m);
	while (*at) {
		size_t bytes = strcspn(at, ";");
		uint32_t child = t->v[node].last_child, name;

		if (t->v[node].depth == FRAMETREE_DEPTH_MAX) {
			t->cut_stacks++;
			return;
		}
		name = intern(t, known, at, bytes);
		if (child == FRAMETREE_NONE || t->v[child].name != name)
			child = new_node(t, node, name);
		count(&t->v[child], m);
		node = child;
		at += bytes + (at[bytes] == ';');
	}
}

void frametree_build(struct frametree *t, const struct folded *now, const struct folded *before)
{
	size_t n = now->n + (before ? before->n : 0);
	struct merged *all = xcalloc(n + 1, sizeof(*all));
	struct name_entry *known = NULL, *entry, *next;

	*t = (struct frametree){ .total = now->total,
				 .before_total = before ? before->total : 0,
				 .has_before = before != NULL };
	for (size_t i = 0; i < now->n; i++)
		all[i] = (struct merged){ now->v[i].frames, now->v[i].count, 0 };
	for (size_t i = now->n; i < n; i++)
		all[i] = (struct merged){ before->v[i - now->n].frames, 0,
					  before->v[i - now->n].count };
	qsort(all, n, sizeof(*all), by_frame);
	new_node(t, FRAMETREE_NONE, intern(t, &known, "all", 3));
	for (size_t i = 0; i < n; i++)
		add_stack(t, &known, &all[i]);
	HASH_ITER(hh, known, entry, next)
	{
		HASH_DEL(known, entry);
		free(entry);
	}
	free(all);
}

void frametree_release(struct frametree *t)
{
	for (size_t i = 0; i < t->name_count; i++)
		free(t->names[i]);
	free(t->names);
	free(t->v);
	*t = (struct frametree){ 0 };
}

double frametree_share(const struct frametree *t, const struct frametree_node *node)
{
	return t->total ? (double)node->count / (double)t->total : 0;
}

double frametree_share_before(const struct frametree *t, const struct frametree_node *node)
{
	return t->before_total ? (double)node->before / (double)t->before_total : 0;
}

struct weighed {
	double weight;
	uint32_t index;
};

/* Heaviest first; of equals the one with the smaller index, so parents before children. */
static int by_weight(const void *one, const void *other)
{
	const struct weighed *a = one, *b = other;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	return a->index < b->index ? -1 : 1;
}

size_t frametree_prune(struct frametree *t, size_t max_nodes)
{
	struct weighed *all;

	if (!max_nodes)
		max_nodes = 1;
	if (t->n <= max_nodes)
		return 0;
	all = xcalloc(t->n, sizeof(*all));
	for (size_t i = 0; i < t->n; i++) {
		double now = frametree_share(t, &t->v[i]);
		double before = frametree_share_before(t, &t->v[i]);

		all[i] = (struct weighed){ now > before ? now : before, (uint32_t)i };
	}
	/* nobody weighs less than its children */
	qsort(all, t->n, sizeof(*all), by_weight);
	for (size_t i = max_nodes; i < t->n; i++)
		t->v[all[i].index].kept = false;
	free(all);
	return t->n - max_nodes;
}
