/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <jansson.h>
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "../pipeline/lib/fs.h"

static const char *const kinds[] = {
	[NODE_FUNCTION] = "function", [NODE_VARIABLE] = "variable", [NODE_ALIAS] = "alias",
	[NODE_ASSEMBLY] = "assembly", [NODE_OBJECT] = "object",	    [NODE_TABLE] = "table",
	[NODE_EXTERNAL] = "symbol",
};

static json_int_t instructions_in(const struct node *n)
{
	json_int_t count = 0;

	if (n->kind != NODE_FUNCTION)
		return 0;
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(n->value); b;
	     b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			count++;
	return count;
}

/* "net/ipv4/tcp.c", or "" where the debug information does not say. */
static json_t *file_of(const struct node *n)
{
	LLVMMetadataRef subprogram = n->kind == NODE_FUNCTION ? LLVMGetSubprogram(n->value) : NULL;
	LLVMMetadataRef file = subprogram ? LLVMDIScopeGetFile(subprogram) : NULL;
	unsigned length = 0;
	const char *name = file ? LLVMDIFileGetFilename(file, &length) : "";

	if (length > 1 && !strncmp(name, "./", 2)) {
		name += 2;
		length -= 2;
	}
	return json_stringn(name, length);
}

static json_t *describe_nodes(const struct graph *g, const struct mark *marks)
{
	json_t *kind = json_array(), *name = json_array(), *section = json_array();
	json_t *live = json_array(), *parent = json_array(), *cut = json_array();
	json_t *instructions = json_array(), *file = json_array();

	for (size_t i = 0; i < g->n; i++) {
		const struct node *n = &g->nodes[i];
		/* an object's path is the cache's business; its name is enough */
		const char *text = n->kind == NODE_OBJECT ? fs_base(n->name) : n->name;

		json_array_append_new(kind, json_integer(n->kind));
		json_array_append_new(name, json_string(text));
		json_array_append_new(section, json_string(n->section));
		json_array_append_new(live, json_integer(marks[i].live));
		json_array_append_new(parent, json_integer(marks[i].parent));
		json_array_append_new(cut, json_integer(marks[i].cut));
		json_array_append_new(instructions, json_integer(instructions_in(n)));
		json_array_append_new(file, file_of(n));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", kind, "name", name,
			 "section", section, "live", live, "parent", parent, "cut", cut,
			 "instructions", instructions, "file", file);
}

static json_t *describe_edges(const struct graph *g)
{
	json_t *first = json_array(), *to = json_array(), *cut = json_array();

	for (size_t i = 0; i < g->n; i++) {
		json_array_append_new(first, json_integer((json_int_t)json_array_size(to)));
		for (size_t e = 0; e < g->nodes[i].edge_count; e++) {
			json_array_append_new(to, json_integer(g->nodes[i].edges[e].to));
			json_array_append_new(cut, json_integer(g->nodes[i].edges[e].cut));
		}
	}
	json_array_append_new(first, json_integer((json_int_t)json_array_size(to)));
	return json_pack("{s:o, s:o, s:o}", "first", first, "to", to, "cut", cut);
}

static json_t *describe_syscalls(const struct dispatch *d, const struct cuts *cuts)
{
	json_t *kept = json_array(), *dropped = json_array();

	for (unsigned n = 0; n < DISPATCH_MAX; n++) {
		if (!d->slots[n].call || d->slots[n].stub)
			continue;
		json_array_append_new(cuts_of(cuts, d->slots[n].call) ? dropped : kept,
				      json_pack("{s:i, s:s, s:s}", "number", (int)n, "name",
						d->slots[n].name, "handler", d->slots[n].handler));
	}
	return json_pack("{s:o, s:o}", "kept", kept, "dropped", dropped);
}

static json_t *describe_totals(const struct graph *g, const struct mark *marks)
{
	json_int_t functions = 0, live = 0, instructions = 0, instructions_live = 0;

	for (size_t i = 0; i < g->n; i++) {
		json_int_t count;

		if (g->nodes[i].kind != NODE_FUNCTION)
			continue;
		count = instructions_in(&g->nodes[i]);
		functions++;
		instructions += count;
		live += marks[i].live;
		instructions_live += marks[i].live ? count : 0;
	}
	return json_pack("{s:I, s:I, s:I, s:I}", "functions", functions, "functions_live", live,
			 "instructions", instructions, "instructions_live", instructions_live);
}

json_t *record_make(const char *mode, const struct graph *g, const struct roots *roots,
		    const struct mark *marks, const struct cuts *cuts, const struct dispatch *d)
{
	json_t *kind_names = json_array(), *root_list = json_array(), *cut_list = json_array();

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		json_array_append_new(kind_names, json_string(kinds[i]));
	for (size_t i = 0; i < roots->n; i++)
		json_array_append_new(root_list,
				      json_pack("{s:i, s:s}", "node", (int)roots->v[i].node, "why",
						roots->v[i].why));
	for (size_t i = 0; i < cuts->n; i++)
		json_array_append_new(cut_list, json_pack("{s:s, s:s, s:s}", "class",
							  cuts->v[i].class, "name", cuts->v[i].name,
							  "evidence", cuts->v[i].evidence));
	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "mode", mode,
			 "kinds", kind_names, "nodes", describe_nodes(g, marks), "edges",
			 describe_edges(g), "roots", root_list, "cuts", cut_list, "syscalls",
			 describe_syscalls(d, cuts), "totals", describe_totals(g, marks));
}

static bool is_address_taken(LLVMValueRef function)
{
	for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use);

		if (!LLVMIsACallInst(user) || LLVMGetCalledValue(user) != function)
			return true;
	}
	return false;
}

size_t record_indirect_targets(LLVMModuleRef module)
{
	size_t count = 0;

	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
		count += !LLVMIsDeclaration(f) && is_address_taken(f);
	return count;
}
