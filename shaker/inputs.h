/* SPDX-License-Identifier: MIT */
/*
 * inputs.h - all that a kernel is linked from, read
 */
#ifndef SHAKER_INPUTS_H
#define SHAKER_INPUTS_H

#include <jansson.h>
#include <llvm-c/Types.h>

#include "assembly.h"
#include "native.h"
#include "script.h"

struct inputs {
	LLVMModuleRef module; /* of all bitcode */
	struct assembly assembly;
	struct native *natives;
	size_t native_count;
	struct script script;
};

/*
 * Read the joined module, its assembly, and the native objects and linker script of
 * the plan's unit. Dies if one cannot be read.
 */
void xinputs_read(struct inputs *in, const json_t *unit, const char *joined);

void inputs_release(struct inputs *in);

#endif
