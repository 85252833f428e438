/* SPDX-License-Identifier: MIT */
/*
 * module.h - open bitcode files, with an error that names the file
 */
#ifndef BITCODE_MODULE_H
#define BITCODE_MODULE_H

#include <llvm-c/Types.h>
#include <stdbool.h>

/*
 * A module in a context of its own. `lazily`: function bodies are read when they
 * are looked at. Dies if the file cannot be read, is not bitcode, is truncated or
 * of another LLVM.
 */
LLVMModuleRef xmodule_open(const char *path, bool lazily);

/* The module and its context. */
void module_close(LLVMModuleRef module);

/* The text of the constant string that starts at global `value`, or NULL. Borrowed. */
const char *module_string(LLVMValueRef value);

#endif
