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
 * A number for a module, by the path of its source from where the compiler ran: the same
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

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static void take_words(json_t *words, const char *text, size_t bytes)
{
	const char *end = text + bytes;

	while (text < end) {
		const char *start;

		/* in front of a word it makes an operand of the symbol's address */
		while (text < end && *text == '$')
			text++;
		start = text;
		while (text < end && is_word(*text))
			text++;
		if (text > start)
			json_object_setn_new(words, start, (size_t)(text - start), json_true());
		else if (text < end)
			text++;
	}
}

static void take_instruction(json_t *words, LLVMValueRef instruction)
{
	LLVMValueRef callee = NULL;
	const char *text;
	size_t bytes;

	if (LLVMIsACallInst(instruction) || LLVMIsACallBrInst(instruction))
		callee = LLVMGetCalledValue(instruction);
	if (!callee || !LLVMIsAInlineAsm(callee))
		return;
	text = LLVMGetInlineAsmAsmString(callee, &bytes);
	take_words(words, text, bytes);
}

/* All words of the module's assembly, its own and that within functions: { word: true }. */
static json_t *assembly_words(LLVMModuleRef module)
{
	json_t *words = json_object();
	size_t bytes;
	const char *text = LLVMGetModuleInlineAsm(module, &bytes);

	take_words(words, text, bytes);
	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b;
		     b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b); i;
			     i = LLVMGetNextInstruction(i))
				take_instruction(words, i);
	return words;
}

static json_t *describe(const char *path)
{
	LLVMModuleRef module = xmodule_open(path, false); /* assembly is in bodies, too */
	json_t *own = json_array(), *others = json_array(), *words = assembly_words(module);
	char *suffix = unique_suffix(module);
	size_t bytes;

	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
		const char *name = LLVMGetValueName2(f, &bytes);
		bool is_own =
			LLVMGetLinkage(f) == LLVMInternalLinkage && !json_object_get(words, name);

		if (!LLVMIsDeclaration(f))
			json_array_append_new(is_own ? own : others, json_text(name));
	}
	json_decref(words);
	module_close(module);
	return json_pack("{s:o, s:o, s:o}", "static", own, "fixed", others, "suffix",
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
	hash_add_string(&h, "anneal names 2");
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
		json_array_foreach(json_object_get(module, "fixed"), i, name)
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

/* What a static function of the module is called when it is linked; the caller frees it. */
static char *linked_name(const struct names *n, const json_t *module, const json_t *name)
{
	const char *plain = json_string_value(name);
	const char *suffix = json_string_value(json_object_get(module, "suffix"));

	return xasprintf("%s%s", plain, json_object_get(n->shared, plain) ? suffix : "");
}

/* Add the names that the module's functions have when it is linked, where none is yet. */
static void add_linked(const struct names *n, const char *sha256, json_t *linked)
{
	const json_t *module = json_object_get(n->modules, sha256);
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(module, "fixed"), i, name)
		json_object_set_new(linked, json_string_value(name), json_string(sha256));
	json_array_foreach(json_object_get(module, "static"), i, name) {
		char *unique = linked_name(n, module, name);

		json_object_set_new(linked, unique, json_string(sha256));
		free(unique);
	}
}

bool names_defines_any(const struct names *n, const char *module_sha256, const json_t *functions)
{
	json_t *linked = json_object(), *value;
	const char *name;
	bool any = false;

	add_linked(n, module_sha256, linked);
	json_object_foreach(linked, name, value)
		any |= json_object_get(functions, name) != NULL;
	json_decref(linked);
	return any;
}

json_t *names_defined(const struct names *n)
{
	json_t *linked = json_object(), *module;
	const char *sha256;

	json_object_foreach(n->modules, sha256, module)
		add_linked(n, sha256, linked);
	return linked;
}

bool names_known(const json_t *unit, const char *cache)
{
	char *path = cached_path(unit, cache);
	bool known = fs_exists(path);
	json_t *module;
	size_t i;

	free(path);
	if (known)
		return true;
	json_array_foreach(xjson_array(unit, "modules", "the plan"), i, module)
		if (is_bitcode(module) && !fs_exists(xjson_string(module, "path", "the plan")))
			return false;
	return true;
}

char *names_plain(const struct names *n, const char *module_sha256, const char *linked)
{
	const json_t *module = json_object_get(n->modules, module_sha256);
	const char *suffix = json_string_value(json_object_get(module, "suffix"));
	size_t length = strlen(linked), end = suffix ? strlen(suffix) : 0;
	bool ends = end && length > end && !strcmp(linked + length - end, suffix);

	return xstrndup(linked, ends ? length - end : length);
}

char *names_linked(const struct names *n, const char *module_sha256, const char *plain)
{
	const json_t *module = json_object_get(n->modules, module_sha256);
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(module, "fixed"), i, name)
		if (!strcmp(json_string_value(name), plain))
			return xstrdup(plain);
	json_array_foreach(json_object_get(module, "static"), i, name)
		if (!strcmp(json_string_value(name), plain))
			return linked_name(n, module, name);
	return NULL;
}

/*
 * Policy "none": the profile's reader takes the name as it is. With "selected" it would
 * leave out our suffix if no name in the profile has one, and so give all of these
 * functions the counts of a global one of their old name.
 */
static void rename_function(LLVMModuleRef module, LLVMValueRef function, const char *name)
{
	static const char policy[] = "sample-profile-suffix-elision-policy", none[] = "none";
	LLVMContextRef context = LLVMGetModuleContext(module);
	LLVMMetadataRef subprogram = LLVMGetSubprogram(function);

	LLVMSetValueName2(function, name, strlen(name));
	if (subprogram)
		LLVMReplaceMDNodeOperandWith(LLVMMetadataAsValue(context, subprogram), LINKAGE_NAME,
					     LLVMMDStringInContext2(context, name, strlen(name)));
	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateStringAttribute(context, policy, (unsigned)strlen(policy),
							  none, (unsigned)strlen(none)));
}

void names_make_unique(LLVMModuleRef module, const struct strlist *shared)
{
	char *suffix = unique_suffix(module);

	for (size_t i = 0; i < shared->n; i++) {
		LLVMValueRef f = LLVMGetNamedFunction(module, shared->v[i]);
		char *name = xasprintf("%s%s", shared->v[i], suffix);

		if (f && LLVMGetLinkage(f) == LLVMInternalLinkage)
			rename_function(module, f, name);
		free(name);
	}
	free(suffix);
}
