/* SPDX-License-Identifier: MIT */
#include "passes.h"

#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "../pipeline/lib/util.h"

void passes_run(LLVMModuleRef module, const char *passes)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(module, passes, NULL, options);

	if (error)
		die("LLVM's passes failed: %s", LLVMGetErrorMessage(error));
	LLVMDisposePassBuilderOptions(options);
}

void passes_clean_up(LLVMModuleRef module)
{
	passes_run(module, "function(sccp,simplifycfg,adce),globaldce");
}
