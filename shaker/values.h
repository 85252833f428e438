/* SPDX-License-Identifier: MIT */
/*
 * values.h - which constants a value can be, across functions and memory
 *
 * Backwards from a value to where it comes from: casts, phis and selects, arguments
 * at every call of the function (also through a pointer that can be followed to its
 * calls), constant tables, and fields of objects all of whose stores are known. The
 * answer holds for every call; where anything else could flow in, it is "unknown".
 */
#ifndef SHAKER_VALUES_H
#define SHAKER_VALUES_H

#include <llvm-c/Types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../pipeline/lib/strlist.h"

struct values {
	int64_t *v; /* sorted, unique */
	size_t n;
	bool unknown;
	const char *why; /* unknown: what could not be followed, a phrase; static */
};

/*
 * The constants that `value`, an integer, can be. `module` must be a whole program:
 * what is not internal in it is only declared or called from assembly.
 */
void values_of(struct values *out, LLVMModuleRef module, LLVMValueRef value);

/*
 * The same for one call of the function that `value` is in: its arguments are those
 * of `call`.
 */
void values_of_in_call(struct values *out, LLVMModuleRef module, LLVMValueRef value,
		       LLVMValueRef call);

/*
 * The constants that argument `index` (from 0) of a function can be, at every call in
 * the bitcode. For a native function: one that is called from bitcode only.
 */
void values_of_argument(struct values *out, LLVMModuleRef module, LLVMValueRef function,
			unsigned index);

/*
 * The strings that `pointer` (or the integer it was made) can point to, added to `out`.
 * False if it could also be something else.
 */
bool strings_of(struct strlist *out, LLVMModuleRef module, LLVMValueRef pointer);

void values_add(struct values *s, int64_t value);
void values_release(struct values *s);

#endif
