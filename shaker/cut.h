/* SPDX-License-Identifier: MIT */
/*
 * cut.h - references that are cut off, each with its class and evidence
 *
 * A cut is made before reachability is computed: a slot of the system call switch,
 * an entry of a table (an initcall, a boot parameter, a quirk), or one call that
 * registers something nobody can ask for.
 */
#ifndef SHAKER_CUT_H
#define SHAKER_CUT_H

#include <llvm-c/Types.h>
#include <stddef.h>

struct cut {
	const char *class; /* "syscall", "initcall", "driver", ... */
	char *name;	   /* of what is dropped: "ptrace", "virtio_blk" */
	char *evidence;	   /* a sentence: why nobody can reach it */
};

struct cuts {
	struct cut *v; /* v[0] is cut number 1 */
	size_t n;
	struct cut_mark *marks; /* a hash table: what belongs to which cut */
};

/* Add a cut; strings are copied but for `class`. Returns its number. */
unsigned cuts_add(struct cuts *c, const char *class, const char *name, const char *evidence);

/*
 * `thing` belongs to cut `number`: an instruction (LLVMValueRef), a variable that is
 * a table's entry (LLVMValueRef), a block of assembly (struct assembly_block *), a
 * function that becomes a stub or a variable that becomes empty (LLVMValueRef).
 */
void cuts_mark(struct cuts *c, unsigned number, const void *thing);

/* The cut that `thing` belongs to, or 0. */
unsigned cuts_of(const struct cuts *c, const void *thing);

void cuts_release(struct cuts *c);

#endif
