/* SPDX-License-Identifier: MIT */
#include "parameters.h"

#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/module.h"
#include "../pipeline/lib/util.h"

/*
 * struct obs_kernel_param (include/linux/init.h) and struct kernel_param
 * (include/linux/moduleparam.h) both begin with a pointer to the name.
 */
static const char *parameter_name(LLVMValueRef entry)
{
	LLVMValueRef value = LLVMGetInitializer(entry);
	LLVMValueRef name = value ? LLVMGetAggregateElement(value, 0) : NULL;

	return name ? module_string(name) : NULL;
}

/* "ip=" takes what follows it, "quiet" stands alone; the name is the same. */
static char *without_equals(const char *name)
{
	return xstrndup(name, strcspn(name, "="));
}

static void consider(const struct facts *f, LLVMValueRef entry, struct cuts *cuts)
{
	const char *text = parameter_name(entry);
	char *name;

	if (!text)
		return;
	name = without_equals(text);
	if (*name && !strlist_has(&f->parameters, name))
		cuts_mark(cuts,
			  cuts_add(cuts, "parameter", name,
				   "the machine's description does not list the parameter"),
			  entry);
	free(name);
}

void parameters_cut(const struct facts *f, LLVMModuleRef module, struct cuts *cuts)
{
	for (LLVMValueRef v = LLVMGetFirstGlobal(module); v; v = LLVMGetNextGlobal(v)) {
		const char *section = LLVMIsDeclaration(v) ? NULL : LLVMGetSection(v);

		if (section && (!strcmp(section, ".init.setup") || !strcmp(section, "__param")))
			consider(f, v, cuts);
	}
}
