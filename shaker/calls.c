/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <errno.h>
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "../bitcode/module.h"
#include "../pipeline/lib/util.h"
#include "passes.h"

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
	const char *end = text + bytes, *found = text, *after;

	while ((found = memmem(found, (size_t)(end - found), word, strlen(word)))) {
		after = found + strlen(word);
		if (after == end || strchr(" \t\n;", *after))
			return true;
		found = after;
	}
	return false;
}

/* The text of an inline assembly call, not terminated, or NULL. */
static const char *assembly_text(LLVMValueRef instruction, size_t *bytes)
{
	LLVMValueRef callee = NULL;

	if (LLVMIsACallInst(instruction) || LLVMIsACallBrInst(instruction))
		callee = LLVMGetCalledValue(instruction);
	return callee && LLVMIsAInlineAsm(callee) ? LLVMGetInlineAsmAsmString(callee, bytes) : NULL;
}

static bool is_syscall(LLVMValueRef instruction)
{
	size_t bytes;
	const char *text = assembly_text(instruction, &bytes);

	return text && has_word(text, bytes, "syscall");
}

/*
 * Is the instruction all there is in the text? Then the registers hold what the operands
 * say; other text could move them, or make two calls.
 */
static bool is_only_syscall(LLVMValueRef instruction)
{
	static const char word[] = "syscall";
	size_t bytes, length = strlen(word);
	const char *text = assembly_text(instruction, &bytes);

	while (bytes && strchr(" \t\n", *text)) {
		text++;
		bytes--;
	}
	if (bytes < length || memcmp(text, word, length))
		return false;
	for (size_t i = length; i < bytes; i++)
		if (!strchr(" \t\n;", text[i]))
			return false;
	return true;
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

	if (!is_only_syscall(instruction))
		v.why = "the assembly does more than make the call";
	else if (operand >= 0)
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

struct seen {
	LLVMBasicBlockRef block;
	UT_hash_handle hh;
};

/* False if the block was seen before. */
static bool see(struct seen **seen, LLVMBasicBlockRef block)
{
	struct seen *s;

	HASH_FIND_PTR(*seen, &block, s);
	if (s)
		return false;
	s = xcalloc(1, sizeof(*s));
	s->block = block;
	HASH_ADD_PTR(*seen, block, s);
	return true;
}

static void forget_seen(struct seen **seen)
{
	struct seen *s, *next;

	HASH_ITER(hh, *seen, s, next)
	{
		HASH_DEL(*seen, s);
		free(s);
	}
}

/* The successor for one value of the condition. Operands of a switch: the condition, the
 * default, then pairs of a value and where it leads. */
static int successor_for(LLVMValueRef end, int64_t value)
{
	if (LLVMIsABranchInst(end))
		return value ? 0 : 1; /* the first one is for true */
	for (unsigned i = 1; i < LLVMGetNumSuccessors(end); i++)
		if (LLVMConstIntGetSExtValue(LLVMGetOperand(end, 2 * i)) == value)
			return (int)i;
	return 0;
}

/* Which way a block ends in this call of its function; -1: any. */
static int way_of(LLVMModuleRef program, LLVMValueRef end, LLVMValueRef call)
{
	struct values condition;
	int way = -1;

	if (!LLVMIsASwitchInst(end) && (!LLVMIsABranchInst(end) || !LLVMIsConditional(end)))
		return -1;
	values_of_in_call(&condition, program, LLVMGetOperand(end, 0), call);
	if (!condition.unknown && condition.n == 1)
		way = successor_for(end, condition.v[0]);
	values_release(&condition);
	return way;
}

/* Does `call` of the function get from `block` to `target`? */
static bool gets_to(LLVMModuleRef program, LLVMBasicBlockRef block, LLVMBasicBlockRef target,
		    LLVMValueRef call, struct seen **seen)
{
	LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
	int way;

	if (block == target)
		return true;
	if (!see(seen, block))
		return false;
	way = way_of(program, end, call);
	for (unsigned i = 0; i < LLVMGetNumSuccessors(end); i++)
		if ((way < 0 || way == (int)i) &&
		    gets_to(program, LLVMGetSuccessor(end, i), target, call, seen))
			return true;
	return false;
}

static bool call_gets_to(LLVMModuleRef program, LLVMValueRef function, LLVMValueRef instruction,
			 LLVMValueRef call)
{
	struct seen *seen = NULL;
	bool gets = gets_to(program, LLVMGetEntryBasicBlock(function),
			    LLVMGetInstructionParent(instruction), call, &seen);

	forget_seen(&seen);
	return gets;
}

/*
 * A wrapper's instruction is as many sites as the wrapper has calls that get to it.
 */
static void add_sites(struct call_sites *sites, LLVMModuleRef program, LLVMValueRef function,
		      LLVMValueRef instruction)
{
	bool known = has_known_calls(function);
	bool depends = known && depends_on_call(program, instruction);

	if (!known) {
		add_site(sites, program, instruction, NULL);
		return;
	}
	for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use)) {
		if (!call_gets_to(program, function, instruction, LLVMGetUser(use)))
			continue;
		add_site(sites, program, instruction, depends ? LLVMGetUser(use) : NULL);
		if (!depends)
			return;
	}
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
	int operand = is_only_syscall(instruction) ? input_in(instruction, registers[0]) : -1;
	LLVMValueRef number = operand < 0 ? NULL : LLVMGetOperand(instruction, (unsigned)operand);

	return number && LLVMIsAConstantInt(number) &&
	       (LLVMConstIntGetZExtValue(number) == EXIT ||
		LLVMConstIntGetZExtValue(number) == EXIT_GROUP);
}

static void scan_block(struct call_sites *sites, LLVMModuleRef program, LLVMValueRef function,
		       LLVMBasicBlockRef block, struct seen **seen)
{
	LLVMValueRef end = LLVMGetBasicBlockTerminator(block);

	if (!see(seen, block))
		return;
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
	struct seen *seen = NULL;

	if (!LLVMIsDeclaration(function))
		scan_block(sites, program, function, LLVMGetEntryBasicBlock(function), &seen);
	forget_seen(&seen);
}

static bool makes_calls(LLVMValueRef function)
{
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b;
	     b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			if (is_syscall(i))
				return true;
	return false;
}

void calls_functions(struct strlist *functions, LLVMModuleRef program)
{
	size_t length;

	for (LLVMValueRef f = LLVMGetFirstFunction(program); f; f = LLVMGetNextFunction(f))
		if (makes_calls(f))
			strlist_push(functions, LLVMGetValueName2(f, &length));
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
	int operand = is_only_syscall(call) ? input_in(call, registers[0]) : -1;
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
	passes_clean_up(program);
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
	passes_clean_up(program);
}
