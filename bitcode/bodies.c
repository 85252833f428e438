/* SPDX-License-Identifier: MIT */
#include "bodies.h"

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

enum { OFFSET_MASK = 0xffff }; /* llvm/IR/DebugInfoMetadata.h: of a line's distance */

/* FNV-1a of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t mix(uint32_t signature, const void *data, size_t bytes)
{
	const unsigned char *p = data;

	while (bytes--)
		signature = (signature ^ *p++) * 16777619u;
	return signature;
}

static uint32_t mix_number(uint32_t signature, uint64_t number)
{
	return mix(signature, &number, sizeof(number));
}

static uint32_t mix_operand(uint32_t signature, LLVMValueRef operand)
{
	size_t bytes;
	const char *name;

	if (LLVMIsAConstantInt(operand) && LLVMGetIntTypeWidth(LLVMTypeOf(operand)) <= 64)
		return mix_number(signature, LLVMConstIntGetZExtValue(operand));
	if (!LLVMIsAGlobalValue(operand))
		return mix_number(signature, LLVMGetValueKind(operand));
	name = LLVMGetValueName2(operand, &bytes);
	/* a string's number in its module changes with any string before it */
	return *name == '.' ? mix(signature, ".", 1) : mix(signature, name, bytes);
}

static uint32_t mix_instruction(uint32_t signature, LLVMValueRef instruction)
{
	signature = mix_number(signature, LLVMGetInstructionOpcode(instruction));
	if (LLVMIsAICmpInst(instruction))
		signature = mix_number(signature, LLVMGetICmpPredicate(instruction));
	for (int i = 0; i < LLVMGetNumOperands(instruction); i++)
		signature = mix_operand(signature, LLVMGetOperand(instruction, (unsigned)i));
	return signature;
}

/* What is said about a variable or its life time is no code. */
static bool is_code(LLVMValueRef instruction)
{
	LLVMValueRef callee;
	size_t bytes;

	if (!LLVMIsACallInst(instruction))
		return true;
	callee = LLVMGetCalledValue(instruction);
	return !callee || !LLVMIsAFunction(callee) ||
	       (strncmp(LLVMGetValueName2(callee, &bytes), "llvm.dbg.", 9) &&
		strncmp(LLVMGetValueName2(callee, &bytes), "llvm.lifetime.", 14));
}

static int by_offset(const void *a, const void *b)
{
	const struct body_line *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void take_instruction(struct body *body, unsigned first, LLVMValueRef instruction)
{
	LLVMMetadataRef location = LLVMInstructionGetDebugLoc(instruction);
	unsigned line = location ? LLVMDILocationGetLine(location) : 0, offset;
	size_t i;

	if (!line || !is_code(instruction))
		return;
	offset = (line - first) & OFFSET_MASK;
	for (i = body->n; i && body->lines[i - 1].offset != offset; i--)
		;
	if (!i) {
		body->lines = xrealloc(body->lines, (body->n + 1) * sizeof(*body->lines));
		body->lines[body->n] = (struct body_line){ offset, 2166136261u };
		i = ++body->n;
	}
	body->lines[i - 1].signature = mix_instruction(body->lines[i - 1].signature, instruction);
}

/* NULL: without debug information, so no profile counts it. */
static json_t *describe_function(LLVMValueRef function)
{
	LLVMMetadataRef subprogram = LLVMGetSubprogram(function);
	struct body body = { 0 };
	json_t *list;

	if (!subprogram)
		return NULL;
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b;
	     b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			take_instruction(&body, LLVMDISubprogramGetLine(subprogram), i);
	if (body.n)
		qsort(body.lines, body.n, sizeof(*body.lines), by_offset);
	list = json_array();
	for (size_t i = 0; i < body.n; i++) {
		json_array_append_new(list, json_integer(body.lines[i].offset));
		json_array_append_new(list, json_integer(body.lines[i].signature));
	}
	free(body.lines);
	return list;
}

static json_t *describe_module(const char *path)
{
	LLVMModuleRef module = xmodule_open(path, false);
	json_t *functions = json_object();
	size_t bytes;

	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
		json_t *lines = LLVMIsDeclaration(f) ? NULL : describe_function(f);

		if (lines)
			json_object_set_new(functions, LLVMGetValueName2(f, &bytes), lines);
	}
	module_close(module);
	return functions;
}

static char *kept_path(const struct bodies *b, const char *sha256)
{
	struct hash h;
	char hex[HASH_HEX_BYTES];

	hash_init(&h);
	hash_add_string(&h, "anneal bodies 1");
	hash_add_string(&h, toolchain_version());
	hash_add_string(&h, sha256);
	hash_finish(&h, hex);
	return xasprintf("%s/results/%.2s/%s.json", b->cache, hex, hex + 2);
}

static const char *path_of(const struct bodies *b, const char *sha256)
{
	json_t *module;
	size_t i;

	json_array_foreach(xjson_array(b->unit, "modules", "the plan"), i, module)
		if (!strcmp(xjson_string(module, "sha256", "the plan"), sha256))
			return xjson_string(module, "path", "the plan");
	return NULL;
}

/* NULL: the module is gone. Borrowed. */
static json_t *load_module(struct bodies *b, const char *sha256)
{
	json_t *functions = json_object_get(b->loaded, sha256);
	char *kept;
	const char *path;

	if (functions)
		return functions;
	kept = kept_path(b, sha256);
	functions = json_read(kept);
	path = path_of(b, sha256);
	if (!json_is_object(functions) && path && fs_exists(path)) {
		functions = describe_module(path);
		xfs_mkdirs_above(kept);
		xjson_write(kept, functions);
	}
	free(kept);
	if (functions)
		json_object_set_new(b->loaded, sha256, functions);
	return functions;
}

bool bodies_open(struct bodies *b, const json_t *unit, const char *cache)
{
	*b = (struct bodies){ .unit = unit, .cache = cache };
	if (!names_known(unit, cache))
		return false;
	xnames_read(&b->names, unit, cache);
	b->index = names_defined(&b->names);
	b->loaded = json_object();
	return true;
}

const char *bodies_module(const struct bodies *b, const char *name)
{
	return json_string_value(json_object_get(b->index, name));
}

/* A linked name is the plain one, or that with the suffix of its module. */
static json_t *find_lines(json_t *functions, const struct bodies *b, const char *sha256,
			  const char *name)
{
	char *plain = names_plain(&b->names, sha256, name);
	json_t *lines = json_object_get(functions, plain);

	free(plain);
	return lines;
}

bool bodies_is_gone(struct bodies *b, const char *name)
{
	const char *sha256 = bodies_module(b, name);

	return sha256 && !load_module(b, sha256);
}

bool bodies_find(struct bodies *b, const char *name, struct body *body)
{
	const char *sha256 = bodies_module(b, name);
	json_t *functions = sha256 ? load_module(b, sha256) : NULL;
	json_t *lines = functions ? find_lines(functions, b, sha256, name) : NULL;

	if (!lines)
		return false;
	*body = (struct body){ .name = xstrdup(name),
			       .module = sha256,
			       .n = json_array_size(lines) / 2 };
	body->lines = xcalloc(body->n + 1, sizeof(*body->lines));
	for (size_t i = 0; i < body->n; i++) {
		json_t *offset = json_array_get(lines, 2 * i);
		json_t *signature = json_array_get(lines, 2 * i + 1);

		body->lines[i].offset = (unsigned)json_integer_value(offset);
		body->lines[i].signature = (uint32_t)json_integer_value(signature);
	}
	return true;
}

void body_release(struct body *body)
{
	free(body->name);
	free(body->lines);
	*body = (struct body){ 0 };
}
