/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <ctype.h>
#include <inttypes.h>
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "module.h"
#include "toolchain.h"

/* What LLVM's profile reader looks for in a name (llvm/ProfileData/SampleProf.h). */
#define UNIQUE ".__uniq."

enum { LINKAGE_NAME = 3 }; /* a DISubprogram's operands: file, scope, name, linkage name */

/*
 * A number for a module, by the path of its source below that of its component: the same
 * wherever and whenever the capsule is made.
 */
static char *unique_suffix(LLVMModuleRef module)
{
	size_t bytes;
	const char *source = LLVMGetSourceFileName(module, &bytes);
	char hex[HASH_HEX_BYTES];

	hash_bytes(source, bytes, hex);
	hex[15] = '\0';
	return xasprintf(UNIQUE "%" PRIu64, (uint64_t)strtoull(hex, NULL, 16));
}

static json_t *describe(const char *path)
{
	LLVMModuleRef module = xmodule_open(path, true);
	json_t *own = json_array(), *global = json_array();
	char *suffix = unique_suffix(module);
	size_t bytes;

	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
		bool is_own = LLVMGetLinkage(f) == LLVMInternalLinkage;

		if (!LLVMIsDeclaration(f))
			json_array_append_new(is_own ? own : global,
					      json_text(LLVMGetValueName2(f, &bytes)));
	}
	module_close(module);
	return json_pack("{s:o, s:o, s:o}", "static", own, "global", global, "suffix",
			 json_text(suffix));
}

static bool is_bitcode(const json_t *module)
{
	return !strcmp(xjson_string(module, "kind", "the plan"), "bitcode");
}

static char *cached_path(const json_t *unit, const char *cache)
{
	struct hash h;
	char hex[HASH_HEX_BYTES], *path;
	json_t *module;
	size_t i;

	hash_init(&h);
	hash_add_string(&h, "anneal names 1");
	hash_add_string(&h, toolchain_version());
	json_array_foreach(xjson_array(unit, "modules", "the plan"), i, module)
		hash_add_string(&h, xjson_string(module, "sha256", "the plan"));
	hash_finish(&h, hex);
	path = xasprintf("%s/results/%.2s/%s.json", cache, hex, hex + 2);
	xfs_mkdirs_above(path);
	return path;
}

static json_t *read_modules(const json_t *unit, const char *cache)
{
	char *path = cached_path(unit, cache);
	json_t *modules = json_read(path), *module;
	size_t i;

	if (modules)
		return modules;
	modules = json_object();
	json_array_foreach(xjson_array(unit, "modules", "the plan"), i, module)
		if (is_bitcode(module))
			json_object_set_new(modules, xjson_string(module, "sha256", "the plan"),
					    describe(xjson_string(module, "path", "the plan")));
	xjson_write(path, modules);
	free(path);
	return modules;
}

/* Count a name; from the second module on it is shared. */
static void count(json_t *seen, json_t *shared, const char *name)
{
	if (json_object_get(seen, name))
		json_object_set_new(shared, name, json_true());
	else
		json_object_set_new(seen, name, json_true());
}

void xnames_read(struct names *n, const json_t *unit, const char *cache)
{
	json_t *seen = json_object(), *module, *name;
	const char *sha256;
	size_t i;

	n->modules = read_modules(unit, cache);
	n->shared = json_object();
	json_object_foreach(n->modules, sha256, module) {
		json_array_foreach(json_object_get(module, "static"), i, name)
			count(seen, n->shared, json_string_value(name));
		json_array_foreach(json_object_get(module, "global"), i, name)
			count(seen, n->shared, json_string_value(name));
	}
	json_decref(seen);
}

void names_shared(const struct names *n, const char *module_sha256, struct strlist *shared)
{
	json_t *module = json_object_get(n->modules, module_sha256), *name;
	size_t i;

	json_array_foreach(json_object_get(module, "static"), i, name)
		if (json_object_get(n->shared, json_string_value(name)))
			strlist_push(shared, json_string_value(name));
	strlist_sort(shared);
}

bool names_defines_any(const struct names *n, const char *module_sha256, const json_t *functions)
{
	json_t *module = json_object_get(n->modules, module_sha256), *name;
	const char *suffix = json_string_value(json_object_get(module, "suffix"));
	bool any = false;
	size_t i;

	json_array_foreach(json_object_get(module, "global"), i, name)
		any |= json_object_get(functions, json_string_value(name)) != NULL;
	json_array_foreach(json_object_get(module, "static"), i, name) {
		char *unique = xasprintf("%s%s", json_string_value(name), suffix);

		any |= json_object_get(functions, json_string_value(name)) != NULL ||
		       json_object_get(functions, unique) != NULL;
		free(unique);
	}
	return any;
}

json_t *names_defined(const struct names *n)
{
	json_t *defined = json_object(), *module, *name;
	const char *sha256;
	size_t i;

	json_object_foreach(n->modules, sha256, module) {
		const char *suffix = json_string_value(json_object_get(module, "suffix"));

		json_array_foreach(json_object_get(module, "global"), i, name)
			json_object_set_new(defined, json_string_value(name), json_true());
		json_array_foreach(json_object_get(module, "static"), i, name) {
			char *unique = xasprintf("%s%s", json_string_value(name), suffix);

			json_object_set_new(defined, json_string_value(name), json_true());
			json_object_set_new(defined, unique, json_true());
			free(unique);
		}
	}
	return defined;
}

/*
 * Renaming
 */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static bool has_name(const char *text, size_t bytes, const char *name)
{
	size_t length = strlen(name);
	const char *end = text + bytes, *at = text;

	while ((at = memmem(at, (size_t)(end - at), name, length))) {
		if ((at == text || !is_word(at[-1])) &&
		    (at + length == end || !is_word(at[length])))
			return true;
		at++;
	}
	return false;
}

/* All assembly text of the module, with a newline behind each piece. */
static void collect_assembly(LLVMModuleRef module, struct strlist *texts)
{
	size_t bytes;
	const char *text = LLVMGetModuleInlineAsm(module, &bytes);

	strlist_pushf(texts, "%.*s", (int)bytes, text);
	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b;
		     b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b); i;
			     i = LLVMGetNextInstruction(i)) {
				LLVMValueRef callee = NULL;

				if (LLVMIsACallInst(i) || LLVMIsACallBrInst(i))
					callee = LLVMGetCalledValue(i);
				if (!callee || !LLVMIsAInlineAsm(callee))
					continue;
				text = LLVMGetInlineAsmAsmString(callee, &bytes);
				strlist_pushf(texts, "%.*s", (int)bytes, text);
			}
}

static bool assembly_names(const struct strlist *texts, const char *name)
{
	for (size_t i = 0; i < texts->n; i++)
		if (has_name(texts->v[i], strlen(texts->v[i]), name))
			return true;
	return false;
}

static void rename_function(LLVMModuleRef module, LLVMValueRef function, const char *name)
{
	static const char policy[] = "sample-profile-suffix-elision-policy",
			  selected[] = "selected";
	LLVMContextRef context = LLVMGetModuleContext(module);
	LLVMMetadataRef subprogram = LLVMGetSubprogram(function);

	LLVMSetValueName2(function, name, strlen(name));
	if (subprogram)
		LLVMReplaceMDNodeOperandWith(LLVMMetadataAsValue(context, subprogram), LINKAGE_NAME,
					     LLVMMDStringInContext2(context, name, strlen(name)));
	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateStringAttribute(context, policy, (unsigned)strlen(policy),
							  selected, (unsigned)strlen(selected)));
}

void names_make_unique(LLVMModuleRef module, const struct strlist *shared)
{
	char *suffix = unique_suffix(module);
	struct strlist texts = STRLIST_INIT;

	if (shared->n)
		collect_assembly(module, &texts);
	for (size_t i = 0; i < shared->n; i++) {
		LLVMValueRef f = LLVMGetNamedFunction(module, shared->v[i]);
		char *name = xasprintf("%s%s", shared->v[i], suffix);

		if (f && LLVMGetLinkage(f) == LLVMInternalLinkage &&
		    !assembly_names(&texts, shared->v[i]))
			rename_function(module, f, name);
		free(name);
	}
	strlist_release(&texts);
	free(suffix);
}
