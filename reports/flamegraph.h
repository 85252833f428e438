/* SPDX-License-Identifier: MIT */
/*
 * flamegraph.h - a flame graph of folded stacks: as JSON for a page to draw, and as an SVG
 *
 * Differences are of shares, as `difffolded.pl -n` compares: what went before is scaled to the
 * total of now, so that two profiles of different length can be compared.
 */
#ifndef REPORTS_FLAMEGRAPH_H
#define REPORTS_FLAMEGRAPH_H

#include <jansson.h>
#include <stdbool.h>

#include "folded.h"

/* Nodes that flamegraph_json() keeps if it is not told: some 300 KB. */
enum { FLAMEGRAPH_JSON_NODES = 10000 };

/* Names longer than this many bytes are cut, with "..." behind. */
enum { FLAMEGRAPH_NAME_MAX = 500 };

/*
 * The tree of frames; a new reference. `before` may be NULL: no comparison. At most `max_nodes`
 * nodes (0: FLAMEGRAPH_JSON_NODES); those with the smallest shares go first, and with `before`
 * a node's share is the larger one of the two, so that what vanished is there, too, and one
 * tree serves both directions.
 *
 *   { "schema": 1,
 *     "total": 9081,			the sum of `now`'s counts
 *     "before_total": 8100,		null without `before`
 *     "names": ["all", "nginx", "main", "tcp_sendmsg", ...],
 *     "kinds": "oaak...",		a letter a name: k kernel, l C library, a app, o other
 *     "root": [0, 9081, 8100, [[1, 9000, 8100, [...]], ...]],
 *     "pruned": {"nodes": 12, "count": 7, "before_count": 3},
 *     "cut_stacks": 0 }		stacks deeper than FRAMETREE_DEPTH_MAX
 *
 * A node is [index of names, count, count before, children]; the counts include the children's,
 * and the children are left out if there are none. The count before is 0 without `before`.
 * Children are in the order of their names' bytes. "pruned": how many nodes were left out, and the
 * counts of the topmost of them, which their parents still include. Names have no "_[k]" any
 * more, and only UTF-8. To compare, divide each count by its own total.
 */
json_t *flamegraph_json(const struct folded *now, const struct folded *before, size_t max_nodes);

struct flamegraph {
	const char *title;	 /* NULL: the name, or "Flame graph" before both names */
	const char *unit;	 /* "instructions" or "samples" */
	const char *name;	 /* of `now` */
	const char *before_name; /* of `before` */
	bool negate;		 /* red and blue are swapped: `now` is the older one */
};

/* An SVG that needs nothing besides; the caller frees. The same input gives the same bytes. */
char *flamegraph_svg(const struct folded *now, const struct folded *before,
		     const struct flamegraph *f);

/*
 * A name as it is shown: valid UTF-8 without control characters, no "_[k]", at most
 * `max_bytes` bytes and "..." behind if that cut it. The caller frees.
 */
char *flamegraph_name(const char *name, size_t max_bytes);

#endif
