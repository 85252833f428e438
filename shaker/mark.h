/* SPDX-License-Identifier: MIT */
/*
 * mark.h - what can be reached, from where, and what would be without the cuts
 */
#ifndef SHAKER_MARK_H
#define SHAKER_MARK_H

#include <stdbool.h>
#include <stddef.h>

#include "graph.h"

struct root {
	unsigned node;
	const char *why; /* "the linker script names it" */
};

struct roots {
	struct root *v;
	size_t n;
};

struct mark {
	bool live;
	bool named;   /* reached through text: name and calling convention must stay */
	long parent;  /* the node it was reached from first, or GRAPH_NONE */
	long root;    /* if it is one: index into the roots, or GRAPH_NONE */
	unsigned cut; /* not live: the first cut on the way to it, or 0 if there is no way */
};

void roots_add(struct roots *r, long node, const char *why);
void roots_release(struct roots *r);

/*
 * Returns an array with a mark for each node, which the caller frees. Chains of
 * parents are the shortest there are. What is not live is walked, too, across cuts,
 * so that its parent and cut say what it went with.
 */
struct mark *mark(const struct graph *g, const struct roots *roots);

#endif
