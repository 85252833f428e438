/* SPDX-License-Identifier: MIT */
/*
 * stacks.h - what called what called what, while the guest runs: its stacks, frame by frame
 *
 * A frame is known by its slot, the address where its return address is stored. A call stores at slot
 * S: frames at S and below are gone, however that came, and there is a new one. A return loads
 * from slot S: frames at S and below are gone. So the frames are right again after a longjmp, too.
 *
 * Kernel stacks are found by address: pieces of 16 KiB, as the kernel aligns those of its tasks
 * (THREAD_SIZE). The stack can become another one in two ways. At __switch_to_asm (ROLE_SWITCH) the
 * processor goes over to another task, whose frames are as it left them. Else it has been
 * switched to a stack for interrupts or entries: that begins empty, and hangs on what ran before.
 *
 * Programs: each task has one stack of frames, kept while the kernel runs. What the kernel does for a
 * task hangs on the frames with which the task entered it. A task that begins has its
 * maker's frames at the time of the fork (ROLE_FORK, ROLE_CHILD); a program that begins
 * (ROLE_PROGRAM) has none. A signal's handler hangs on what it interrupts.
 *
 * A leaf is always the function that executes: after a jump into another one, that one.
 *
 * Stacks belong to the processor that runs on them; the guest's scheduler sees to it.
 */
#ifndef PROFILES_STACKS_H
#define PROFILES_STACKS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "block.h"
#include "contexts.h"

enum { KERNEL_STACK_BYTES = 16 << 10, FRAMES_MAX = 1 << 16 };

enum frame_kind {
	FRAME_CALL,
	FRAME_OPEN,	 /* a call; where it goes has not been seen yet */
	FRAME_INTERRUPT, /* the handler of one, in the kernel */
	FRAME_SIGNAL,	 /* the handler of one, in a program */
};

struct frame {
	uint64_t slot;		   /* of a FRAME_CALL's; else just below the one before */
	uint64_t return_address;   /* a FRAME_INTERRUPT's: see `expected` of what it interrupted */
	const struct block *after; /* FRAME_SIGNAL: it came after this one */
	uint32_t parent, context;  /* the same if it is not told apart from its caller */
	uint32_t function;
	enum frame_kind kind;
};

struct stack {
	struct frame *frames; /* the first one is what runs there without having been called */
	uint32_t count, room;
	uint64_t base;		     /* a kernel stack's; aligned */
	uint64_t expected;	     /* where the last return has to arrive; 0: nothing is */
	struct stack *below;	     /* what it was entered from; NULL: it is a task's */
	struct stack *next;	     /* with the same hash */
	struct stack *user;	     /* a task's program; NULL: none yet */
	const struct block *entered; /* a program's last block before the kernel ran */
	bool child;		     /* of a fork, and did not run yet */
	bool inherited;		     /* its frames are its maker's, if it is on the same stack */
};

/* What arrived since the last block. */
enum arrival { ARRIVAL_NONE, ARRIVAL_RETURN, ARRIVAL_MISMATCH, ARRIVAL_UNKNOWN, ARRIVALS };

/* One processor's; written by its thread only. */
struct stacks_vcpu {
	struct frame *leaf; /* the last one of `stack` */
	const struct block *previous;
	struct stack *stack; /* which is run on */
	struct stack *task;  /* the kernel stack at the bottom of it */
	bool in_kernel;
	bool attention; /* the next block is no plain one */
	bool switching; /* to another task */
	bool returned;	/* `expected` has to be looked at */
	enum arrival arrival;
	uint64_t arrivals[ARRIVALS]; /* counted by stacks_count() */
} __attribute__((aligned(64)));

struct stacks {
	struct contexts contexts;
	unsigned vcpu_count;
	pthread_mutex_t lock; /* for making stacks, and for forks */
	_Atomic(struct stack *) *heads;
	struct fork *oldest_fork;
	struct stacks_vcpu vcpus[VCPUS_MAX];
};

void stacks_init(struct stacks *s, unsigned vcpus);

/* Frames stay, what was counted does not; processors do not count meanwhile. */
void stacks_zero(struct stacks *s);

/* What was counted, at one time; processors do not count meanwhile. */
struct stacks_sums {
	uint64_t instructions, refused, arrivals[ARRIVALS];
	uint32_t contexts;
	char *text; /* contexts.txt (contexts.h) */
	size_t bytes;
};
void stacks_sum(const struct stacks *s, struct stacks_sums *sums);
void stacks_sums_release(struct stacks_sums *sums);

/*
 * A call, the last instruction of `from`, stored at `slot`. QEMU 7.2 tells plugins of what its helpers do
 * later, too, when it delivers an exception, say: only the first time in an execution of `from` counts.
 */
void stacks_call(struct stacks *s, unsigned vcpu, const struct block *from, uint64_t slot);

/* A return, the last instruction of `from`, loaded from `slot`; likewise. */
void stacks_return(struct stacks *s, unsigned vcpu, const struct block *from, uint64_t slot);

/* The rare cases of stacks_step(), and the definition of all. */
void stacks_arrive(struct stacks *s, struct stacks_vcpu *v, const struct block *to);

/* The hot path: `to` begins. Returns its context. */
static inline uint32_t stacks_step(struct stacks *s, unsigned vcpu, const struct block *to)
{
	struct stacks_vcpu *v = &s->vcpus[vcpu];

	v->arrival = ARRIVAL_NONE;
	if (v->attention || to->facts.entry != ENTRY_NONE || to->facts.role != ROLE_NONE ||
	    to->facts.function != v->leaf->function || (to->key.start >> 63) != v->in_kernel)
		stacks_arrive(s, v, to);
	if (to->key.kind == BRANCH_IRET)
		v->attention = true;
	v->previous = to;
	return v->leaf->context;
}

/* Count what stacks_step() saw, in the window. */
static inline void stacks_count(struct stacks_vcpu *v)
{
	v->arrivals[v->arrival]++;
}

#endif
