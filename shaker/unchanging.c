/* SPDX-License-Identifier: MIT */
#include "unchanging.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "passes.h"

/* An integer in a variable, which is known by its name: a copy of the module has it, too. */
struct integer {
	const char *variable;
	int64_t offset, bytes;
	bool stored, loaded, changes;
};

struct integers {
	struct integer *v;
	size_t n;
};

struct walk {
	LLVMModuleRef program;
	LLVMTargetDataRef layout;
	struct integers *all;
	const char *variable;
	bool collect; /* on the first walk; on later ones accesses are checked */
	bool fold;    /* replace loads */
	LLVMValueRef initializer;
	int64_t *steps; /* by which the program steps back from a pointer, all below 0 */
	size_t step_count;
	int64_t rounding; /* the farthest that it rounds an address down, below 0 */
};

static int64_t size_of(const struct walk *w, LLVMTypeRef type)
{
	return LLVMTypeIsSized(type) ? (int64_t)LLVMABISizeOfType(w->layout, type) : 0;
}

static struct integer *find(struct walk *w, int64_t offset, int64_t bytes)
{
	for (size_t i = 0; i < w->all->n; i++) {
		struct integer *k = &w->all->v[i];

		if (!strcmp(k->variable, w->variable) && k->offset == offset && k->bytes == bytes)
			return k;
	}
	if (!w->collect)
		return NULL;
	w->all->v = xrealloc(w->all->v, (w->all->n + 1) * sizeof(*w->all->v));
	w->all->v[w->all->n] = (struct integer){ w->variable, offset, bytes, false, false, false };
	return &w->all->v[w->all->n++];
}

/* What is at the integer's place in the initializer, or NULL. */
static LLVMValueRef initial_value(struct walk *w, int64_t offset, LLVMTypeRef type)
{
	LLVMValueRef c = offset < 0 ? NULL : w->initializer;

	while (c && LLVMTypeOf(c) != type) {
		LLVMTypeRef t = LLVMTypeOf(c);
		unsigned index;

		if (LLVMGetTypeKind(t) == LLVMStructTypeKind) {
			if (offset >= size_of(w, t))
				return NULL;
			index = LLVMElementAtOffset(w->layout, t, (uint64_t)offset);
			offset -= (int64_t)LLVMOffsetOfElement(w->layout, t, index);
		} else if (LLVMGetTypeKind(t) == LLVMArrayTypeKind) {
			int64_t bytes = size_of(w, LLVMGetElementType(t));

			if (!bytes || offset >= size_of(w, t))
				return NULL;
			index = (unsigned)(offset / bytes);
			offset %= bytes;
		} else {
			return NULL;
		}
		c = LLVMGetAggregateElement(c, index);
	}
	return c && !offset && LLVMIsAConstantInt(c) ? c : NULL;
}

/* All accesses that touch bytes [offset, offset + bytes) in another shape: they change. */
static void mark_overlapping(struct walk *w, int64_t offset, int64_t bytes)
{
	for (size_t i = 0; i < w->all->n; i++) {
		struct integer *k = &w->all->v[i];

		if (!strcmp(k->variable, w->variable) && k->offset < offset + bytes &&
		    offset < k->offset + k->bytes)
			k->changes = true;
	}
}

static void visit_load(struct walk *w, LLVMValueRef load, int64_t offset)
{
	LLVMTypeRef type = LLVMTypeOf(load);
	struct integer *k;

	if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind)
		return;
	k = find(w, offset, size_of(w, type));
	if (!k)
		return;
	k->loaded = true;
	if (!initial_value(w, offset, type))
		k->changes = true;
	else if (w->fold && k->stored && !k->changes)
		LLVMReplaceAllUsesWith(load, initial_value(w, offset, type));
}

static void visit_store(struct walk *w, LLVMValueRef store, int64_t offset)
{
	LLVMValueRef value = LLVMGetOperand(store, 0);
	int64_t bytes = size_of(w, LLVMTypeOf(value));
	LLVMValueRef initial = initial_value(w, offset, LLVMTypeOf(value));
	struct integer *k;

	/* constants are unique: the same one is the same pointer */
	if (initial && value == initial) {
		k = find(w, offset, bytes);
		if (k)
			k->stored = true;
	} else if (w->collect && initial && LLVMIsAConstantInt(value)) {
		find(w, offset, bytes)->stored = true;
	} else {
		if (w->collect)
			find(w, offset, bytes)->changes = true;
		mark_overlapping(w, offset, bytes);
	}
}

/* Bytes that a GEP adds, if they are constant. */
static bool constant_step(const struct walk *w, LLVMValueRef gep, int64_t *step)
{
	LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);

	*step = 0;
	for (unsigned i = 1; i < (unsigned)LLVMGetNumOperands(gep); i++) {
		LLVMValueRef index = LLVMGetOperand(gep, i);

		if (!LLVMIsAConstantInt(index))
			return false;
		if (i == 1) {
			*step = LLVMConstIntGetSExtValue(index) * size_of(w, type);
		} else if (LLVMGetTypeKind(type) == LLVMStructTypeKind) {
			unsigned member = (unsigned)LLVMConstIntGetZExtValue(index);

			*step += (int64_t)LLVMOffsetOfElement(w->layout, type, member);
			type = LLVMStructGetTypeAtIndex(type, member);
		} else {
			type = LLVMGetElementType(type);
			*step += LLVMConstIntGetSExtValue(index) * size_of(w, type);
		}
	}
	return true;
}

/* What is only loaded from does no harm. */
static bool is_only_read(LLVMValueRef pointer)
{
	for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = LLVMGetNextUse(use))
		if (!LLVMIsALoadInst(LLVMGetUser(use)) && !LLVMIsAICmpInst(LLVMGetUser(use)))
			return false;
	return true;
}

/* Is it that operation by a constant on what was a pointer, or becomes one? */
static bool computes_address(const struct walk *w, LLVMValueRef i, LLVMOpcode opcode)
{
	if (!LLVMIsABinaryOperator(i) || LLVMGetInstructionOpcode(i) != opcode ||
	    !LLVMIsAConstantInt(LLVMGetOperand(i, 1)) || size_of(w, LLVMTypeOf(i)) != 8)
		return false;
	if (LLVMIsAPtrToIntInst(LLVMGetOperand(i, 0)))
		return true;
	for (LLVMUseRef use = LLVMGetFirstUse(i); use; use = LLVMGetNextUse(use))
		if (LLVMIsAIntToPtrInst(LLVMGetUser(use)))
			return true;
	return false;
}

/*
 * The constant that an instruction adds to a pointer, as one or as an integer; 0 if it does
 * nothing of the kind, or if what it gives is only read.
 */
static int64_t step_of(const struct walk *w, LLVMValueRef i)
{
	int64_t step;

	if (LLVMIsAGetElementPtrInst(i))
		return constant_step(w, i, &step) && !is_only_read(i) ? step : 0;
	return computes_address(w, i, LLVMAdd) ? LLVMConstIntGetSExtValue(LLVMGetOperand(i, 1)) : 0;
}

static void add_step(struct walk *w, int64_t step)
{
	for (size_t i = 0; i < w->step_count; i++)
		if (w->steps[i] == step)
			return;
	w->steps = xrealloc(w->steps, (w->step_count + 1) * sizeof(*w->steps));
	w->steps[w->step_count++] = step;
}

static void find_step(struct walk *w, LLVMValueRef i)
{
	int64_t mask;

	if (step_of(w, i) < 0)
		add_step(w, step_of(w, i));
	if (!computes_address(w, i, LLVMAnd))
		return;
	mask = LLVMConstIntGetSExtValue(LLVMGetOperand(i, 1));
	if (mask < w->rounding)
		w->rounding = mask;
}

static void find_steps(struct walk *w)
{
	for (LLVMValueRef f = LLVMGetFirstFunction(w->program); f; f = LLVMGetNextFunction(f))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b;
		     b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b); i;
			     i = LLVMGetNextInstruction(i))
				find_step(w, i);
}

/* Is there a step from the member at `from` to the field? */
static bool can_step_to(const struct walk *w, int64_t from, const struct integer *to)
{
	for (size_t i = 0; i < w->step_count; i++)
		if (w->steps[i] >= -from && from + w->steps[i] < to->offset + to->bytes)
			return true;
	return from + w->rounding < to->offset + to->bytes - 1;
}

static bool has_step(const struct walk *w, int64_t step)
{
	for (size_t i = 0; i < w->step_count; i++)
		if (w->steps[i] == step)
			return true;
	return false;
}

static void visit_escape(struct walk *w, int64_t offset);

/*
 * A pointer `offset` bytes into the variable can be moved to the start of an array that it
 * is in, or at the end of, as C lets it go anywhere there; and to that of a structure
 * around it if the program has this step. `type` is what is at `start`.
 */
static void visit_around(struct walk *w, LLVMTypeRef type, int64_t start, int64_t offset)
{
	bool array = LLVMGetTypeKind(type) == LLVMArrayTypeKind;
	bool structure = LLVMGetTypeKind(type) == LLVMStructTypeKind;

	if (start >= offset || offset > start + size_of(w, type))
		return;
	if (array || (structure && has_step(w, start - offset)))
		visit_escape(w, start);
	for (unsigned i = 0; structure && i < LLVMCountStructElementTypes(type); i++)
		visit_around(w, LLVMStructGetTypeAtIndex(type, i),
			     start + (int64_t)LLVMOffsetOfElement(w->layout, type, i), offset);
}

/* The address itself goes somewhere: to a member that is not the first. */
static void visit_escape(struct walk *w, int64_t offset)
{
	for (size_t i = 0; i < w->all->n; i++) {
		struct integer *k = &w->all->v[i];

		if (!strcmp(k->variable, w->variable) && !k->changes)
			k->changes = k->offset + k->bytes > offset || can_step_to(w, offset, k);
	}
	visit_around(w, LLVMTypeOf(w->initializer), 0, offset);
}

static void visit_uses(struct walk *w, LLVMValueRef pointer, int64_t offset)
{
	LLVMUseRef next;

	for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = next) {
		LLVMValueRef user = LLVMGetUser(use);
		int64_t step;

		next = LLVMGetNextUse(use);
		if (LLVMIsALoadInst(user))
			visit_load(w, user, offset);
		else if (LLVMIsAStoreInst(user) && LLVMGetOperand(user, 0) != pointer) {
			if (!w->fold)
				visit_store(w, user, offset);
		} else if ((LLVMIsAGetElementPtrInst(user) ||
			    (LLVMIsAConstantExpr(user) &&
			     LLVMGetConstOpcode(user) == LLVMGetElementPtr)) &&
			   LLVMGetOperand(user, 0) == pointer && constant_step(w, user, &step))
			visit_uses(w, user, offset + step);
		else if (!LLVMIsAICmpInst(user) && !w->fold)
			visit_escape(w, offset);
	}
}

static bool is_candidate(LLVMValueRef variable)
{
	LLVMLinkage linkage = LLVMGetLinkage(variable);
	const char *section = LLVMGetSection(variable);

	if (section && *section)
		return false; /* the linker's names of its bounds lead to it as well */
	return (linkage == LLVMInternalLinkage || linkage == LLVMPrivateLinkage) &&
	       LLVMGetInitializer(variable) && !LLVMIsGlobalConstant(variable) &&
	       !LLVMIsThreadLocal(variable) && !LLVMIsExternallyInitialized(variable);
}

static void walk_all(LLVMModuleRef program, struct integers *all, bool collect, bool fold)
{
	struct walk w = { .program = program,
			  .layout = LLVMGetModuleDataLayout(program),
			  .all = all,
			  .collect = collect,
			  .fold = fold };

	if (!fold)
		find_steps(&w);
	for (LLVMValueRef v = LLVMGetFirstGlobal(program); v; v = LLVMGetNextGlobal(v)) {
		size_t length;

		if (!is_candidate(v))
			continue;
		w.variable = LLVMGetValueName2(v, &length);
		if (!length)
			continue;
		w.initializer = LLVMGetInitializer(v);
		visit_uses(&w, v, 0);
	}
	free(w.steps);
}

/* Fields of another shape than an integer's initial value, or never loaded or stored. */
static void drop_useless(struct integers *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].loaded && all->v[i].stored && !all->v[i].changes)
			all->v[kept++] = all->v[i];
	all->n = kept;
}

/* One try on a copy: false if a field was found to change. */
static bool holds(LLVMModuleRef program, struct integers *all)
{
	LLVMModuleRef copy = LLVMCloneModule(program);
	size_t before = all->n;

	walk_all(copy, all, false, true);
	passes_clean_up(copy);
	walk_all(copy, all, false, false);
	LLVMDisposeModule(copy);
	drop_useless(all);
	return all->n == before;
}

void unchanging_fold(LLVMModuleRef program)
{
	struct integers all = { 0 };

	walk_all(program, &all, true, false);
	drop_useless(&all);
	while (all.n && !holds(program, &all))
		;
	if (all.n) {
		walk_all(program, &all, false, true);
		passes_clean_up(program);
	}
	free(all.v);
}
