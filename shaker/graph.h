/* SPDX-License-Identifier: MIT */
/*
 * graph.h - what refers to what in a joined kernel
 *
 * A node is anything that can be kept or dropped by itself. An edge says that
 * one needs another; one that belongs to something cut off (cut.h) carries the cut.
 */
#ifndef SHAKER_GRAPH_H
#define SHAKER_GRAPH_H

#include <llvm-c/Types.h>
#include <stdbool.h>
#include <stddef.h>

#include "cut.h"
#include "inputs.h"

enum node_kind {
	NODE_FUNCTION,
	NODE_VARIABLE,
	NODE_ALIAS,
	NODE_ASSEMBLY, /* a block of module-level assembly */
	NODE_OBJECT,   /* a native object */
	NODE_TABLE,    /* a table of the linker script */
	NODE_EXTERNAL, /* a name that only the linker script or nobody defines */
};

struct edge {
	unsigned to;
	unsigned cut; /* 0, or the number of the cut it belongs to */
	bool by_name; /* through text: the name and the calling convention must stay */
};

struct node {
	enum node_kind kind;
	char *name;
	char *section;	    /* "" if none is named */
	LLVMValueRef value; /* of a function, variable, alias or external */
	const struct assembly_block *block;
	const struct native *native;
	struct edge *edges;
	size_t edge_count;
};

struct graph {
	struct node *nodes;
	size_t n;
	struct name *names; /* hash tables; use graph_find() */
	struct value *values;
};

enum { GRAPH_NONE = -1 };

/* `in` and `cuts` must outlive the graph. */
void graph_build(struct graph *g, const struct inputs *in, const struct cuts *cuts);

/* The node that defines `name` (or is it), or GRAPH_NONE. */
long graph_find(const struct graph *g, const char *name);

/* The node of a module's global, or GRAPH_NONE. */
long graph_of_value(const struct graph *g, LLVMValueRef value);

void graph_release(struct graph *g);

#endif
