/* SPDX-License-Identifier: MIT */
#include "mark.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"

struct queue {
	unsigned *v;
	size_t head, tail;
};

void roots_add(struct roots *r, long node, const char *why)
{
	if (node < 0)
		return;
	r->v = xrealloc(r->v, (r->n + 1) * sizeof(*r->v));
	r->v[r->n++] = (struct root){ (unsigned)node, why };
}

void roots_release(struct roots *r)
{
	free(r->v);
	*r = (struct roots){ 0 };
}

static void note_names(const struct graph *g, struct mark *marks)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t e = 0; marks[i].live && e < g->nodes[i].edge_count; e++)
			if (g->nodes[i].edges[e].by_name && !g->nodes[i].edges[e].cut)
				marks[g->nodes[i].edges[e].to].named = true;
}

static void spread_life(const struct graph *g, struct mark *marks, struct queue *q)
{
	while (q->head < q->tail) {
		unsigned from = q->v[q->head++];

		for (size_t e = 0; e < g->nodes[from].edge_count; e++) {
			struct edge edge = g->nodes[from].edges[e];

			if (edge.cut || marks[edge.to].live)
				continue;
			marks[edge.to].live = true;
			marks[edge.to].parent = (long)from;
			q->v[q->tail++] = edge.to;
		}
	}
}

/* From what is live across cuts into what is not. */
static void spread_loss(const struct graph *g, struct mark *marks, struct queue *q)
{
	bool *seen = xcalloc(g->n, sizeof(*seen));

	q->head = q->tail = 0;
	for (size_t i = 0; i < g->n; i++)
		if ((seen[i] = marks[i].live))
			q->v[q->tail++] = (unsigned)i;
	while (q->head < q->tail) {
		unsigned from = q->v[q->head++];

		for (size_t e = 0; e < g->nodes[from].edge_count; e++) {
			struct edge edge = g->nodes[from].edges[e];

			if (seen[edge.to])
				continue;
			seen[edge.to] = true;
			marks[edge.to].parent = (long)from;
			marks[edge.to].cut = edge.cut ? edge.cut : marks[from].cut;
			q->v[q->tail++] = edge.to;
		}
	}
	free(seen);
}

struct mark *mark(const struct graph *g, const struct roots *roots)
{
	struct mark *marks = xcalloc(g->n, sizeof(*marks));
	struct queue q = { xcalloc(g->n, sizeof(*q.v)), 0, 0 };

	for (size_t i = 0; i < g->n; i++)
		marks[i].parent = marks[i].root = GRAPH_NONE;
	for (size_t i = 0; i < roots->n; i++) {
		struct mark *m = &marks[roots->v[i].node];

		m->named = true;
		if (m->live)
			continue;
		m->live = true;
		m->root = (long)i;
		q.v[q.tail++] = roots->v[i].node;
	}
	spread_life(g, marks, &q);
	note_names(g, marks);
	spread_loss(g, marks, &q);
	free(q.v);
	return marks;
}
