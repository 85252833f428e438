/* SPDX-License-Identifier: MIT */
/*
 * tracker.h - what values.c and memory.c share
 */
#ifndef SHAKER_TRACKER_H
#define SHAKER_TRACKER_H

#include "values.h"

/* An object and a place in it. */
struct place {
	LLVMValueRef object; /* alloca, global variable or function */
	int64_t offset;
	int64_t stride; /* not 0: a variable index, any multiple of it may be added */
};

struct places {
	struct place *v;
	size_t n;
	unsigned serial; /* tells collections apart in questions; 0: none yet */
};

/* One question asked on the way, so that cycles end. */
struct question {
	LLVMValueRef value;
	int64_t kind, at, offset, stride, collector, bytes;
	LLVMValueRef access; /* of the field */
};

struct tracker {
	LLVMTargetDataRef layout;
	struct values *out;
	struct asked *asked;
	LLVMValueRef call; /* whose arguments stand for its callee's parameters, or NULL */
	unsigned depth;	   /* of values that are computed from values */
	unsigned steps;	   /* questions asked */
	unsigned serial;   /* of the last collection of places */
};

enum { MAX_DEPTH = 12, MAX_STEPS = 2000 };

enum question_kind { ASK_INTEGER, ASK_POINTER, ASK_STORES, ASK_CALLS };

/* What is looked for among the stores into an object. */
struct field {
	int64_t offset;
	uint64_t bytes;
	int64_t stride;
	struct places *pointers; /* where pointers are wanted; else integers go to t->out */
	LLVMValueRef access;	 /* the scalar type it is read as, of the TBAA, or NULL */
};

/* The answer is unknown, for this reason; the first one given stays. */
void give_up(struct tracker *t, const char *why);

/* False if this was asked before: the answer is being collected already. */
bool ask(struct tracker *t, struct question q);

/* The number of a collection, for questions; 0 for NULL: integers are collected. */
unsigned serial_of(struct tracker *t, struct places *p);

void add_place(struct places *p, struct place place);

/* Bytes of a type in memory, 0 if it has no size. */
uint64_t size_of(struct tracker *t, LLVMTypeRef type);

int64_t gcd(int64_t a, int64_t b);

bool is_gep(LLVMValueRef v);

/* Add what a GEP adds to `*offset`, and to `*stride` where an index is not constant. */
void add_indices(struct tracker *t, LLVMValueRef gep, int64_t *offset, int64_t *stride);

/* Add all that an integer can be to t->out. */
void follow_integer(struct tracker *t, LLVMValueRef v);

/* Add all places that `v`, moved by offset and stride, can point to. */
void follow_pointer(struct tracker *t, LLVMValueRef v, int64_t offset, int64_t stride,
		    struct places *places);

/*
 * Add what `load` can give: to `pointers`, or integers to t->out if that is NULL
 * (memory.c).
 */
void follow_load(struct tracker *t, LLVMValueRef load, struct places *pointers);

/* The text of a constant string at `place`, or NULL (memory.c). */
const char *string_at(struct place place);

#endif
