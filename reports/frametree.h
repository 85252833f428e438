/* SPDX-License-Identifier: MIT */
/*
 * frametree.h - folded stacks as a tree of frames, with the counts of two profiles
 *
 * A node is a frame below certain frames; its counts include those of its children. Node 0 is
 * the root, "all", and a parent has a smaller index than its children. Children are in the order
 * of their names' bytes, so that a picture of the same stacks is the same.
 */
#ifndef REPORTS_FRAMETREE_H
#define REPORTS_FRAMETREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "folded.h"

/*
 * Deeper frames count for the one at this depth. perf records 127 frames; jq reads 256 levels of
 * JSON, of which a frame takes two.
 */
enum { FRAMETREE_DEPTH_MAX = 120 };

/* No node; also "no before". */
#define FRAMETREE_NONE UINT32_MAX

enum frame_kind {
	FRAME_KERNEL, /* "name_[k]", "[kernel]" */
	FRAME_LIBC,   /* called as a function of the C library is */
	FRAME_APP,    /* all others */
	FRAME_OTHER,  /* "[unknown]" and the like */
};

struct frametree_node {
	uint64_t count, before;
	uint32_t name; /* index of frametree.names */
	uint32_t parent, first_child, last_child, next;
	uint32_t depth; /* 0: the root */
	bool kept;	/* false: frametree_prune() dropped it */
};

struct frametree {
	struct frametree_node *v;
	size_t n, room;
	char **names; /* names[0] is "all" */
	size_t name_count, name_room;
	uint64_t total, before_total;
	bool has_before;
	size_t cut_stacks; /* that were deeper than FRAMETREE_DEPTH_MAX */
};

/* `before` may be NULL. Both may be unsorted. Frees with frametree_release(). */
void frametree_build(struct frametree *t, const struct folded *now, const struct folded *before);
void frametree_release(struct frametree *t);

/* A node's share of its profile, 0 to 1; 0 if the profile is empty. */
double frametree_share(const struct frametree *t, const struct frametree_node *node);
double frametree_share_before(const struct frametree *t, const struct frametree_node *node);

/*
 * Keep at most `max_nodes` (at least the root): those whose larger share of the two is largest.
 * Returns how many were dropped.
 */
size_t frametree_prune(struct frametree *t, size_t max_nodes);

enum frame_kind frame_kind(const char *name);

/* The name as people read it: "_[k]" and the like cut off; its length in bytes. */
size_t frame_shown_bytes(const char *name);

#endif
