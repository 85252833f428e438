/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "passes.h"

/* A global with a definition; not a list of LLVM's own, such as llvm.used. */
static bool is_global(const struct node *n)
{
	return n->value && n->kind != NODE_EXTERNAL && strncmp(n->name, "llvm.", 5);
}

/* Notes for objtool about a function: ".discard.func_stack_frame_non_standard". */
static bool is_annotation(const struct node *n)
{
	return n->kind == NODE_VARIABLE && !strncmp(n->section, ".discard.", 9) &&
	       strcmp(n->section, ".discard.addressable");
}

/* An annotation stays if all it speaks of does. */
static bool all_live(const struct node *n, const struct mark *marks)
{
	for (size_t i = 0; i < n->edge_count; i++)
		if (!marks[n->edges[i].to].live)
			return false;
	return true;
}

/* Entries of tables have no other reference: without this list LLVM would drop them. */
static void make_used_list(LLVMModuleRef module, LLVMValueRef *entries, unsigned count)
{
	LLVMTypeRef pointer = LLVMPointerTypeInContext(LLVMGetModuleContext(module), 0);
	LLVMTypeRef type = LLVMArrayType2(pointer, count);
	LLVMValueRef list;

	if (!count)
		return;
	list = LLVMAddGlobal(module, type, "llvm.compiler.used");
	LLVMSetLinkage(list, LLVMAppendingLinkage);
	LLVMSetSection(list, "llvm.metadata");
	LLVMSetInitializer(list, LLVMConstArray2(pointer, entries, count));
}

static void remove_list(LLVMModuleRef module, const char *name)
{
	LLVMValueRef list = LLVMGetNamedGlobal(module, name);

	if (list)
		LLVMDeleteGlobal(list);
}

static void replace_used_lists(const struct graph *g, const bool *kept, LLVMModuleRef module,
			       const struct mark *marks)
{
	LLVMValueRef *entries = xcalloc(g->n, sizeof(*entries));
	unsigned count = 0;

	remove_list(module, "llvm.used");
	remove_list(module, "llvm.compiler.used");
	for (size_t i = 0; i < g->n; i++)
		if (kept[i] && is_global(&g->nodes[i]) && (marks[i].named || !marks[i].live))
			entries[count++] = g->nodes[i].value;
	make_used_list(module, entries, count);
	free(entries);
}

/* Something an alias can point to until it goes. */
static LLVMValueRef any_function(const struct graph *g, const bool *kept)
{
	for (size_t i = 0; i < g->n; i++)
		if (kept[i] && g->nodes[i].kind == NODE_FUNCTION)
			return g->nodes[i].value;
	die("nothing of the module can be reached; is it a kernel?");
}

static void remove_dead(const struct graph *g, const bool *kept)
{
	LLVMValueRef any = any_function(g, kept);

	/* They may refer to each other: first every reference, then every global. */
	for (size_t i = 0; i < g->n; i++)
		if (is_global(&g->nodes[i]) && !kept[i])
			LLVMReplaceAllUsesWith(g->nodes[i].value,
					       LLVMGetPoison(LLVMTypeOf(g->nodes[i].value)));
	for (size_t i = 0; i < g->n; i++) {
		LLVMValueRef value = g->nodes[i].value;

		if (!is_global(&g->nodes[i]) || kept[i])
			continue;
		switch (g->nodes[i].kind) {
		case NODE_FUNCTION: LLVMDeleteFunction(value); break;
		case NODE_VARIABLE: LLVMDeleteGlobal(value); break;
		case NODE_ALIAS:
			LLVMAliasSetAliasee(value, any);
			LLVMSetLinkage(value, LLVMInternalLinkage);
			break;
		default: break;
		}
	}
}

static void hide(const struct graph *g, const bool *kept, const struct mark *marks)
{
	for (size_t i = 0; i < g->n; i++) {
		LLVMValueRef value = g->nodes[i].value;

		if (!is_global(&g->nodes[i]) || !kept[i] || marks[i].named ||
		    LLVMGetLinkage(value) == LLVMAvailableExternallyLinkage)
			continue;
		LLVMSetLinkage(value, LLVMInternalLinkage);
	}
}

static void write_assembly(const struct graph *g, const bool *kept, LLVMModuleRef module)
{
	struct strlist text = STRLIST_INIT;
	char *all;

	for (size_t i = 0; i < g->n; i++)
		if (g->nodes[i].kind == NODE_ASSEMBLY && kept[i])
			strlist_push(&text, g->nodes[i].block->text);
	all = strlist_join(&text, "");
	LLVMSetModuleInlineAsm2(module, all, strlen(all));
	free(all);
	strlist_release(&text);
}

void sweep(const struct graph *g, const struct mark *marks, LLVMModuleRef module)
{
	bool *kept = xcalloc(g->n, sizeof(*kept));

	for (size_t i = 0; i < g->n; i++)
		kept[i] = marks[i].live ||
			  (is_annotation(&g->nodes[i]) && all_live(&g->nodes[i], marks));
	replace_used_lists(g, kept, module, marks);
	remove_dead(g, kept);
	hide(g, kept, marks);
	write_assembly(g, kept, module);
	/*
	 * LLVM's own sweep for the rest: aliases, which its C interface cannot delete, and
	 * declarations that nobody uses any more.
	 */
	passes_run(module, "globaldce");
	free(kept);
}
