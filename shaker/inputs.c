/* SPDX-License-Identifier: MIT */
#include "inputs.h"

#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/module.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

static void read_natives(struct inputs *in, const json_t *unit)
{
	json_t *modules = xjson_array(unit, "modules", "the plan"), *module;
	size_t i;

	in->natives = xcalloc(json_array_size(modules), sizeof(*in->natives));
	json_array_foreach(modules, i, module) {
		if (!strcmp(xjson_string(module, "kind", "the plan"), "native"))
			xnative_read(&in->natives[in->native_count++],
				     xjson_string(module, "path", "the plan"));
	}
}

static void read_script(struct inputs *in, const char *path)
{
	size_t bytes;
	char *text = xfs_read(path, &bytes);

	script_parse(&in->script, text, bytes);
	free(text);
}

void xinputs_read(struct inputs *in, const json_t *unit, const char *joined)
{
	const char *text;
	size_t bytes;

	*in = (struct inputs){ .module = xmodule_open(joined, false) };
	text = LLVMGetModuleInlineAsm(in->module, &bytes);
	assembly_split(&in->assembly, text, bytes);
	read_natives(in, unit);
	read_script(in, xjson_string(unit, "lds", "the plan"));
}

void inputs_release(struct inputs *in)
{
	for (size_t i = 0; i < in->native_count; i++)
		native_release(&in->natives[i]);
	free(in->natives);
	assembly_release(&in->assembly);
	script_release(&in->script);
	module_close(in->module);
}
