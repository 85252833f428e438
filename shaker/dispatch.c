/* SPDX-License-Identifier: MIT */
#include "dispatch.h"

#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "syscall_name.h"

static const char handler_prefix[] = "__x64_sys_";
static const char dropped_handler[] = "anneal_dropped_syscall";
static const char dropped_names[] = "anneal_dropped_names";

/* The first call in `block` of a handler, with its callee; NULL if there is none. */
static LLVMValueRef handler_call(LLVMBasicBlockRef block, LLVMValueRef *handler)
{
	for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
		size_t length;

		if (!LLVMIsACallInst(i))
			continue;
		*handler = LLVMGetCalledValue(i);
		if (LLVMIsAGlobalValue(*handler) &&
		    !strncmp(LLVMGetValueName2(*handler, &length), handler_prefix,
			     strlen(handler_prefix)))
			return i;
	}
	return NULL;
}

static bool is_stub(LLVMValueRef handler)
{
	size_t length;

	return LLVMIsDeclaration(handler) || LLVMGetLinkage(handler) == LLVMWeakAnyLinkage ||
	       !strcmp(LLVMGetValueName2(handler, &length), "__x64_sys_ni_syscall");
}

static void read_case(struct dispatch *d, LLVMValueRef number, LLVMBasicBlockRef block)
{
	unsigned long long n = LLVMConstIntGetZExtValue(number);
	LLVMValueRef handler, call = handler_call(block, &handler);
	size_t length;

	if (n >= DISPATCH_MAX || !call)
		return;
	d->slots[n].call = call;
	d->slots[n].handler = LLVMGetValueName2(handler, &length);
	d->slots[n].name = syscall_name((unsigned)n);
	d->slots[n].stub = is_stub(handler);
}

void xdispatch_read(struct dispatch *d, LLVMModuleRef module)
{
	unsigned found = 0;

	*d = (struct dispatch){ .function = LLVMGetNamedFunction(module, "x64_sys_call") };
	if (!d->function || LLVMIsDeclaration(d->function))
		die("the kernel has no x64_sys_call(); the shaker needs Linux 6.12 or a near one");
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(d->function); b;
	     b = LLVMGetNextBasicBlock(b)) {
		LLVMValueRef end = LLVMGetBasicBlockTerminator(b);

		if (!end || !LLVMIsASwitchInst(end))
			continue;
		for (unsigned i = 2; i + 1 < (unsigned)LLVMGetNumOperands(end); i += 2)
			read_case(d, LLVMGetOperand(end, i),
				  LLVMValueAsBasicBlock(LLVMGetOperand(end, i + 1)));
	}
	for (unsigned n = 0; n < DISPATCH_MAX; n++)
		found += d->slots[n].call != NULL;
	if (!found)
		die("x64_sys_call() has no switch with a call of a handler in each case; the shaker "
		    "needs Linux 6.12 or a near one");
}

static void write_names(LLVMModuleRef module, const char *text, size_t bytes)
{
	LLVMValueRef old = LLVMGetNamedGlobal(module, dropped_names), new;
	LLVMContextRef context = LLVMGetModuleContext(module);
	LLVMValueRef value = LLVMConstStringInContext2(context, text, bytes, false);

	if (!old || !LLVMGetNamedFunction(module, dropped_handler))
		die_hint("see kernel/patches/0002-anneal-syscalls.patch",
			 "the kernel has no %s() to put in place of system calls", dropped_handler);
	new = LLVMAddGlobal(module, LLVMTypeOf(value), "");
	LLVMSetInitializer(new, value);
	LLVMSetGlobalConstant(new, true);
	LLVMReplaceAllUsesWith(old, new);
	LLVMDeleteGlobal(old);
	LLVMSetValueName2(new, dropped_names, strlen(dropped_names));
}

unsigned dispatch_cut(struct dispatch *d, LLVMModuleRef module, const bool keep[DISPATCH_MAX],
		      const char *programs, struct cuts *cuts)
{
	struct strlist names = STRLIST_INIT;
	size_t bytes = 0;
	unsigned count = 0;
	char *text;

	for (unsigned n = 0; n < DISPATCH_MAX; n++) {
		char *evidence;

		if (!d->slots[n].call || keep[n] || d->slots[n].stub)
			continue;
		evidence = xasprintf("no call of number %u in %s", n, programs);
		cuts_mark(cuts, cuts_add(cuts, "syscall", d->slots[n].name, evidence),
			  d->slots[n].call);
		free(evidence);
		strlist_pushf(&names, "%u %s", n, d->slots[n].name);
		count++;
	}
	text = strlist_join(&names, "\n");
	bytes = strlen(text) + 1;
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = '\0';
	write_names(module, text, bytes);
	free(text);
	strlist_release(&names);
	return count;
}

void dispatch_apply(struct dispatch *d, LLVMModuleRef module, const struct cuts *cuts)
{
	LLVMValueRef dropped = LLVMGetNamedFunction(module, dropped_handler);

	for (unsigned n = 0; n < DISPATCH_MAX; n++)
		if (d->slots[n].call && cuts_of(cuts, d->slots[n].call))
			LLVMSetOperand(d->slots[n].call, LLVMGetNumArgOperands(d->slots[n].call),
				       dropped);
}

void dispatch_count(struct dispatch *d, LLVMModuleRef module)
{
	LLVMBuilderRef builder = LLVMCreateBuilderInContext(LLVMGetModuleContext(module));
	LLVMValueRef counter = LLVMGetNamedFunction(module, "anneal_count_syscall");
	LLVMValueRef arguments[] = { LLVMGetParam(d->function, 0), LLVMGetParam(d->function, 1) };

	if (!counter)
		die("the kernel has no anneal_count_syscall() to count system calls with");
	LLVMPositionBuilderBefore(builder,
				  LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(d->function)));
	LLVMBuildCall2(builder, LLVMGlobalGetValueType(counter), counter, arguments,
		       ARRAY_SIZE(arguments), "");
	LLVMDisposeBuilder(builder);
}
