/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <errno.h>
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "../bitcode/module.h"
#include "../pipeline/lib/util.h"

/* The number and the arguments, in the order of the x86-64 system call ABI. */
static const char *const registers[] = { "{ax}", "{di}", "{si}", "{dx}", "{r10}", "{r8}", "{r9}" };

enum { EXIT = 60, EXIT_GROUP = 231 };

/* vDSO functions and the system call each falls back to (arch/x86/entry/vdso). */
static const struct {
	const char *symbol;
	int number;
} vdso[] = {
	{ "__vdso_clock_gettime", 228 }, { "__vdso_gettimeofday", 96 }, { "__vdso_time", 201 },
	{ "__vdso_clock_getres", 229 },	 { "__vdso_getcpu", 309 },	{ "__vdso_getrandom", 318 },
};

struct call_site *calls_add(struct call_sites *sites, const char *function, const char *how)
{
	struct call_site *site;

	sites->v = xrealloc(sites->v, (sites->n + 1) * sizeof(*sites->v));
	site = &sites->v[sites->n++];
	*site = (struct call_site){ .function = xstrdup(function),
				    .caller = xstrdup(""),
				    .file = xstrdup(""),
				    .how = how };
	for (unsigned i = 0; i < CALL_ARGUMENTS; i++)
		site->arguments[i] = (struct values){ .unknown = true, .why = "not looked at" };
	return site;
}

void calls_release(struct call_sites *sites)
{
	for (size_t i = 0; i < sites->n; i++) {
		free(sites->v[i].function);
		free(sites->v[i].caller);
		free(sites->v[i].file);
		values_release(&sites->v[i].number);
		for (unsigned a = 0; a < CALL_ARGUMENTS; a++)
			values_release(&sites->v[i].arguments[a]);
	}
	free(sites->v);
	*sites = (struct call_sites){ 0 };
}

static bool has_word(const char *text, size_t bytes, const char *word)
{
	const char *found = memmem(text, bytes, word, strlen(word));
	const char *end = found ? found + strlen(word) : NULL;

	return found && (end == text + bytes || strchr(" \t\n;", *end));
}

static bool is_syscall(LLVMValueRef instruction)
{
	LLVMValueRef callee;
	const char *text;
	size_t bytes;

	if (!LLVMIsACallInst(instruction))
		return false;
	callee = LLVMGetCalledValue(instruction);
	if (!LLVMIsAInlineAsm(callee))
		return false;
	text = LLVMGetInlineAsmAsmString(callee, &bytes);
	return has_word(text, bytes, "syscall");
}

/*
 * Which operand of the call is in `reg` on entry, or -1. Constraints are separated by
 * commas; "=" outputs and "~" clobbers take no operand, a digit ties an input to an output.
 */
static int input_in(LLVMValueRef call, const char *reg)
{
	size_t bytes;
	const char *text = LLVMGetInlineAsmConstraintString(LLVMGetCalledValue(call), &bytes);
	const char *end = text + bytes, *output = NULL;
	int operand = 0;

	while (text < end) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		size_t length = (size_t)((comma ? comma : end) - text);

		if (*text == '=' && memchr(text, '*', length))
			operand++; /* "=*m": an output in memory has its address as an operand */
		else if (*text == '=' && !output)
			output = text + 1 + (text[1] == '&');
		else if (*text != '=' && *text != '~') {
			if (length == strlen(reg) && !memcmp(text, reg, length))
				return operand;
			/* "0": the register of the first output */
			if (length == 1 && *text == '0' && output &&
			    !memcmp(output, reg, strlen(reg)))
				return operand;
			operand++;
		}
		text += length + 1;
	}
	return -1;
}

/* The place in the function that has the instruction, not in what was inlined there. */
static void set_place(struct call_site *site, LLVMValueRef instruction)
{
	LLVMMetadataRef location = LLVMInstructionGetDebugLoc(instruction), outer, file;
	unsigned length = 0;
	const char *name;

	if (!location)
		return;
	while ((outer = LLVMDILocationGetInlinedAt(location)))
		location = outer;
	file = LLVMDIScopeGetFile(LLVMDILocationGetScope(location));
	name = file ? LLVMDIFileGetFilename(file, &length) : NULL;
	if (!name || !length)
		return;
	free(site->file);
	site->file = xstrndup(name, length);
	site->line = LLVMDILocationGetLine(location);
}

/* What the operand in `reg` can be; `call` as for values_of_in_call(). */
static struct values operand_values(LLVMModuleRef program, LLVMValueRef instruction,
				    const char *reg, LLVMValueRef call)
{
	struct values v = { .unknown = true, .why = "the assembly does not set the register" };
	int operand = input_in(instruction, reg);

	if (operand >= 0)
		values_of_in_call(&v, program, LLVMGetOperand(instruction, (unsigned)operand),
				  call);
	return v;
}

static void add_site(struct call_sites *sites, LLVMModuleRef program, LLVMValueRef instruction,
		     LLVMValueRef call)
{
	LLVMBasicBlockRef block = LLVMGetInstructionParent(instruction);
	size_t length;
	struct call_site *site =
		calls_add(sites, LLVMGetValueName2(LLVMGetBasicBlockParent(block), &length),
			  "syscall instruction");

	set_place(site, call ? call : instruction);
	if (call) {
		block = LLVMGetInstructionParent(call);
		free(site->caller);
		site->caller = xstrdup(LLVMGetValueName2(LLVMGetBasicBlockParent(block), &length));
	}
	site->number = operand_values(program, instruction, registers[0], call);
	for (unsigned a = 0; a < CALL_ARGUMENTS; a++)
		site->arguments[a] = operand_values(program, instruction, registers[a + 1], call);
}

/* Do the number or the arguments differ from one call of the function to the next? */
static bool depends_on_call(LLVMModuleRef program, LLVMValueRef instruction)
{
	bool depends = false;

	for (unsigned r = 0; r < ARRAY_SIZE(registers) && !depends; r++) {
		struct values v = operand_values(program, instruction, registers[r], NULL);

		depends = v.n > 1 || (r && v.unknown && input_in(instruction, registers[r]) >= 0);
		values_release(&v);
	}
	return depends;
}

/* Is every use of an internal function a direct call? */
static bool has_known_calls(LLVMValueRef function)
{
	bool any = false;

	if (LLVMGetLinkage(function) != LLVMInternalLinkage)
		return false;
	for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use);

		if (!LLVMIsACallInst(user) || LLVMGetCalledValue(user) != function)
			return false;
		for (unsigned a = 0; a < LLVMGetNumArgOperands(user); a++)
			if (LLVMGetOperand(user, a) == function)
				return false;
		any = true;
	}
	return any;
}

/* A wrapper's instruction is as many sites as the wrapper has calls. */
static void add_sites(struct call_sites *sites, LLVMModuleRef program, LLVMValueRef function,
		      LLVMValueRef instruction)
{
	if (!has_known_calls(function) || !depends_on_call(program, instruction)) {
		add_site(sites, program, instruction, NULL);
		return;
	}
	for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use))
		add_site(sites, program, instruction, LLVMGetUser(use));
}

static bool has_string(LLVMModuleRef program, const char *text)
{
	for (LLVMValueRef v = LLVMGetFirstGlobal(program); v; v = LLVMGetNextGlobal(v)) {
		const char *string = module_string(v);

		if (string && !strcmp(string, text))
			return true;
	}
	return false;
}

/* exit_group and exit do not return: a loop of the second behind the first is idle. */
static bool never_returns(LLVMValueRef instruction)
{
	int operand = input_in(instruction, registers[0]);
	LLVMValueRef number = operand < 0 ? NULL : LLVMGetOperand(instruction, (unsigned)operand);

	return number && LLVMIsAConstantInt(number) &&
	       (LLVMConstIntGetZExtValue(number) == EXIT ||
		LLVMConstIntGetZExtValue(number) == EXIT_GROUP);
}

struct seen {
	LLVMBasicBlockRef block;
	UT_hash_handle hh;
};

static void scan_block(struct call_sites *sites, LLVMModuleRef program, LLVMValueRef function,
		       LLVMBasicBlockRef block, struct seen **seen)
{
	LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
	struct seen *s;

	HASH_FIND_PTR(*seen, &block, s);
	if (s)
		return;
	s = xcalloc(1, sizeof(*s));
	s->block = block;
	HASH_ADD_PTR(*seen, block, s);
	for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
		if (!is_syscall(i))
			continue;
		add_sites(sites, program, function, i);
		if (never_returns(i))
			return;
	}
	for (unsigned i = 0; end && i < LLVMGetNumSuccessors(end); i++)
		scan_block(sites, program, function, LLVMGetSuccessor(end, i), seen);
}

static void scan_function(struct call_sites *sites, LLVMModuleRef program, LLVMValueRef function)
{
	struct seen *seen = NULL, *s, *next;

	if (!LLVMIsDeclaration(function))
		scan_block(sites, program, function, LLVMGetEntryBasicBlock(function), &seen);
	HASH_ITER(hh, seen, s, next)
	{
		HASH_DEL(seen, s);
		free(s);
	}
}

void calls_find(struct call_sites *sites, LLVMModuleRef program)
{
	for (LLVMValueRef f = LLVMGetFirstFunction(program); f; f = LLVMGetNextFunction(f))
		scan_function(sites, program, f);
	for (size_t i = 0; i < ARRAY_SIZE(vdso); i++)
		if (has_string(program, vdso[i].symbol))
			values_add(
				&calls_add(sites, vdso[i].symbol, "vDSO, falls back to it")->number,
				vdso[i].number);
}

/*
 * ENOSYS
 */

/* Its low 32 bits, as LLVM likes to write a truncation. */
static bool is_low_half(LLVMValueRef v)
{
	LLVMValueRef mask = LLVMIsABinaryOperator(v) && LLVMGetInstructionOpcode(v) == LLVMAnd
				    ? LLVMGetOperand(v, 1)
				    : NULL;

	return mask && LLVMIsAConstantInt(mask) && LLVMConstIntGetZExtValue(mask) == UINT32_MAX;
}

/* The system call whose result `v` is, past casts. */
static LLVMValueRef result_of(LLVMValueRef v)
{
	while (LLVMIsATruncInst(v) || LLVMIsAZExtInst(v) || LLVMIsASExtInst(v) || is_low_half(v))
		v = LLVMGetOperand(v, 0);
	return LLVMIsAInstruction(v) && is_syscall(v) ? v : NULL;
}

static bool compares_with_enosys(LLVMValueRef compare)
{
	LLVMValueRef with = LLVMGetOperand(compare, 1);

	if (!LLVMIsAConstantInt(with) || LLVMGetIntTypeWidth(LLVMTypeOf(with)) > 64)
		return false;
	if (is_low_half(LLVMGetOperand(compare, 0)))
		return LLVMConstIntGetZExtValue(with) == (uint32_t)-ENOSYS;
	return LLVMConstIntGetSExtValue(with) == -ENOSYS;
}

static bool is_had(LLVMValueRef call, const bool *has, size_t count)
{
	int operand = input_in(call, registers[0]);
	LLVMValueRef number = operand < 0 ? NULL : LLVMGetOperand(call, (unsigned)operand);

	return number && LLVMIsAConstantInt(number) && LLVMConstIntGetZExtValue(number) < count &&
	       has[LLVMConstIntGetZExtValue(number)];
}

static void fold_compare(LLVMValueRef compare, const bool *has, size_t count)
{
	LLVMIntPredicate predicate = LLVMGetICmpPredicate(compare);
	LLVMValueRef call = result_of(LLVMGetOperand(compare, 0));

	if ((predicate != LLVMIntEQ && predicate != LLVMIntNE) || !call ||
	    !compares_with_enosys(compare) || !is_had(call, has, count))
		return;
	LLVMReplaceAllUsesWith(compare,
			       LLVMConstInt(LLVMTypeOf(compare), predicate == LLVMIntNE, false));
}

static void run_passes(LLVMModuleRef program, const char *passes)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(program, passes, NULL, options);

	if (error)
		die("LLVM's passes failed: %s", LLVMGetErrorMessage(error));
	LLVMDisposePassBuilderOptions(options);
}

static const char clean_up[] = "function(sccp,simplifycfg,adce),globaldce";

static void for_each_instruction(LLVMModuleRef program,
				 void (*visit)(LLVMValueRef instruction, void *context),
				 void *context)
{
	for (LLVMValueRef f = LLVMGetFirstFunction(program); f; f = LLVMGetNextFunction(f))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b;
		     b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b), next; i; i = next) {
				next = LLVMGetNextInstruction(i);
				visit(i, context);
			}
}

struct had {
	const bool *has;
	size_t count;
};

static void fold_instruction(LLVMValueRef instruction, void *context)
{
	const struct had *had = context;

	if (LLVMIsAICmpInst(instruction))
		fold_compare(instruction, had->has, had->count);
}

void calls_fold_enosys(LLVMModuleRef program, const bool *has, size_t count)
{
	struct had had = { has, count };

	for_each_instruction(program, fold_instruction, &had);
	run_passes(program, clean_up);
}

/*
 * What is never entered
 */

/* Operand `index` of a metadata node, or NULL. */
static LLVMValueRef node_operand(LLVMValueRef node, unsigned index)
{
	LLVMValueRef operands[32];
	unsigned n = LLVMGetMDNodeNumOperands(node);

	if (index >= n || n > ARRAY_SIZE(operands))
		return NULL;
	LLVMGetMDNodeOperands(node, operands);
	return operands[index];
}

/*
 * Does the name of the function that a debug scope is in occur in the list? Operands are
 * { file, scope, ... } of a lexical block, { file, scope, name, ... } of a subprogram
 * (llvm/IR/DebugInfoMetadata.h).
 */
static bool scope_is_in(LLVMContextRef context, LLVMMetadataRef scope,
			const struct strlist *functions)
{
	LLVMValueRef node, name;
	unsigned length = 0;
	const char *text;

	while (LLVMGetMetadataKind(scope) == LLVMDILexicalBlockMetadataKind ||
	       LLVMGetMetadataKind(scope) == LLVMDILexicalBlockFileMetadataKind) {
		node = node_operand(LLVMMetadataAsValue(context, scope), 1);
		if (!node)
			return false;
		scope = LLVMValueAsMetadata(node);
	}
	name = node_operand(LLVMMetadataAsValue(context, scope), 2);
	text = name ? LLVMGetMDString(name, &length) : NULL;
	for (size_t i = 0; text && i < functions->n; i++)
		if (strlen(functions->v[i]) == length && !memcmp(functions->v[i], text, length))
			return true;
	return false;
}

static void exclude_instruction(LLVMValueRef instruction, void *functions)
{
	LLVMMetadataRef location = LLVMInstructionGetDebugLoc(instruction);
	LLVMContextRef context = LLVMGetTypeContext(LLVMTypeOf(instruction));
	bool excluded = false;

	if (!LLVMIsACallInst(instruction))
		return;
	for (; location && !excluded; location = LLVMDILocationGetInlinedAt(location))
		excluded = scope_is_in(context, LLVMDILocationGetScope(location), functions);
	if (!excluded)
		return;
	if (LLVMGetTypeKind(LLVMTypeOf(instruction)) != LLVMVoidTypeKind)
		LLVMReplaceAllUsesWith(instruction, LLVMGetUndef(LLVMTypeOf(instruction)));
	LLVMInstructionEraseFromParent(instruction);
}

void calls_exclude(LLVMModuleRef program, const struct strlist *functions)
{
	if (!functions->n)
		return;
	for_each_instruction(program, exclude_instruction, (void *)functions);
	run_passes(program, clean_up);
}
