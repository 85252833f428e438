/* SPDX-License-Identifier: MIT */
#include "dominate.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"

/* Node 0 is a common root in front of all; node i + 1 is the caller's node i. */
struct walk {
	size_t n;
	unsigned *order;  /* nodes, in postorder */
	unsigned *number; /* of each node in it; UINT32_MAX: not reached */
	size_t reached;
	unsigned *first, *from; /* predecessors in rows */
	unsigned *dominator;
};

static size_t successors(const struct rows *g, const unsigned *roots, size_t root_count,
			 unsigned node)
{
	(void)roots;
	return node ? g->first[node] - g->first[node - 1] : root_count;
}

static unsigned successor(const struct rows *g, const unsigned *roots, unsigned node, size_t i)
{
	return 1 + (node ? g->to[g->first[node - 1] + i] : roots[i]);
}

/* Depth first without recursion: chains in a kernel are long. */
static void number_nodes(struct walk *w, const struct rows *g, const unsigned *roots,
			 size_t root_count)
{
	struct {
		unsigned node;
		size_t next;
	} *stack = xcalloc(w->n + 1, sizeof(*stack));
	unsigned char *seen = xcalloc(w->n, 1);
	size_t depth = 1;

	seen[0] = 1;
	while (depth) {
		unsigned node = stack[depth - 1].node, to;

		if (stack[depth - 1].next == successors(g, roots, root_count, node)) {
			w->number[node] = (unsigned)w->reached;
			w->order[w->reached++] = node;
			depth--;
			continue;
		}
		to = successor(g, roots, node, stack[depth - 1].next++);
		if (!seen[to]) {
			seen[to] = 1;
			stack[depth].node = to;
			stack[depth++].next = 0;
		}
	}
	free(stack);
	free(seen);
}

static void collect_predecessors(struct walk *w, const struct rows *g, const unsigned *roots,
				 size_t root_count)
{
	unsigned *fill;

	w->first = xcalloc(w->n + 1, sizeof(*w->first));
	for (int pass = 0; pass < 2; pass++) {
		fill = pass ? xcalloc(w->n, sizeof(*fill)) : NULL;
		for (size_t k = 0; k < w->reached; k++) {
			unsigned node = w->order[k];

			for (size_t i = 0; i < successors(g, roots, root_count, node); i++) {
				unsigned to = successor(g, roots, node, i);

				if (pass)
					w->from[w->first[to] + fill[to]++] = node;
				else
					w->first[to + 1]++;
			}
		}
		for (size_t i = 0; !pass && i < w->n; i++)
			w->first[i + 1] += w->first[i];
		if (!pass)
			w->from = xcalloc(w->first[w->n] + 1, sizeof(*w->from));
		free(fill);
	}
}

static unsigned intersect(const struct walk *w, unsigned a, unsigned b)
{
	while (a != b) {
		while (w->number[a] < w->number[b])
			a = w->dominator[a];
		while (w->number[b] < w->number[a])
			b = w->dominator[b];
	}
	return a;
}

static void iterate(struct walk *w)
{
	const unsigned none = UINT32_MAX;
	int changed = 1;

	for (size_t i = 0; i < w->n; i++)
		w->dominator[i] = none;
	w->dominator[0] = 0;
	while (changed) {
		changed = 0;
		for (size_t k = w->reached - 1; k-- > 0;) { /* reverse postorder, root left out */
			unsigned node = w->order[k], new = none;

			for (unsigned p = w->first[node]; p < w->first[node + 1]; p++)
				if (w->dominator[w->from[p]] != none)
					new = new == none ? w->from[p]
							  : intersect(w, w->from[p], new);
			if (w->dominator[node] != new) {
				w->dominator[node] = new;
				changed = 1;
			}
		}
	}
}

long *dominators(const struct rows *g, const unsigned *roots, size_t root_count)
{
	struct walk w = { .n = g->n + 1 };
	long *result = xcalloc(g->n + 1, sizeof(*result));

	w.order = xcalloc(w.n, sizeof(*w.order));
	w.number = xcalloc(w.n, sizeof(*w.number));
	w.dominator = xcalloc(w.n, sizeof(*w.dominator));
	number_nodes(&w, g, roots, root_count);
	collect_predecessors(&w, g, roots, root_count);
	iterate(&w);
	for (size_t i = 0; i < g->n; i++) {
		unsigned d = w.dominator[i + 1];

		result[i] = d == UINT32_MAX ? DOMINATE_UNREACHED : (long)d - 1;
	}
	free(w.order);
	free(w.number);
	free(w.first);
	free(w.from);
	free(w.dominator);
	return result;
}

/* Children before parents: a dominator is never deeper than what it dominates. */
static size_t depth_of(const long *dominators, size_t *depth, size_t node)
{
	size_t steps = 0;
	long at = (long)node;

	for (; at >= 0 && !depth[at]; at = dominators[at])
		steps++;
	steps += at >= 0 ? depth[at] : 0;
	for (at = (long)node; at >= 0 && !depth[at]; at = dominators[at])
		depth[at] = steps--;
	return depth[node];
}

uint64_t *retained_sizes(const struct rows *g, const long *dominators, const uint64_t *bytes)
{
	uint64_t *sizes = xcalloc(g->n + 1, sizeof(*sizes));
	size_t *depth = xcalloc(g->n + 1, sizeof(*depth)), deepest = 0;
	size_t *start, *sorted = xcalloc(g->n + 1, sizeof(*sorted));

	for (size_t i = 0; i < g->n; i++) {
		sizes[i] = dominators[i] == DOMINATE_UNREACHED ? 0 : bytes[i];
		if (dominators[i] != DOMINATE_UNREACHED && depth_of(dominators, depth, i) > deepest)
			deepest = depth[i];
	}
	start = xcalloc(deepest + 2, sizeof(*start));
	for (size_t i = 0; i < g->n; i++)
		start[deepest - depth[i]]++;
	for (size_t d = 0, sum = 0; d <= deepest; d++) {
		size_t count = start[d];

		start[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < g->n; i++)
		sorted[start[deepest - depth[i]]++] = i;
	for (size_t k = 0; k < g->n; k++)
		if (dominators[sorted[k]] >= 0)
			sizes[dominators[sorted[k]]] += sizes[sorted[k]];
	free(depth);
	free(start);
	free(sorted);
	return sizes;
}
