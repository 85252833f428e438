/* SPDX-License-Identifier: MIT */
#include "roots.h"

#include <string.h>

#include "../bitcode/library_calls.h"
#include "../pipeline/lib/util.h"

/* What cannot be computed. A test fails when an entry is no longer needed. */
static const struct {
	const char *name, *why;
} by_hand[] = {
	{ "main_extable_sort_needed", "sorttable looks it up in the linked kernel and clears it" },
	{ "__stack_chk_fail", "the code generator calls it where a stack protector fails" },
	{ "anneal_dropped_syscall", "stands in place of every dropped system call" },
	{ "__llvm_fs_discriminator__", "llvm-profgen looks it up to read discriminators right" },
};

static void add_scripted(struct roots *r, const struct graph *g, const struct script *s)
{
	for (size_t i = 0; i < s->words.n; i++) {
		long node = graph_find(g, s->words.v[i]);

		if (node >= 0 && g->nodes[node].kind != NODE_EXTERNAL)
			roots_add(r, node, "the linker script names it");
	}
}

static void add_standing(struct roots *r, const struct graph *g, const struct inputs *in)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct node *node = &g->nodes[i];

		if (node->kind == NODE_OBJECT && node->native->has_note)
			roots_add(r, (long)i, "a boot loader reads its note");
		if (node->kind == NODE_VARIABLE && !strncmp(node->section, ".note", 5))
			roots_add(r, (long)i, "a boot loader reads its note");
		if (node->kind == NODE_ASSEMBLY && !node->block->defined.n &&
		    !script_find(&in->script, node->section))
			roots_add(r, (long)i, "assembly that defines no symbol to reach it by");
	}
}

static void add_by_hand(struct roots *r, const struct graph *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(by_hand); i++)
		roots_add(r, graph_find(g, by_hand[i].name), by_hand[i].why);
	for (const char *const *name = library_calls; *name; name++)
		roots_add(r, graph_find(g, *name), "LLVM may call it while it optimizes");
}

void roots_find(struct roots *r, const struct graph *g, const struct inputs *in)
{
	add_scripted(r, g, &in->script);
	add_standing(r, g, in);
	add_by_hand(r, g);
}
