/* SPDX-License-Identifier: MIT */
/*
 * native_calls.h - system calls in functions that were never bitcode
 */
#ifndef SHAKER_NATIVE_CALLS_H
#define SHAKER_NATIVE_CALLS_H

#include "calls.h"

/*
 * Add the `syscall` instructions of the linked program `elf` that are in functions
 * which `program`, its module, does not define: assembly of the C library or of the
 * app. The number is what the code before it puts into eax: a constant, or one of the
 * function's arguments, which is then followed into the module.
 *
 * `in_bitcode` gets the functions with such an instruction that the module does define:
 * calls_find() must have found a site in each of them.
 */
void xnative_calls_find(struct call_sites *sites, LLVMModuleRef program, const char *elf,
			struct strlist *in_bitcode);

#endif
