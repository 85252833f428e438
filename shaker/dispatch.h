/* SPDX-License-Identifier: MIT */
/*
 * dispatch.h - the kernel's switch from system call numbers to handlers
 *
 * x64_sys_call() (arch/x86/entry/syscall_64.c) has one case a number, each with a
 * call of __x64_sys_NAME. Where the kernel's configuration leaves a system call out,
 * the handler is a weak stub that returns ENOSYS (kernel/sys_ni.c).
 */
#ifndef SHAKER_DISPATCH_H
#define SHAKER_DISPATCH_H

#include <llvm-c/Types.h>
#include <stdbool.h>

#include "cut.h"

enum { DISPATCH_MAX = 512 };

struct dispatch {
	struct {
		LLVMValueRef call;   /* NULL: no such number */
		const char *handler; /* "__x64_sys_newfstat" */
		const char *name;    /* "fstat" */
		bool stub;
	} slots[DISPATCH_MAX];
	LLVMValueRef function; /* x64_sys_call itself */
};

/* Dies with the reason if the module has no such switch. */
void xdispatch_read(struct dispatch *d, LLVMModuleRef module);

/*
 * Make every slot that `keep` does not have a cut of class "syscall", and write the
 * names of these into the kernel's anneal_dropped_names. `programs` is for the
 * evidence: "init and nginx". Returns how many.
 */
unsigned dispatch_cut(struct dispatch *d, LLVMModuleRef module, const bool keep[DISPATCH_MAX],
		      const char *programs, struct cuts *cuts);

/* Let all slots that are cut lead to anneal_dropped_syscall(). */
void dispatch_apply(struct dispatch *d, LLVMModuleRef module, const struct cuts *cuts);

/* Count every call by anneal_count_syscall(), for an audit. */
void dispatch_count(struct dispatch *d, LLVMModuleRef module);

#endif
