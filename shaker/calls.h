/* SPDX-License-Identifier: MIT */
/*
 * calls.h - the system calls of a program
 *
 * A site is an instruction `syscall` in the linked program: in its bitcode, as musl's
 * inline assembly, or in a native function (native_calls.h), or an order to the kernel
 * to make one (a vDSO function that falls back to it).
 */
#ifndef SHAKER_CALLS_H
#define SHAKER_CALLS_H

#include <llvm-c/Types.h>
#include <stdbool.h>
#include <stddef.h>

#include "values.h"

enum { CALL_ARGUMENTS = 6 };

struct call_site {
	char *function;	 /* that has the instruction */
	char *caller;	 /* that calls it with these arguments; "" if that does not matter */
	char *file;	 /* "" if the debug information does not say */
	unsigned line;	 /* 0 likewise */
	const char *how; /* "syscall instruction", "vDSO", "signal return" */
	struct values number;
	struct values arguments[CALL_ARGUMENTS]; /* unknown where the site passes none */
};

struct call_sites {
	struct call_site *v;
	size_t n;
};

/* Names of the functions that contain the instruction, for a check. */
void calls_functions(struct strlist *functions, LLVMModuleRef program);

/* Add the sites in a program's module, after whole-program optimization. */
void calls_find(struct call_sites *sites, LLVMModuleRef program);

/*
 * Fold what a program does when the kernel has no such system call: comparisons of a
 * call's result with -ENOSYS are false where `has[number]`. Afterwards what only they
 * led to is gone from the module. Numbers from `count` on are not had.
 */
void calls_fold_enosys(LLVMModuleRef program, const bool *has, size_t count);

/*
 * Leave out of the module what is never entered: bodies of the functions of these names,
 * and the calls that were inlined from them, known by their debug information.
 */
void calls_exclude(LLVMModuleRef program, const struct strlist *functions);

/* Add an empty site; the caller fills it in. */
struct call_site *calls_add(struct call_sites *sites, const char *function, const char *how);

void calls_release(struct call_sites *sites);

#endif
