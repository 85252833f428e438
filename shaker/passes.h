/* SPDX-License-Identifier: MIT */
/*
 * passes.h - LLVM's passes over a module
 */
#ifndef SHAKER_PASSES_H
#define SHAKER_PASSES_H

#include <llvm-c/Types.h>

/* `passes` in the words of opt(1) -passes=. Dies if they fail. */
void passes_run(LLVMModuleRef module, const char *passes);

/* Leave out what constants make unreachable, and what is then used no more. */
void passes_clean_up(LLVMModuleRef module);

#endif
