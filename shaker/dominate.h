/* SPDX-License-Identifier: MIT */
/*
 * dominate.h - what would go if one thing went
 *
 * A node dominates another if every path from a root to that goes through it. What
 * a node retains is its own size and that of everything it dominates: the same
 * measure as in heap profilers.
 */
#ifndef SHAKER_DOMINATE_H
#define SHAKER_DOMINATE_H

#include <stddef.h>
#include <stdint.h>

/* A graph in compressed rows: node i's successors are to[first[i]] .. to[first[i + 1] - 1]. */
struct rows {
	size_t n;
	const unsigned *first, *to;
};

enum { DOMINATE_ROOT = -1, DOMINATE_UNREACHED = -2 };

/*
 * The immediate dominator of each node, DOMINATE_ROOT if only the roots together
 * dominate it, DOMINATE_UNREACHED if none reaches it. The caller frees the array.
 * After Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm (2001).
 */
long *dominators(const struct rows *g, const unsigned *roots, size_t root_count);

/*
 * Sum of `bytes` over what each node dominates, itself included. The caller frees it.
 */
uint64_t *retained_sizes(const struct rows *g, const long *dominators, const uint64_t *bytes);

#endif
