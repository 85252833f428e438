/* SPDX-License-Identifier: MIT */
#include "graph.h"

#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "../pipeline/lib/util.h"

struct name {
	const char *text;
	unsigned node;
	UT_hash_handle hh;
};

struct value {
	LLVMValueRef value;
	unsigned node;
	UT_hash_handle hh;
};

/* While the edges of one node are collected. */
struct builder {
	struct graph *g;
	const struct inputs *in;
	const struct cuts *cuts;
	unsigned from;
	unsigned cut; /* of the instruction that is looked at */
};

long graph_find(const struct graph *g, const char *name)
{
	struct name *found;

	HASH_FIND_STR(g->names, name, found);
	return found ? (long)found->node : GRAPH_NONE;
}

long graph_of_value(const struct graph *g, LLVMValueRef value)
{
	struct value *found;

	HASH_FIND_PTR(g->values, &value, found);
	return found ? (long)found->node : GRAPH_NONE;
}

/* Name and section are copied: the module's own strings go with what is swept. */
static unsigned add_node(struct graph *g, enum node_kind kind, const char *name,
			 const char *section)
{
	if (!(g->n & (g->n - 1)))
		g->nodes = xrealloc(g->nodes, (g->n ? 2 * g->n : 1) * sizeof(*g->nodes));
	g->nodes[g->n] =
		(struct node){ .kind = kind, .name = xstrdup(name), .section = xstrdup(section) };
	return (unsigned)g->n++;
}

/* `definition` takes the name over from a node that only declared it. */
static void add_name(struct graph *g, const char *text, unsigned node, bool definition)
{
	struct name *name;

	if (!*text)
		return;
	HASH_FIND_STR(g->names, text, name);
	if (name) {
		if (definition)
			name->node = node;
		return;
	}
	name = xcalloc(1, sizeof(*name));
	name->text = text;
	name->node = node;
	HASH_ADD_KEYPTR(hh, g->names, name->text, strlen(name->text), name);
}

/* Each global is a node; what has no definition here may get one elsewhere. */
static void add_global(struct graph *g, LLVMValueRef value, enum node_kind kind)
{
	const char *section = kind == NODE_ALIAS ? NULL : LLVMGetSection(value);
	struct value *entry = xcalloc(1, sizeof(*entry));
	size_t length;

	entry->value = value;
	entry->node = add_node(g, LLVMIsDeclaration(value) ? NODE_EXTERNAL : kind,
			       LLVMGetValueName2(value, &length), section ? section : "");
	g->nodes[entry->node].value = value;
	HASH_ADD_PTR(g->values, value, entry);
	add_name(g, g->nodes[entry->node].name, entry->node, false);
}

static void add_globals(struct graph *g, LLVMModuleRef m)
{
	for (LLVMValueRef v = LLVMGetFirstFunction(m); v; v = LLVMGetNextFunction(v))
		add_global(g, v, NODE_FUNCTION);
	for (LLVMValueRef v = LLVMGetFirstGlobal(m); v; v = LLVMGetNextGlobal(v))
		add_global(g, v, NODE_VARIABLE);
	for (LLVMValueRef v = LLVMGetFirstGlobalAlias(m); v; v = LLVMGetNextGlobalAlias(v))
		add_global(g, v, NODE_ALIAS);
}

static void add_edge(struct builder *b, long to, bool by_name)
{
	struct node *from = &b->g->nodes[b->from];

	if (to < 0 || (unsigned)to == b->from)
		return;
	for (size_t i = from->edge_count; i-- > 0 && i + 16 > from->edge_count;)
		if (from->edges[i].to == (unsigned)to && from->edges[i].cut == b->cut &&
		    from->edges[i].by_name >= by_name)
			return;
	if (!(from->edge_count & (from->edge_count - 1)))
		from->edges = xrealloc(from->edges, (from->edge_count ? 2 * from->edge_count : 1) *
							    sizeof(*from->edges));
	from->edges[from->edge_count++] = (struct edge){ (unsigned)to, b->cut, by_name };
}

/* A definition in text or in an object is where a declared global leads to. */
static void define_name(struct builder *b, const char *name, unsigned node)
{
	long declared = graph_find(b->g, name);

	if (declared >= 0 && b->g->nodes[declared].kind == NODE_EXTERNAL) {
		b->from = (unsigned)declared;
		add_edge(b, node, true);
	}
	add_name(b->g, name, node, declared < 0);
}

static void add_words(struct builder *b, const struct strlist *words)
{
	for (size_t i = 0; i < words->n; i++)
		add_edge(b, graph_find(b->g, words->v[i]), true);
}

static void add_assembly_text(struct builder *b, const char *text, size_t bytes)
{
	struct strlist defined = STRLIST_INIT, words = STRLIST_INIT;

	assembly_symbols(text, bytes, &defined, &words);
	add_words(b, &words);
	strlist_release(&defined);
	strlist_release(&words);
}

/* Everything that a value names: a global itself, or the operands of a constant. */
static void add_operand(struct builder *b, LLVMValueRef value)
{
	size_t length;

	switch (LLVMGetValueKind(value)) {
	case LLVMFunctionValueKind:
	case LLVMGlobalVariableValueKind:
	case LLVMGlobalAliasValueKind:
	case LLVMGlobalIFuncValueKind: add_edge(b, graph_of_value(b->g, value), false); return;
	case LLVMInlineAsmValueKind: {
		const char *text = LLVMGetInlineAsmAsmString(value, &length);

		add_assembly_text(b, text, length);
		return;
	}
	case LLVMBlockAddressValueKind: add_operand(b, LLVMGetBlockAddressFunction(value)); return;
	case LLVMConstantExprValueKind:
	case LLVMConstantArrayValueKind:
	case LLVMConstantStructValueKind:
	case LLVMConstantVectorValueKind:
		for (int i = 0; i < LLVMGetNumOperands(value); i++)
			add_operand(b, LLVMGetOperand(value, (unsigned)i));
		return;
	default: return;
	}
}

static void add_function_edges(struct builder *b, LLVMValueRef function)
{
	unsigned stub = cuts_of(b->cuts, function);

	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block)) {
		for (LLVMValueRef i = LLVMGetFirstInstruction(block); i;
		     i = LLVMGetNextInstruction(i)) {
			b->cut = stub ? stub : cuts_of(b->cuts, i);
			for (int o = 0; o < LLVMGetNumOperands(i); o++)
				add_operand(b, LLVMGetOperand(i, (unsigned)o));
		}
	}
	b->cut = 0;
	if (LLVMHasPrefixData(function))
		add_operand(b, LLVMGetPrefixData(function));
}

static void add_global_edges(struct builder *b, const struct node *node)
{
	LLVMValueRef initializer;

	switch (node->kind) {
	case NODE_FUNCTION: add_function_edges(b, node->value); return;
	case NODE_ALIAS: add_operand(b, LLVMAliasGetAliasee(node->value)); return;
	case NODE_VARIABLE:
		initializer = LLVMGetInitializer(node->value);
		b->cut = cuts_of(b->cuts, node->value);
		if (initializer)
			add_operand(b, initializer);
		b->cut = 0;
		return;
	default: return;
	}
}

static unsigned table_node(struct builder *b, const struct script_table *t)
{
	long found = graph_find(b->g, t->section);
	unsigned table;

	if (found >= 0)
		return (unsigned)found;
	table = add_node(b->g, NODE_TABLE, t->section, t->section);
	add_name(b->g, t->section, table, true);
	for (size_t i = 0; i < 2; i++) {
		const char *bound = i ? t->end : t->start;
		long symbol = bound ? graph_find(b->g, bound) : GRAPH_NONE;

		if (symbol >= 0) {
			b->from = (unsigned)symbol;
			add_edge(b, table, false);
		}
	}
	return table;
}

/* Whoever walks the table of `section` reaches the entry. */
static void add_to_table(struct builder *b, const char *section, unsigned entry, unsigned cut)
{
	const struct script_table *t = script_find(&b->in->script, section);

	if (!t)
		return;
	b->from = table_node(b, t);
	b->cut = cut;
	add_edge(b, entry, true);
	b->cut = 0;
}

/* Entries are what the source marks as used though nothing names it. */
static void add_used(struct builder *b, const char *list)
{
	LLVMValueRef used = LLVMGetNamedGlobal(b->in->module, list), values;

	if (!used)
		return;
	values = LLVMGetInitializer(used);
	for (int i = 0; i < LLVMGetNumOperands(values); i++) {
		LLVMValueRef entry = LLVMGetOperand(values, (unsigned)i);
		long node = graph_of_value(b->g, entry);

		if (node >= 0 && b->g->nodes[node].kind == NODE_VARIABLE)
			add_to_table(b, b->g->nodes[node].section, (unsigned)node,
				     cuts_of(b->cuts, entry));
	}
}

static void define_natives(struct builder *b)
{
	for (size_t i = 0; i < b->in->native_count; i++) {
		const struct native *native = &b->in->natives[i];
		unsigned node = add_node(b->g, NODE_OBJECT, native->path, "");

		b->g->nodes[node].native = native;
		for (size_t d = 0; d < native->defined.n; d++)
			define_name(b, native->defined.v[d], node);
	}
}

static void define_blocks(struct builder *b)
{
	for (size_t i = 0; i < b->in->assembly.n; i++) {
		const struct assembly_block *block = &b->in->assembly.v[i];
		const char *name = block->defined.n ? block->defined.v[0] : "";
		unsigned node = add_node(b->g, NODE_ASSEMBLY, name, block->section);

		b->g->nodes[node].block = block;
		for (size_t d = 0; d < block->defined.n; d++)
			define_name(b, block->defined.v[d], node);
	}
}

/* objtool finds the key of a static call by the name of its trampoline. */
static void add_static_call_key(struct builder *b, const struct assembly_block *block)
{
	static const char prefix[] = "__SCT__";

	for (size_t i = 0; i < block->defined.n; i++) {
		char *key;

		if (strncmp(block->defined.v[i], prefix, strlen(prefix)))
			continue;
		key = xasprintf("__SCK__%s", block->defined.v[i] + strlen(prefix));
		add_edge(b, graph_find(b->g, key), true);
		free(key);
	}
}

static void add_node_edges(struct builder *b, unsigned from)
{
	struct node node = b->g->nodes[from];

	b->from = from;
	if (node.kind == NODE_OBJECT) {
		add_words(b, &node.native->undefined);
	} else if (node.kind == NODE_ASSEMBLY) {
		add_words(b, &node.block->words);
		add_static_call_key(b, node.block);
		add_to_table(b, node.section, from, cuts_of(b->cuts, node.block));
	} else {
		add_global_edges(b, &node);
	}
}

void graph_build(struct graph *g, const struct inputs *in, const struct cuts *cuts)
{
	struct builder b = { .g = g, .in = in, .cuts = cuts };
	size_t n;

	*g = (struct graph){ 0 };
	add_globals(g, in->module);
	define_natives(&b);
	define_blocks(&b);
	n = g->n; /* tables are added behind */
	for (size_t i = 0; i < n; i++)
		add_node_edges(&b, (unsigned)i);
	add_used(&b, "llvm.used");
	add_used(&b, "llvm.compiler.used");
}

void graph_release(struct graph *g)
{
	struct name *name, *next_name;
	struct value *value, *next_value;

	HASH_ITER(hh, g->names, name, next_name)
	{
		HASH_DEL(g->names, name);
		free(name);
	}
	HASH_ITER(hh, g->values, value, next_value)
	{
		HASH_DEL(g->values, value);
		free(value);
	}
	for (size_t i = 0; i < g->n; i++) {
		free(g->nodes[i].edges);
		free(g->nodes[i].name);
		free(g->nodes[i].section);
	}
	free(g->nodes);
	*g = (struct graph){ 0 };
}
