/* SPDX-License-Identifier: MIT */
/* What can be in memory: initializers, and every store through every pointer to it. */
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/module.h"
#include "tracker.h"

static void follow_stores(struct tracker *t, LLVMValueRef pointer, int64_t at, int64_t stride,
			  struct field *f);

/*
 * Constants inside of constants
 */

/* The element of `c` that holds `offset`, with the offset reduced to within it. */
static LLVMValueRef element_at(struct tracker *t, LLVMValueRef c, int64_t *offset)
{
	LLVMTypeRef type = LLVMTypeOf(c);
	unsigned index;

	if (LLVMGetTypeKind(type) == LLVMStructTypeKind) {
		index = LLVMElementAtOffset(t->layout, type, (uint64_t)*offset);
		*offset -= (int64_t)LLVMOffsetOfElement(t->layout, type, index);
	} else {
		uint64_t bytes = size_of(t, LLVMGetElementType(type));

		index = bytes ? (unsigned)((uint64_t)*offset / bytes) : 0;
		*offset -= (int64_t)(index * bytes);
	}
	return LLVMGetAggregateElement(c, index);
}

static bool is_aggregate(LLVMValueRef v)
{
	LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(v));

	return kind == LLVMStructTypeKind || kind == LLVMArrayTypeKind ||
	       kind == LLVMVectorTypeKind;
}

static void add_constant(struct tracker *t, LLVMValueRef c, struct field *f)
{
	if (f->pointers)
		follow_pointer(t, c, 0, 0, f->pointers);
	else
		follow_integer(t, c);
}

static void add_one_initializer(struct tracker *t, LLVMValueRef c, int64_t offset, struct field *f)
{
	while (c && is_aggregate(c) && offset >= 0 && (uint64_t)offset < size_of(t, LLVMTypeOf(c)))
		c = element_at(t, c, &offset);
	if (!c || offset || is_aggregate(c) || size_of(t, LLVMTypeOf(c)) != f->bytes)
		give_up(t, "a constant is read in another size than it has");
	else
		add_constant(t, c, f);
}

static void add_initializer(struct tracker *t, LLVMValueRef c, struct field *f)
{
	int64_t end = (int64_t)size_of(t, LLVMTypeOf(c)), offset = f->offset;

	if (!f->stride) {
		add_one_initializer(t, c, offset, f);
		return;
	}
	for (offset %= f->stride; offset < end && !t->out->unknown; offset += f->stride)
		if (offset >= 0)
			add_one_initializer(t, c, offset, f);
}

/*
 * Stores
 */

/* From the store to the field: the distance, or the least one that strides leave. */
static int64_t distance(const struct field *f, int64_t at, int64_t stride)
{
	int64_t step = gcd(f->stride, stride), d = f->offset - at;

	return step ? (d % step + step) % step : d;
}

static bool touches(const struct field *f, int64_t at, int64_t stride, uint64_t bytes)
{
	int64_t step = gcd(f->stride, stride), d = distance(f, at, stride);

	if (step)
		return d < (int64_t)bytes || step - d < (int64_t)f->bytes;
	return d < (int64_t)bytes && -d < (int64_t)f->bytes;
}

/*
 * The scalar type of an access in type-based alias analysis, or NULL. An access tag is
 * { base type, access type, offset }, a type { name, parent, ... } (LLVM LangRef, "tbaa").
 */
static LLVMValueRef access_type(LLVMValueRef instruction)
{
	static const char kind[] = "tbaa";
	LLVMContextRef context = LLVMGetTypeContext(LLVMTypeOf(instruction));
	LLVMValueRef tag, operands[8];

	tag = LLVMGetMetadata(instruction, LLVMGetMDKindIDInContext(context, kind, strlen(kind)));
	if (!tag || LLVMGetMDNodeNumOperands(tag) < 3 || LLVMGetMDNodeNumOperands(tag) > 8)
		return NULL;
	LLVMGetMDNodeOperands(tag, operands);
	return operands[1];
}

/* "omnipotent char" is what everything may be accessed as. */
static bool is_char(LLVMValueRef type)
{
	LLVMValueRef operands[8];
	unsigned n = LLVMGetMDNodeNumOperands(type), length = 0;
	const char *name;

	if (!n || n > 8)
		return true;
	LLVMGetMDNodeOperands(type, operands);
	name = LLVMGetMDString(operands[0], &length);
	return !name || !strncmp(name, "omnipotent char", length);
}

/* A scalar type's parent, or NULL at the root: { name, parent, 0 }. */
static LLVMValueRef parent_type(LLVMValueRef type)
{
	LLVMValueRef operands[8];
	unsigned n = LLVMGetMDNodeNumOperands(type);

	if (n < 2 || n > 8)
		return NULL;
	LLVMGetMDNodeOperands(type, operands);
	return operands[1];
}

/* Is `above` the type itself or above it? `*root` is where the walk ends. */
static bool is_above(LLVMValueRef above, LLVMValueRef type, LLVMValueRef *root)
{
	bool found = false;

	for (; type; type = parent_type(type)) {
		found |= type == above;
		*root = type;
	}
	return found;
}

/*
 * C's rule of effective types: a pointer that was stored is not read as an int. Types
 * of different trees (C and C++) say nothing of each other.
 */
static bool cannot_alias(const struct field *f, LLVMValueRef store)
{
	LLVMValueRef stored = access_type(store), root = NULL, other_root = NULL;

	if (!f->access || !stored || is_char(f->access) || is_char(stored))
		return false;
	return !is_above(stored, f->access, &root) && !is_above(f->access, stored, &other_root) &&
	       root == other_root;
}

static void take_store(struct tracker *t, LLVMValueRef store, int64_t at, int64_t stride,
		       struct field *f)
{
	LLVMValueRef value = LLVMGetOperand(store, 0);
	uint64_t bytes = size_of(t, LLVMTypeOf(value));

	if (!touches(f, at, stride, bytes) || cannot_alias(f, store))
		return;
	if (LLVMIsConstant(value) && is_aggregate(value) && !stride && !f->stride) {
		/* neighbouring fields that LLVM stores at once */
		struct field part = *f;

		part.offset -= at;
		add_initializer(t, value, &part);
	} else if (bytes != f->bytes || distance(f, at, stride)) {
		give_up(t, "a store covers the value only in part");
	} else {
		add_constant(t, value, f);
	}
}

static const char *callee_name(LLVMValueRef call)
{
	size_t length;
	LLVMValueRef callee = LLVMGetCalledValue(call);

	return LLVMIsAFunction(callee) ? LLVMGetValueName2(callee, &length) : "";
}

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static void take_fill(struct tracker *t, LLVMValueRef byte, struct field *f)
{
	if (!LLVMIsAConstantInt(byte) || LLVMConstIntGetZExtValue(byte))
		give_up(t, "memory is filled with something else than zeros");
	else if (!f->pointers)
		values_add(t->out, 0);
}

static void take_copy(struct tracker *t, LLVMValueRef call, int64_t at, int64_t stride,
		      struct field *f)
{
	LLVMValueRef from = LLVMGetOperand(call, 1);
	struct places places = { 0 };

	if (stride || f->stride) {
		give_up(t, "memory is copied to a variable place");
		return;
	}
	follow_pointer(t, from, f->offset - at, 0, &places);
	for (size_t i = 0; i < places.n; i++) {
		struct field source = *f;

		source.offset = places.v[i].offset;
		source.stride = places.v[i].stride;
		if (!LLVMIsAAllocaInst(places.v[i].object) &&
		    (!LLVMIsAGlobalVariable(places.v[i].object) ||
		     LLVMIsDeclaration(places.v[i].object) ||
		     (!LLVMIsGlobalConstant(places.v[i].object) &&
		      LLVMGetLinkage(places.v[i].object) != LLVMInternalLinkage &&
		      LLVMGetLinkage(places.v[i].object) != LLVMPrivateLinkage))) {
			give_up(t, "memory is copied from where it cannot be followed");
			break;
		}
		if (LLVMIsAGlobalVariable(places.v[i].object) &&
		    LLVMGetInitializer(places.v[i].object))
			add_initializer(t, LLVMGetInitializer(places.v[i].object), &source);
		if (!LLVMIsAGlobalVariable(places.v[i].object) ||
		    !LLVMIsGlobalConstant(places.v[i].object))
			follow_stores(t, places.v[i].object, 0, 0, &source);
	}
	free(places.v);
}

/* Does a copy or a fill whose length is known end, or begin, within the field? */
static bool covers_in_part(LLVMValueRef call, int64_t at, int64_t stride, const struct field *f)
{
	LLVMValueRef length = LLVMGetOperand(call, 2);
	int64_t n, d = f->offset - at, bytes = (int64_t)f->bytes;

	if (stride || f->stride || !LLVMIsAConstantInt(length))
		return false;
	n = LLVMConstIntGetSExtValue(length);
	return d < n && -d < bytes && (d < 0 || d + bytes > n);
}

/* Into a function with a body: what it does with the parameter. */
static void enter_function(struct tracker *t, LLVMValueRef function, unsigned argument, int64_t at,
			   int64_t stride, struct field *f)
{
	if (LLVMIsDeclaration(function) || argument >= LLVMCountParams(function))
		give_up(t, "a pointer goes to a function that is not bitcode");
	else
		follow_stores(t, LLVMGetParam(function, argument), at, stride, f);
}

static void take_argument(struct tracker *t, LLVMValueRef call, unsigned argument, int64_t at,
			  int64_t stride, struct field *f)
{
	LLVMValueRef callee = LLVMGetCalledValue(call);
	const char *name = callee_name(call);
	struct places functions = { 0 };

	if (begins(name, "llvm.lifetime") || begins(name, "llvm.dbg"))
		return;
	if (begins(name, "llvm.mem") || !strcmp(name, "memcpy") || !strcmp(name, "memset") ||
	    !strcmp(name, "memmove")) {
		if (argument != 0)
			return;
		/* the functions, unlike the intrinsics, return it */
		if (!begins(name, "llvm."))
			follow_stores(t, call, at, stride, f);
		if (covers_in_part(call, at, stride, f))
			give_up(t, "memory is written over the value only in part");
		else if (strstr(name, "memset"))
			take_fill(t, LLVMGetOperand(call, 1), f);
		else
			take_copy(t, call, at, stride, f);
		return;
	}
	if (LLVMIsAInlineAsm(callee)) {
		give_up(t, "a pointer goes to inline assembly");
		return;
	}
	follow_pointer(t, callee, 0, 0, &functions);
	for (size_t i = 0; i < functions.n; i++) {
		if (LLVMIsAFunction(functions.v[i].object))
			enter_function(t, functions.v[i].object, argument, at, stride, f);
		else
			give_up(t, "a pointer goes to a function that is not known");
	}
	free(functions.v);
}

static void take_call(struct tracker *t, LLVMValueRef call, LLVMValueRef pointer, int64_t at,
		      int64_t stride, struct field *f)
{
	for (unsigned a = 0; a < LLVMGetNumArgOperands(call); a++)
		if (LLVMGetOperand(call, a) == pointer)
			take_argument(t, call, a, at, stride, f);
}

/* The pointer itself is stored: follow it where it is loaded again. */
static void take_escape(struct tracker *t, LLVMValueRef to, int64_t at, int64_t stride,
			struct field *f)
{
	if (!LLVMIsAGlobalVariable(to) || LLVMGetLinkage(to) != LLVMInternalLinkage) {
		give_up(t, "a pointer is stored where it cannot be followed");
		return;
	}
	for (LLVMUseRef use = LLVMGetFirstUse(to); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use);

		if (LLVMIsALoadInst(user))
			follow_stores(t, user, at, stride, f);
		else if (!LLVMIsAStoreInst(user) || LLVMGetOperand(user, 1) != to)
			give_up(t, "the address of a pointer is taken");
	}
}

static void take_use(struct tracker *t, LLVMValueRef user, LLVMValueRef pointer, int64_t at,
		     int64_t stride, struct field *f)
{
	if (LLVMIsALoadInst(user) || LLVMIsAICmpInst(user))
		return;
	if (LLVMIsAStoreInst(user)) {
		if (LLVMGetOperand(user, 1) == pointer)
			take_store(t, user, at, stride, f);
		if (LLVMGetOperand(user, 0) == pointer)
			take_escape(t, LLVMGetOperand(user, 1), at, stride, f);
	} else if (is_gep(user)) {
		add_indices(t, user, &at, &stride);
		follow_stores(t, user, at, stride, f);
	} else if (LLVMIsAPHINode(user) || LLVMIsASelectInst(user)) {
		follow_stores(t, user, at, stride, f);
	} else if (LLVMIsACallInst(user)) {
		take_call(t, user, pointer, at, stride, f);
	} else {
		give_up(t, "a pointer is used in a way that is not followed");
	}
}

/* Every store through `pointer`, which points `at` bytes into the object. */
static void follow_stores(struct tracker *t, LLVMValueRef pointer, int64_t at, int64_t stride,
			  struct field *f)
{
	if (t->out->unknown ||
	    !ask(t, (struct question){ pointer, ASK_STORES, at, f->offset, gcd(stride, f->stride),
				       serial_of(t, f->pointers), (int64_t)f->bytes, f->access }))
		return;
	for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = LLVMGetNextUse(use))
		take_use(t, LLVMGetUser(use), pointer, at, stride, f);
}

/* What a load of `bytes` at a place can give. */
static void follow_place(struct tracker *t, struct place p, LLVMValueRef load,
			 struct places *pointers)
{
	struct field f = { p.offset, size_of(t, LLVMTypeOf(load)), p.stride, pointers,
			   access_type(load) };
	LLVMValueRef object = p.object;

	if (LLVMIsAGlobalVariable(object)) {
		if (LLVMIsDeclaration(object) || (!LLVMIsGlobalConstant(object) &&
						  LLVMGetLinkage(object) != LLVMInternalLinkage &&
						  LLVMGetLinkage(object) != LLVMPrivateLinkage)) {
			give_up(t, "a variable is visible outside of the bitcode");
			return;
		}
		add_initializer(t, LLVMGetInitializer(object), &f);
		if (LLVMIsGlobalConstant(object))
			return;
	} else if (!LLVMIsAAllocaInst(object)) {
		give_up(t, "memory of unknown origin is read");
		return;
	}
	follow_stores(t, object, 0, 0, &f);
}

void follow_load(struct tracker *t, LLVMValueRef load, struct places *pointers)
{
	struct places from = { 0 };
	LLVMValueRef call = t->call;

	follow_pointer(t, LLVMGetOperand(load, 0), 0, 0, &from);
	/* stores are those of every call, whichever one is looked at */
	t->call = NULL;
	for (size_t i = 0; i < from.n && !t->out->unknown; i++)
		follow_place(t, from.v[i], load, pointers);
	t->call = call;
	free(from.v);
}

const char *string_at(struct place place)
{
	return place.offset || place.stride ? NULL : module_string(place.object);
}
