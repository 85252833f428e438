/* SPDX-License-Identifier: MIT */
#include "stacks.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/util.h"

enum { HEADS = 1 << 12, FRAMES_FIRST = 64, FORKS_MAX = 64, SAME_STACK_BYTES = 1 << 20 };

#define UPPER_HALF (UINT64_C(1) << 63)

/* A program's frames as they were when it asked for a child, which did not run yet. */
struct fork {
	struct fork *next;
	const struct block *entered;
	struct frame *frames;
	uint32_t count;
};

/*
 * Frames
 */

static void push(struct stacks_vcpu *v, const struct frame *frame)
{
	struct stack *s = v->stack;

	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : FRAMES_FIRST;
		s->frames = xrealloc(s->frames, s->room * sizeof(*s->frames));
	}
	s->frames[s->count++] = *frame;
	v->leaf = &s->frames[s->count - 1];
}

static void run_on(struct stacks_vcpu *v, struct stack *stack)
{
	v->stack = stack;
	v->leaf = &stack->frames[stack->count - 1];
}

/* One frame is left: what runs is `function` for `parent`, whose context is `context`. */
static void restart(struct stacks_vcpu *v, struct stack *stack, uint32_t parent, uint32_t context,
		    uint32_t function)
{
	stack->count = 0;
	stack->expected = 0;
	v->stack = stack;
	push(v, &(struct frame){ .slot = UINT64_MAX,
				 .parent = parent,
				 .context = context,
				 .function = function });
}

static void restart_called(struct stacks *s, struct stacks_vcpu *v, struct stack *stack,
			   uint32_t parent, uint32_t function)
{
	restart(v, stack, parent, contexts_child(&s->contexts, parent, function), function);
}

/* Frames below `slot` are gone; the first one stays. */
static void drop_below(struct stacks_vcpu *v, uint64_t slot)
{
	while (v->leaf->slot < slot) {
		v->stack->count--;
		v->leaf--;
	}
}

/* The last function has jumped into another one. */
static void replace_leaf(struct stacks *s, struct stacks_vcpu *v, uint32_t function)
{
	v->leaf->context = contexts_child(&s->contexts, v->leaf->parent, function);
	v->leaf->function = function;
}

/*
 * Which stack
 */

static struct stack *new_stack(uint64_t base)
{
	struct stack *stack = xcalloc(1, sizeof(*stack));

	stack->base = base;
	return stack;
}

/* The kernel stack at `base`; made, empty, if it is new. */
static struct stack *stack_at(struct stacks *s, uint64_t base)
{
	uint64_t mixed = (base / KERNEL_STACK_BYTES) * 0x9e3779b97f4a7c15u;
	_Atomic(struct stack *) *head = &s->heads[mixed >> 52];
	struct stack *first = atomic_load_explicit(head, memory_order_acquire), *i;

	for (i = first; i && i->base != base; i = i->next)
		;
	if (i)
		return i;
	pthread_mutex_lock(&s->lock);
	first = atomic_load(head);
	for (i = first; i && i->base != base; i = i->next)
		;
	if (!i) {
		i = new_stack(base);
		i->next = first;
		atomic_store_explicit(head, i, memory_order_release);
	}
	pthread_mutex_unlock(&s->lock);
	return i;
}

/* Whether the processor came from there to where it is, and so can go back. */
static bool is_below(const struct stack *stack, const struct stack *wanted)
{
	while (stack && stack != wanted)
		stack = stack->below;
	return stack;
}

/* The code that is executed runs on the new task's stack, too. */
static void change_task(struct stacks *s, struct stacks_vcpu *v, struct stack *to)
{
	uint32_t function = v->leaf->function;

	v->task = to;
	to->below = NULL;
	if (!to->count)
		restart_called(s, v, to, 0, function);
	run_on(v, to);
	if (v->leaf->function != function)
		replace_leaf(s, v, function);
}

/* The first stack that the kernel uses is that of the task which runs already. */
static void know_task(struct stacks_vcpu *v, struct stack *to)
{
	to->below = NULL;
	to->user = v->task->user;
	v->task = to;
}

/* The kernel uses the stack that has this address. */
static void find_stack(struct stacks *s, struct stacks_vcpu *v, uint64_t slot)
{
	struct stack *to, *from = v->stack;
	const struct frame leaf = *v->leaf;

	/* programs have one; the kernel has none down there once it is up */
	if (!v->in_kernel || slot < UPPER_HALF || slot - from->base < KERNEL_STACK_BYTES)
		return;
	to = stack_at(s, slot & -(uint64_t)KERNEL_STACK_BYTES);
	if (v->switching) {
		change_task(s, v, to);
		v->switching = false;
	} else if (is_below(from, to)) {
		run_on(v, to);
	} else {
		restart(v, to, leaf.parent, leaf.context, leaf.function);
		to->below = from;
		if (!v->task->base)
			know_task(v, to);
	}
}

/* A child has its maker's frames only if it goes on on a copy of the same stack. */
static void check_inherited(struct stacks *s, struct stacks_vcpu *v, uint64_t slot)
{
	uint64_t lowest = v->leaf->slot;

	v->stack->inherited = false;
	if (slot > lowest || lowest - slot > SAME_STACK_BYTES)
		restart_called(s, v, v->stack, 0, v->leaf->function);
}

static void use_slot(struct stacks *s, struct stacks_vcpu *v, uint64_t slot)
{
	find_stack(s, v, slot);
	if (v->stack->inherited)
		check_inherited(s, v, slot);
	v->attention = true;
}

void stacks_call(struct stacks *s, unsigned vcpu, const struct block *from, uint64_t slot)
{
	struct stacks_vcpu *v = &s->vcpus[vcpu];
	struct frame frame;

	if (v->attention || v->previous != from)
		return;
	use_slot(s, v, slot);
	drop_below(v, slot + 1);
	if (v->stack->count == FRAMES_MAX)
		return; /* it returns to nothing: the leaf is right again */
	frame = (struct frame){
		.slot = slot,
		.return_address = block_end(from),
		.parent = v->leaf->context,
		.context = v->leaf->context,
		.function = v->leaf->function,
		.kind = FRAME_OPEN,
	};
	push(v, &frame);
}

/* A signal's handler was not called: its frame stays until the kernel is told. */
void stacks_return(struct stacks *s, unsigned vcpu, const struct block *from, uint64_t slot)
{
	struct stacks_vcpu *v = &s->vcpus[vcpu];

	if (v->attention || v->previous != from)
		return;
	use_slot(s, v, slot);
	drop_below(v, slot);
	v->stack->expected = 0;
	v->returned = v->leaf->kind != FRAME_SIGNAL;
	if (v->leaf->slot != slot)
		return;
	v->returned = true;
	v->stack->expected = v->leaf->return_address;
	v->stack->count--;
	v->leaf--;
}

/*
 * Programs and the kernel
 */

static void remember_fork(struct stacks *s, const struct stack *user)
{
	struct fork *fork = xcalloc(1, sizeof(*fork)), **last;
	unsigned count = 0;

	fork->entered = user->entered;
	fork->count = user->count;
	fork->frames = xmalloc(user->count * sizeof(*fork->frames));
	memcpy(fork->frames, user->frames, user->count * sizeof(*fork->frames));
	pthread_mutex_lock(&s->lock);
	for (last = &s->oldest_fork; *last; last = &(*last)->next)
		count++;
	*last = fork;
	if (count == FORKS_MAX) { /* that many failed */
		fork = s->oldest_fork;
		s->oldest_fork = fork->next;
		free(fork->frames);
		free(fork);
	}
	pthread_mutex_unlock(&s->lock);
}

/* Whether a program that left its code after `from` goes on at `to`, with nothing between. */
static bool goes_on(const struct block *from, uint64_t expected, const struct block *to)
{
	uint64_t at = to->key.start;

	if (from->key.kind == BRANCH_SYSCALL)
		return at == block_end(from) || block_instruction_at(from, at) >= 0; /* again */
	if (from->key.kind == BRANCH_RETURN && expected)
		return at == expected || block_instruction_at(from, at) >= 0;
	return transition_of(from, at, ENTRY_NONE) != TRANSITION_INTERRUPTED;
}

/* The oldest fork whose system call comes back at `to`, out of the list; or NULL. */
static struct fork *take_fork(struct stacks *s, const struct block *to)
{
	struct fork **i, *found;

	pthread_mutex_lock(&s->lock);
	for (i = &s->oldest_fork; *i && !goes_on((*i)->entered, 0, to); i = &(*i)->next)
		;
	found = *i;
	if (found)
		*i = found->next;
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void begin_child(struct stacks *s, struct stack *user, const struct block *to)
{
	struct fork *fork = take_fork(s, to);

	user->child = false;
	user->count = 0;
	if (!fork)
		return;
	free(user->frames);
	user->frames = fork->frames;
	user->count = user->room = fork->count;
	user->entered = fork->entered;
	user->inherited = true;
	user->expected = 0;
	free(fork);
}

/* The kernel returns to `to`, which is not where it was called: a handler begins, or has ended. */
static void signal_or_end(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	struct stack *user = v->stack;
	uint32_t i = user->count;

	while (i-- > 0) {
		const struct frame *f = &user->frames[i];

		if (f->kind != FRAME_SIGNAL || !goes_on(f->after, f->return_address, to))
			continue;
		user->count = i;
		user->expected = 0;
		run_on(v, user);
		return;
	}
	if (user->count == FRAMES_MAX)
		return;
	push(v, &(struct frame){ .slot = v->leaf->slot - 1,
				 .return_address = user->expected,
				 .after = user->entered,
				 .parent = v->leaf->context,
				 .context = contexts_child(&s->contexts, v->leaf->context,
							   to->facts.function),
				 .function = to->facts.function,
				 .kind = FRAME_SIGNAL });
	user->expected = 0;
	v->returned = false;
}

static void leave_kernel(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	struct stack *user = v->task->user;

	if (!user)
		user = v->task->user = new_stack(0);
	if (user->child)
		begin_child(s, user, to);
	if (!user->count || to->facts.role == ROLE_PROGRAM) {
		restart_called(s, v, user, 0, to->facts.function);
		user->inherited = false;
		v->returned = false;
		return;
	}
	run_on(v, user);
	v->returned = user->expected != 0;
	if (user->entered && !goes_on(user->entered, user->expected, to))
		signal_or_end(s, v, to);
}

/* `caller`: a context. What the kernel had on the task's stack is gone, whatever that was. */
static void enter_kernel(struct stacks *s, struct stacks_vcpu *v, uint32_t caller,
			 const struct block *to)
{
	v->task->below = NULL;
	v->switching = false;
	v->returned = false;
	restart_called(s, v, v->task, caller, to->facts.function);
}

/* A program calls the kernel, or is interrupted; else the kernel's own code jumps at boot. */
static void leave_program(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	const struct block *from = v->previous;
	bool calls =
		from && (from->key.kind == BRANCH_SYSCALL || to->facts.entry != ENTRY_NONE ||
			 transition_of(from, to->key.start, ENTRY_NONE) == TRANSITION_INTERRUPTED);

	v->stack->entered = from;
	enter_kernel(s, v, calls ? v->leaf->context : 0, to);
}

/* The kernel returned to the program, which was interrupted before it executed anything. */
static void enter_again(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	const struct stack *user = v->task->user;

	enter_kernel(s, v, user && user->count ? user->frames[user->count - 1].context : 0, to);
}

/*
 * Interrupts of the kernel
 */

static void interrupt(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	struct stack *stack = v->stack;

	if (stack->count == FRAMES_MAX)
		return;
	push(v, &(struct frame){ .slot = v->leaf->slot - 1,
				 .return_address = v->returned ? stack->expected : 0,
				 .parent = v->leaf->context,
				 .context = contexts_child(&s->contexts, v->leaf->context,
							   to->facts.function),
				 .function = to->facts.function,
				 .kind = FRAME_INTERRUPT });
	stack->expected = 0;
	v->returned = false;
}

/* An iret within the kernel: the last handler has ended, wherever it is. False if there is none. */
static bool end_interrupt(struct stacks_vcpu *v)
{
	for (struct stack *stack = v->stack; stack; stack = stack->below)
		for (uint32_t i = stack->count; i-- > 1;) {
			if (stack->frames[i].kind != FRAME_INTERRUPT)
				continue;
			stack->expected = stack->frames[i].return_address;
			stack->count = i;
			run_on(v, stack);
			v->returned = stack->expected != 0;
			return true;
		}
	return false;
}

/*
 * Blocks
 */

static bool is_interrupt(const struct block *from, const struct block *to)
{
	return to->facts.entry != ENTRY_NONE && from &&
	       transition_of(from, to->key.start, to->facts.entry) == TRANSITION_INTERRUPTED;
}

/* From an interrupt, or to a program. */
static bool was_returning(const struct block *from)
{
	return from->key.kind == BRANCH_IRET || from->key.kind == BRANCH_SYSRET;
}

static void play_role(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	struct stack *user = v->task->user;

	if (!v->in_kernel)
		return;
	if (to->facts.role == ROLE_SWITCH) {
		v->switching = true;
	} else if (to->facts.role == ROLE_FORK) {
		if (user && user->entered && user->entered->key.kind == BRANCH_SYSCALL)
			remember_fork(s, user);
	} else if (to->facts.role == ROLE_CHILD) {
		restart_called(s, v, v->task, 0, to->facts.function);
		if (!user)
			user = v->task->user = new_stack(0);
		user->child = true;
		v->returned = false;
	}
}

/*
 * Where a return address was moved down the stack, as the kernel's error_entry does to have room above
 * it, its frame is the leaf still.
 */
static enum arrival check_return(struct stacks_vcpu *v, const struct block *to)
{
	uint64_t expected = v->stack->expected;

	v->returned = false;
	v->stack->expected = 0;
	if (expected == to->key.start)
		return ARRIVAL_RETURN;
	if (expected)
		return ARRIVAL_MISMATCH;
	if (v->leaf->kind != FRAME_CALL || v->leaf->return_address != to->key.start)
		return ARRIVAL_UNKNOWN;
	v->stack->count--;
	v->leaf--;
	return ARRIVAL_RETURN;
}

/* A jump into the middle of a function that waits for this one: longjmp, or an unwinder. */
static bool unwind(struct stacks_vcpu *v, const struct block *to)
{
	if (!v->previous || v->previous->key.kind != BRANCH_INDIRECT_JUMP || to->facts.at_start)
		return false;
	for (uint32_t i = v->stack->count; i-- > 0;) {
		const struct frame *f = &v->stack->frames[i];

		if (f->function == to->facts.function && f->kind != FRAME_OPEN) {
			v->stack->count = i + 1;
			run_on(v, v->stack);
			return true;
		}
		if (f->kind == FRAME_INTERRUPT || f->kind == FRAME_SIGNAL)
			return false;
	}
	return false;
}

/* The leaf becomes what executes. A call into its own middle is a trick, and no frame of its own. */
static void settle(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	struct frame *leaf = v->leaf;
	bool inner = !to->facts.at_start && to->facts.function == leaf->function;

	if (leaf->kind == FRAME_OPEN) {
		leaf->kind = FRAME_CALL;
		if (!inner)
			replace_leaf(s, v, to->facts.function);
	} else if (leaf->function != to->facts.function && !unwind(v, to)) {
		replace_leaf(s, v, to->facts.function);
	}
}

void stacks_arrive(struct stacks *s, struct stacks_vcpu *v, const struct block *to)
{
	bool in_kernel = to->key.start >= UPPER_HALF, was_in_kernel = v->in_kernel;

	v->attention = false;
	v->in_kernel = in_kernel;
	if (in_kernel && !was_in_kernel) {
		leave_program(s, v, to);
	} else if (was_in_kernel && !in_kernel) {
		leave_kernel(s, v, to);
	} else if (in_kernel && is_interrupt(v->previous, to)) {
		bool ended = !was_returning(v->previous) || end_interrupt(v);

		if (ended)
			interrupt(s, v, to);
		else
			enter_again(s, v, to);
	} else if (in_kernel && v->previous && v->previous->key.kind == BRANCH_IRET &&
		   to->key.start != block_end(v->previous)) {
		end_interrupt(v);
	}
	if (to->facts.role != ROLE_NONE)
		play_role(s, v, to);
	if (v->returned)
		v->arrival = check_return(v, to);
	settle(s, v, to);
}

/*
 * All of it
 */

void stacks_init(struct stacks *s, unsigned vcpus)
{
	*s = (struct stacks){ .vcpu_count = vcpus };
	contexts_init(&s->contexts, vcpus);
	pthread_mutex_init(&s->lock, NULL);
	s->heads = xcalloc(HEADS, sizeof(*s->heads));
	for (unsigned i = 0; i < vcpus; i++) {
		struct stacks_vcpu *v = &s->vcpus[i];

		/* until the first task is known: something to run on */
		v->task = new_stack(0);
		v->task->user = new_stack(0);
		v->attention = true;
		restart_called(s, v, v->task, 0, 0);
		restart_called(s, v, v->task->user, 0, 0);
	}
}

void stacks_zero(struct stacks *s)
{
	contexts_zero(&s->contexts);
	for (unsigned v = 0; v < s->vcpu_count; v++)
		memset(s->vcpus[v].arrivals, 0, sizeof(s->vcpus[v].arrivals));
}

void stacks_sum(const struct stacks *s, struct stacks_sums *sums)
{
	*sums = (struct stacks_sums){
		.instructions = contexts_instructions(&s->contexts),
		.contexts = atomic_load(&s->contexts.count) - 1,
		.refused = atomic_load(&s->contexts.refused),
	};
	sums->text = contexts_text(&s->contexts, &sums->bytes);
	for (unsigned v = 0; v < s->vcpu_count; v++)
		for (int i = 0; i < ARRIVALS; i++)
			sums->arrivals[i] += s->vcpus[v].arrivals[i];
}

void stacks_sums_release(struct stacks_sums *sums)
{
	free(sums->text);
}
