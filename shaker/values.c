/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "../pipeline/lib/util.h"
#include "tracker.h"

struct asked {
	struct question key;
	UT_hash_handle hh;
};

void give_up(struct tracker *t, const char *why)
{
	if (!t->out->unknown)
		t->out->why = why;
	t->out->unknown = true;
}

bool ask(struct tracker *t, struct question q)
{
	struct asked *found, *new;

	if (++t->steps > MAX_STEPS)
		give_up(t, "a value or an address is computed in a loop");
	if (t->out->unknown)
		return false;
	HASH_FIND(hh, t->asked, &q, sizeof(q), found);
	if (found)
		return false;
	new = xcalloc(1, sizeof(*new));
	new->key = q;
	HASH_ADD(hh, t->asked, key, sizeof(new->key), new);
	return true;
}

static void forget_questions(struct tracker *t)
{
	struct asked *a, *next;

	HASH_ITER(hh, t->asked, a, next)
	{
		HASH_DEL(t->asked, a);
		free(a);
	}
}

void values_add(struct values *s, int64_t value)
{
	size_t at = 0;

	while (at < s->n && s->v[at] < value)
		at++;
	if (at < s->n && s->v[at] == value)
		return;
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	memmove(&s->v[at + 1], &s->v[at], (s->n - at) * sizeof(*s->v));
	s->v[at] = value;
	s->n++;
}

void values_release(struct values *s)
{
	free(s->v);
	*s = (struct values){ 0 };
}

unsigned serial_of(struct tracker *t, struct places *p)
{
	if (p && !p->serial)
		p->serial = ++t->serial;
	return p ? p->serial : 0;
}

void add_place(struct places *p, struct place place)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].object == place.object && p->v[i].offset == place.offset &&
		    p->v[i].stride == place.stride)
			return;
	p->v = xrealloc(p->v, (p->n + 1) * sizeof(*p->v));
	p->v[p->n++] = place;
}

uint64_t size_of(struct tracker *t, LLVMTypeRef type)
{
	return LLVMTypeIsSized(type) ? LLVMABISizeOfType(t->layout, type) : 0;
}

int64_t gcd(int64_t a, int64_t b)
{
	return b ? gcd(b, a % b) : a;
}

void add_indices(struct tracker *t, LLVMValueRef gep, int64_t *offset, int64_t *stride)
{
	LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);

	for (int i = 1; i < LLVMGetNumOperands(gep); i++) {
		LLVMValueRef index = LLVMGetOperand(gep, (unsigned)i);
		bool constant = LLVMIsAConstantInt(index) != NULL;
		int64_t n = constant ? LLVMConstIntGetSExtValue(index) : 0, bytes = 0;

		if (i == 1) {
			bytes = (int64_t)size_of(t, type);
			*offset += n * bytes;
		} else if (LLVMGetTypeKind(type) == LLVMStructTypeKind) {
			*offset += (int64_t)LLVMOffsetOfElement(t->layout, type, (unsigned)n);
			type = LLVMStructGetTypeAtIndex(type, (unsigned)n);
		} else {
			type = LLVMGetElementType(type);
			bytes = (int64_t)size_of(t, type);
			*offset += n * bytes;
		}
		if (!constant)
			*stride = gcd(*stride, bytes ? bytes : 1);
	}
}

bool is_gep(LLVMValueRef v)
{
	if (LLVMIsAGetElementPtrInst(v))
		return true;
	return LLVMIsAConstantExpr(v) && LLVMGetConstOpcode(v) == LLVMGetElementPtr;
}

/*
 * Calls
 */

static void for_each_call(struct tracker *t, LLVMValueRef function,
			  void (*visit)(struct tracker *t, LLVMValueRef call, void *context),
			  void *context);

struct parameter {
	unsigned index;
	int64_t offset, stride;
	struct places *places; /* NULL: an integer is wanted */
};

static void take_actual(struct tracker *t, LLVMValueRef call, void *context)
{
	struct parameter *p = context;
	LLVMValueRef actual;

	if (p->index >= LLVMGetNumArgOperands(call)) {
		give_up(t, "a function is called with too few arguments");
		return;
	}
	actual = LLVMGetOperand(call, p->index);
	if (p->places)
		follow_pointer(t, actual, p->offset, p->stride, p->places);
	else
		follow_integer(t, actual);
}

static void follow_parameter(struct tracker *t, LLVMValueRef parameter, struct parameter *p)
{
	LLVMValueRef function = LLVMGetParamParent(parameter);

	for (p->index = 0; LLVMGetParam(function, p->index) != parameter;)
		p->index++;
	if (t->call && LLVMGetCalledValue(t->call) == function) {
		LLVMValueRef call = t->call;

		/* what comes before the call knows nothing of it */
		t->call = NULL;
		take_actual(t, call, p);
		t->call = call;
		return;
	}
	for_each_call(t, function, take_actual, p);
}

/* Every call of a function pointer, from one place where it is to be found. */
static void follow_calls(struct tracker *t, LLVMValueRef pointer,
			 void (*visit)(struct tracker *t, LLVMValueRef call, void *context),
			 void *context);

static void follow_callee_use(struct tracker *t, LLVMValueRef user, LLVMValueRef pointer,
			      void (*visit)(struct tracker *t, LLVMValueRef call, void *context),
			      void *context)
{
	if (LLVMIsACallInst(user)) {
		LLVMValueRef callee = LLVMGetCalledValue(user);

		if (callee == pointer)
			visit(t, user, context);
		for (unsigned a = 0; a < LLVMGetNumArgOperands(user); a++) {
			if (LLVMGetOperand(user, a) != pointer)
				continue;
			if (!LLVMIsAFunction(callee) || LLVMIsDeclaration(callee))
				give_up(t, "a function's address goes where it cannot be followed");
			else if (a < LLVMCountParams(callee))
				follow_calls(t, LLVMGetParam(callee, a), visit, context);
			else
				give_up(t, "a function's address is a variadic argument");
		}
	} else if (LLVMIsAPHINode(user) || LLVMIsASelectInst(user)) {
		follow_calls(t, user, visit, context);
	} else if (LLVMIsAStoreInst(user) && LLVMIsAGlobalVariable(LLVMGetOperand(user, 1)) &&
		   LLVMGetLinkage(LLVMGetOperand(user, 1)) == LLVMInternalLinkage) {
		LLVMValueRef variable = LLVMGetOperand(user, 1);

		for (LLVMUseRef use = LLVMGetFirstUse(variable); use; use = LLVMGetNextUse(use))
			if (LLVMIsALoadInst(LLVMGetUser(use)))
				follow_calls(t, LLVMGetUser(use), visit, context);
			else if (!LLVMIsAStoreInst(LLVMGetUser(use)) ||
				 LLVMGetOperand(LLVMGetUser(use), 1) != variable)
				give_up(t, "a function's address is in memory");
	} else if (!LLVMIsAICmpInst(user)) {
		give_up(t, "a function's address is in memory");
	}
}

static void follow_calls(struct tracker *t, LLVMValueRef pointer,
			 void (*visit)(struct tracker *t, LLVMValueRef call, void *context),
			 void *context)
{
	struct parameter *p = context;

	/* what is passed in the calls may depend on t->call */
	if (t->out->unknown ||
	    !ask(t, (struct question){ pointer, ASK_CALLS, p->index, p->offset, p->stride,
				       serial_of(t, p->places), t->call != NULL, NULL }))
		return;
	for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = LLVMGetNextUse(use))
		follow_callee_use(t, LLVMGetUser(use), pointer, visit, context);
}

static void for_each_call(struct tracker *t, LLVMValueRef function,
			  void (*visit)(struct tracker *t, LLVMValueRef call, void *context),
			  void *context)
{
	if (LLVMGetLinkage(function) != LLVMInternalLinkage)
		give_up(t, "a function can be called from outside of the bitcode");
	else
		follow_calls(t, function, visit, context);
}

/*
 * Values
 */

/* A pointer that was in memory, and the offset that was added to it afterwards. */
static void follow_loaded_pointer(struct tracker *t, LLVMValueRef load, int64_t offset,
				  int64_t stride, struct places *places)
{
	struct places loaded = { 0 };

	follow_load(t, load, &loaded);
	for (size_t i = 0; i < loaded.n; i++) {
		struct place p = loaded.v[i];

		p.offset += offset;
		p.stride = gcd(p.stride, stride);
		add_place(places, p);
	}
	free(loaded.v);
}

void follow_pointer(struct tracker *t, LLVMValueRef v, int64_t offset, int64_t stride,
		    struct places *places)
{
	struct parameter p = { 0, offset, stride, places };

	if (t->out->unknown)
		return;
	if (LLVMIsAAllocaInst(v) || LLVMIsAGlobalVariable(v) || LLVMIsAFunction(v)) {
		add_place(places, (struct place){ v, offset, stride });
		return;
	}
	if (LLVMIsAConstantPointerNull(v) || LLVMIsAUndefValue(v))
		return;
	if (!ask(t, (struct question){ v, ASK_POINTER, t->call != NULL, offset, stride,
				       serial_of(t, places), 0, NULL }))
		return;
	if (is_gep(v)) {
		add_indices(t, v, &offset, &stride);
		follow_pointer(t, LLVMGetOperand(v, 0), offset, stride, places);
	} else if (LLVMIsAPHINode(v)) {
		for (unsigned i = 0; i < LLVMCountIncoming(v); i++)
			follow_pointer(t, LLVMGetIncomingValue(v, i), offset, stride, places);
	} else if (LLVMIsASelectInst(v)) {
		follow_pointer(t, LLVMGetOperand(v, 1), offset, stride, places);
		follow_pointer(t, LLVMGetOperand(v, 2), offset, stride, places);
	} else if (LLVMIsAArgument(v)) {
		follow_parameter(t, v, &p);
	} else if (LLVMIsALoadInst(v)) {
		follow_loaded_pointer(t, v, offset, stride, places);
	} else {
		give_up(t, "a pointer of unknown origin");
	}
}

static unsigned width_of(LLVMValueRef v)
{
	LLVMTypeRef type = LLVMTypeOf(v);

	return LLVMGetTypeKind(type) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(type) : 64;
}

static int64_t sign_extend(uint64_t value, unsigned bits)
{
	return bits >= 64 ? (int64_t)value : (int64_t)(value << (64 - bits)) >> (64 - bits);
}

/*
 * Collect what `v` can be into a set of its own, by questions of its own. A value that
 * is computed from itself asks for ever, until the depth says so.
 */
static struct values values_if_known(struct tracker *t, LLVMValueRef v)
{
	struct values own = { 0 };
	struct tracker inner = {
		.layout = t->layout, .out = &own, .call = t->call, .depth = t->depth + 1
	};

	if (inner.depth > MAX_DEPTH)
		give_up(&inner, "a value is computed from itself");
	follow_integer(&inner, v);
	forget_questions(&inner);
	return own;
}

static struct values values_apart(struct tracker *t, LLVMValueRef v)
{
	struct values own = values_if_known(t, v);

	if (own.unknown)
		give_up(t, own.why);
	return own;
}

static bool is_only(struct tracker *t, LLVMValueRef v, bool nonzero)
{
	struct values known = values_if_known(t, v);
	bool only = !known.unknown && known.n == 1 && nonzero == (known.v[0] != 0);

	values_release(&known);
	return only;
}

static void follow_cast(struct tracker *t, LLVMValueRef v)
{
	LLVMValueRef operand = LLVMGetOperand(v, 0);
	unsigned from = width_of(operand), to = width_of(v);
	struct values inner = values_apart(t, operand);

	for (size_t i = 0; i < inner.n; i++) {
		uint64_t value = (uint64_t)inner.v[i];

		if (LLVMGetInstructionOpcode(v) == LLVMZExt && from < 64)
			value &= ((uint64_t)1 << from) - 1;
		values_add(t->out, sign_extend(value, to));
	}
	values_release(&inner);
}

static bool apply(LLVMOpcode op, int64_t a, int64_t b, int64_t *result)
{
	switch (op) {
	case LLVMAdd: *result = (int64_t)((uint64_t)a + (uint64_t)b); return true;
	case LLVMSub: *result = (int64_t)((uint64_t)a - (uint64_t)b); return true;
	case LLVMOr: *result = a | b; return true;
	case LLVMAnd: *result = a & b; return true;
	case LLVMXor: *result = a ^ b; return true;
	case LLVMShl: *result = (int64_t)((uint64_t)a << (b & 63)); return true;
	default: return false;
	}
}

/* "a and b" is false where one of them is, whatever the other one. */
static bool is_false(struct tracker *t, LLVMValueRef v)
{
	return LLVMGetInstructionOpcode(v) == LLVMAnd && width_of(v) == 1 &&
	       (is_only(t, LLVMGetOperand(v, 0), false) || is_only(t, LLVMGetOperand(v, 1), false));
}

static void follow_select(struct tracker *t, LLVMValueRef v)
{
	/* of conditions: a select is how LLVM writes "a && b", which does not look at b */
	bool condition = width_of(v) == 1;

	if (!condition || !is_only(t, LLVMGetOperand(v, 0), false))
		follow_integer(t, LLVMGetOperand(v, 1));
	if (!condition || !is_only(t, LLVMGetOperand(v, 0), true))
		follow_integer(t, LLVMGetOperand(v, 2));
}

static void follow_computation(struct tracker *t, LLVMValueRef v)
{
	struct values a = values_apart(t, LLVMGetOperand(v, 0));
	struct values b = values_apart(t, LLVMGetOperand(v, 1));
	LLVMOpcode op = LLVMGetInstructionOpcode(v);
	int64_t result;

	if (a.n * b.n > 256)
		give_up(t, "too many values");
	for (size_t i = 0; i < a.n && !t->out->unknown; i++)
		for (size_t k = 0; k < b.n; k++) {
			if (apply(op, a.v[i], b.v[k], &result))
				values_add(t->out, sign_extend((uint64_t)result, width_of(v)));
			else
				give_up(t, "a value is computed");
		}
	values_release(&a);
	values_release(&b);
}

static void follow_binary(struct tracker *t, LLVMValueRef v)
{
	if (is_false(t, v))
		values_add(t->out, 0);
	else
		follow_computation(t, v);
}

static bool compare(LLVMIntPredicate predicate, int64_t a, int64_t b)
{
	switch (predicate) {
	case LLVMIntEQ: return a == b;
	case LLVMIntNE: return a != b;
	case LLVMIntSLT: return a < b;
	case LLVMIntSLE: return a <= b;
	case LLVMIntSGT: return a > b;
	case LLVMIntSGE: return a >= b;
	/* sign extension keeps the order of unsigned values of one width, too */
	case LLVMIntULT: return (uint64_t)a < (uint64_t)b;
	case LLVMIntULE: return (uint64_t)a <= (uint64_t)b;
	case LLVMIntUGT: return (uint64_t)a > (uint64_t)b;
	default: return (uint64_t)a >= (uint64_t)b;
	}
}

static void follow_compare(struct tracker *t, LLVMValueRef v)
{
	struct values a = values_apart(t, LLVMGetOperand(v, 0));
	struct values b = values_apart(t, LLVMGetOperand(v, 1));

	if (a.n * b.n > 256)
		give_up(t, "too many values");
	for (size_t i = 0; i < a.n && !t->out->unknown; i++)
		for (size_t k = 0; k < b.n; k++)
			values_add(
				t->out,
				sign_extend(compare(LLVMGetICmpPredicate(v), a.v[i], b.v[k]), 1));
	values_release(&a);
	values_release(&b);
}

static void follow_result(struct tracker *t, LLVMValueRef call)
{
	LLVMValueRef function = LLVMGetCalledValue(call), outer = t->call;

	if (!LLVMIsAFunction(function) || LLVMIsDeclaration(function)) {
		give_up(t, "a value is returned by something that is not bitcode");
		return;
	}
	/* entered again, from wherever: that call has other arguments */
	if (outer && LLVMGetCalledValue(outer) == function)
		t->call = NULL;
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b;
	     b = LLVMGetNextBasicBlock(b)) {
		LLVMValueRef end = LLVMGetBasicBlockTerminator(b);

		if (end && LLVMIsAReturnInst(end) && LLVMGetNumOperands(end))
			follow_integer(t, LLVMGetOperand(end, 0));
	}
	t->call = outer;
}

/* Can it be computed here? Not element by element, nor what has more than 64 bits. */
static bool is_plain(LLVMValueRef v)
{
	return LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMIntegerTypeKind && width_of(v) <= 64;
}

void follow_integer(struct tracker *t, LLVMValueRef v)
{
	struct parameter p = { 0 };

	if (t->out->unknown || LLVMIsAUndefValue(v))
		return;
	if (LLVMIsAConstantInt(v)) {
		if (width_of(v) <= 64)
			values_add(t->out, LLVMConstIntGetSExtValue(v));
		else
			give_up(t, "a value has more than 64 bits");
		return;
	}
	if (!ask(t, (struct question){ .value = v, .kind = ASK_INTEGER, .at = t->call != NULL }))
		return;
	if (LLVMIsAPHINode(v)) {
		for (unsigned i = 0; i < LLVMCountIncoming(v); i++)
			follow_integer(t, LLVMGetIncomingValue(v, i));
	} else if (LLVMIsAFreezeInst(v)) {
		follow_integer(t, LLVMGetOperand(v, 0));
	} else if (LLVMIsAArgument(v)) {
		follow_parameter(t, v, &p);
	} else if (LLVMIsALoadInst(v)) {
		follow_load(t, v, NULL);
	} else if (LLVMIsACallInst(v)) {
		follow_result(t, v);
	} else if (!is_plain(v)) {
		give_up(t, "a value is computed in another shape than an integer of 64 bits");
	} else if (LLVMIsATruncInst(v) || LLVMIsAZExtInst(v) || LLVMIsASExtInst(v)) {
		follow_cast(t, v);
	} else if (LLVMIsASelectInst(v)) {
		follow_select(t, v);
	} else if (LLVMIsABinaryOperator(v)) {
		follow_binary(t, v);
	} else if (LLVMIsAICmpInst(v)) {
		follow_compare(t, v);
	} else {
		give_up(t, "a value is computed");
	}
}

void values_of(struct values *out, LLVMModuleRef module, LLVMValueRef value)
{
	values_of_in_call(out, module, value, NULL);
}

void values_of_in_call(struct values *out, LLVMModuleRef module, LLVMValueRef value,
		       LLVMValueRef call)
{
	struct tracker t = { .layout = LLVMGetModuleDataLayout(module), .out = out, .call = call };

	*out = (struct values){ 0 };
	follow_integer(&t, value);
	forget_questions(&t);
}

bool strings_of(struct strlist *out, LLVMModuleRef module, LLVMValueRef pointer)
{
	struct values none = { 0 };
	struct tracker t = { .layout = LLVMGetModuleDataLayout(module), .out = &none };
	struct places places = { 0 };

	while (LLVMIsAPtrToIntInst(pointer) ||
	       (LLVMIsAConstantExpr(pointer) && LLVMGetConstOpcode(pointer) == LLVMPtrToInt))
		pointer = LLVMGetOperand(pointer, 0);
	if (LLVMGetTypeKind(LLVMTypeOf(pointer)) != LLVMPointerTypeKind)
		return false;
	follow_pointer(&t, pointer, 0, 0, &places);
	for (size_t i = 0; i < places.n; i++) {
		const char *text = string_at(places.v[i]);

		if (text && !strlist_has(out, text))
			strlist_push(out, text);
		none.unknown |= !text;
	}
	forget_questions(&t);
	free(places.v);
	return !none.unknown;
}

void values_of_argument(struct values *out, LLVMModuleRef module, LLVMValueRef function,
			unsigned index)
{
	struct tracker t = { .layout = LLVMGetModuleDataLayout(module), .out = out };
	struct parameter p = { .index = index };

	*out = (struct values){ 0 };
	follow_calls(&t, function, take_actual, &p);
	forget_questions(&t);
}
