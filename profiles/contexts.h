/* SPDX-License-Identifier: MIT */
/*
 * contexts.h - the tree of calling contexts: who called whom called whom, and what it cost
 *
 * A context is a function and the context that called it; 0 is the root, which is nobody's. It is
 * known by a number and never changed or removed, so it is found without a lock; only making
 * one takes the lock. What was executed in a context is counted by each processor for itself.
 */
#ifndef PROFILES_CONTEXTS_H
#define PROFILES_CONTEXTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Deeper calls, and more contexts than that, count for the context they are made from. */
enum { CONTEXTS_MAX = 1 << 22, CONTEXTS_DEPTH_MAX = 1024 };

struct context {
	uint32_t parent, function;
	uint32_t next; /* with the same hash; 0: none */
	uint32_t depth;
};

struct contexts {
	pthread_mutex_t lock;
	unsigned vcpus;
	_Atomic uint32_t count;	  /* of `v`, the root included */
	_Atomic uint64_t refused; /* children that were not made: too deep, or too many */
	struct context *v;
	_Atomic uint32_t *heads;
	uint64_t **instructions; /* [processor][context] */
};

/* Address space for the greatest size is taken at once; memory when it is used. */
void contexts_init(struct contexts *c, unsigned vcpus);

/* Back to nothing counted; processors do not count meanwhile. */
void contexts_zero(struct contexts *c);

/* Of `function` called from `parent`; `parent` itself if there is no more room. */
uint32_t contexts_child(struct contexts *c, uint32_t parent, uint32_t function);

/* Instructions of all contexts on all processors. */
uint64_t contexts_instructions(const struct contexts *c);

/*
 * contexts.txt: a line "PARENT FUNCTION INSTRUCTIONS" for each context, the first one's number is 1; a
 * parent comes before its children. The caller frees.
 */
char *contexts_text(const struct contexts *c, size_t *bytes);

#endif
