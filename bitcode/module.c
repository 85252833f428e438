/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/Core.h>

#include "../pipeline/lib/util.h"
#include "toolchain.h"

/* LLVM's own handler would print and exit without naming the file. */
static void keep_message(LLVMDiagnosticInfoRef info, void *context)
{
	if (LLVMGetDiagInfoSeverity(info) == LLVMDSError)
		*(char **)context = LLVMGetDiagInfoDescription(info);
}

LLVMModuleRef xmodule_open(const char *path, bool lazily)
{
	LLVMContextRef context = LLVMContextCreate();
	LLVMMemoryBufferRef buffer;
	LLVMModuleRef module;
	char *message = NULL;
	LLVMBool failed;

	if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &message))
		die("cannot read '%s': %s", path, message);
	LLVMContextSetDiagnosticHandler(context, keep_message, &message);
	/* The lazy reader owns the buffer if it succeeds. */
	if (lazily)
		failed = LLVMGetBitcodeModuleInContext2(context, buffer, &module);
	else
		failed = LLVMParseBitcodeInContext2(context, buffer, &module);
	if (failed)
		die_hint("remove the capsule it is in and repeat: it is made again",
			 "'%s' is not bitcode of LLVM " TOOLCHAIN_LLVM ": %s", path,
			 message ? message : "no reason given");
	if (!lazily)
		LLVMDisposeMemoryBuffer(buffer);
	LLVMContextSetDiagnosticHandler(context, NULL, NULL);
	return module;
}

void module_close(LLVMModuleRef module)
{
	LLVMContextRef context = LLVMGetModuleContext(module);

	LLVMDisposeModule(module);
	LLVMContextDispose(context);
}

const char *module_string(LLVMValueRef value)
{
	LLVMValueRef text = LLVMIsAGlobalVariable(value) && LLVMIsGlobalConstant(value)
				    ? LLVMGetInitializer(value)
				    : NULL;
	size_t bytes;

	if (!text || !LLVMIsAConstantDataSequential(text) || !LLVMIsConstantString(text))
		return NULL;
	return LLVMGetAsString(text, &bytes);
}
