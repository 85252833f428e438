/* SPDX-License-Identifier: MIT */
/*
 * A guest, block by block, as the tracer sees it. Functions are letters, 0x1000 bytes each: A to Z
 * a program's, a to z the kernel's. All instructions have two bytes, all blocks two instructions.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "../../profiles/stacks.h"

#define KERNEL UINT64_C(0xffffffff80000000)
#define TASK1 UINT64_C(0xffffc90000010000) /* kernel stacks */
#define TASK2 UINT64_C(0xffffc90000020000)
#define IRQ UINT64_C(0xffffffff90001000) /* not aligned as tasks' are */
#define STACK 0x7ffff000		 /* a program's */

struct machine {
	struct stacks stacks;
	struct blocks blocks;
	uint32_t context;
	const struct block *at;
};

static struct machine *begin(void)
{
	struct machine *m = xcalloc(1, sizeof(*m));

	stacks_init(&m->stacks, 1);
	blocks_init(&m->blocks, 1);
	return m;
}

static uint64_t address(char function, unsigned offset)
{
	if (function >= 'a')
		return KERNEL + (uint64_t)(function - 'a' + 1) * 0x1000 + offset;
	return (uint64_t)(function - 'A' + 1) * 0x1000 + offset;
}

static enum role role_of(char function)
{
	switch (function) {
	case 's': return ROLE_SWITCH;
	case 'f': return ROLE_FORK;
	case 'c': return ROLE_CHILD;
	case 'P': return ROLE_PROGRAM;
	default: return ROLE_NONE;
	}
}

/* The block at `offset` of the function, which ends with such a branch, begins. i: interrupts' entry. */
static void run(struct machine *m, char function, unsigned offset, enum branch_kind kind)
{
	static const uint16_t offsets[] = { 0, 2 };
	struct block_facts facts = {
		.entry = function == 'i' && !offset ? ENTRY_INTERRUPT : ENTRY_NONE,
		.role = offset ? ROLE_NONE : role_of(function),
		.function = (unsigned char)function,
		.at_start = !offset,
	};
	struct block_key key;

	memset(&key, 0, sizeof(key));
	key.start = address(function, offset);
	key.last = key.start + 2;
	key.last_bytes = 2;
	key.instructions = 2;
	key.kind = (uint8_t)kind;
	m->at = blocks_get(&m->blocks, &key, offsets, &facts);
	m->context = stacks_step(&m->stacks, 0, m->at);
	stacks_count(&m->stacks.vcpus[0]);
}

/* A call from `offset`, stored at `slot`, to the function's start. */
static void call(struct machine *m, char from, unsigned offset, uint64_t slot, char to)
{
	run(m, from, offset, BRANCH_INDIRECT_CALL);
	stacks_call(&m->stacks, 0, m->at, slot);
	run(m, to, 0, BRANCH_NONE);
}

/* A return from `from` to behind the call at `offset`. */
static void back(struct machine *m, char from, uint64_t slot, char to, unsigned offset)
{
	run(m, from, 0x800, BRANCH_RETURN);
	stacks_return(&m->stacks, 0, m->at, slot);
	run(m, to, offset + 4, BRANCH_NONE);
}

static const char *path(const struct machine *m)
{
	static char text[64];
	char *at = text + sizeof(text) - 1;

	for (uint32_t i = m->context; i; i = m->stacks.contexts.v[i].parent)
		if (at > text && m->stacks.contexts.v[i].function)
			*--at = (char)m->stacks.contexts.v[i].function;
	return at;
}

static uint64_t arrivals(const struct machine *m, enum arrival arrival)
{
	return m->stacks.vcpus[0].arrivals[arrival];
}

static uint64_t mismatched(const struct machine *m)
{
	return arrivals(m, ARRIVAL_MISMATCH) + arrivals(m, ARRIVAL_UNKNOWN);
}

static void finish(struct machine *m)
{
	assert_int_equal(atomic_load(&m->stacks.contexts.refused), 0);
}

static void calls_and_returns(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	assert_string_equal(path(m), "A");
	for (int i = 0; i < 3; i++) {
		call(m, 'A', 0x10, STACK - 8, 'B');
		assert_string_equal(path(m), "AB");
		call(m, 'B', 0x10, STACK - 32, 'C');
		assert_string_equal(path(m), "ABC");
		back(m, 'C', STACK - 32, 'B', 0x10);
		assert_string_equal(path(m), "AB");
		back(m, 'B', STACK - 8, 'A', 0x10);
		assert_string_equal(path(m), "A");
	}
	assert_int_equal(arrivals(m, ARRIVAL_RETURN), 6);
	assert_int_equal(mismatched(m), 0);
	/* unknown code, A, AB, ABC: as many contexts as there are */
	assert_int_equal(atomic_load(&m->stacks.contexts.count), 1 + 1 + 3);
	finish(m);
}

static void tail_calls(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	run(m, 'B', 0x20, BRANCH_JUMP);
	assert_string_equal(path(m), "AB");
	run(m, 'C', 0, BRANCH_NONE); /* jumped to */
	assert_string_equal(path(m), "AC");
	run(m, 'D', 0, BRANCH_NONE); /* fallen into */
	assert_string_equal(path(m), "AD");
	call(m, 'D', 0x10, STACK - 64, 'B');
	assert_string_equal(path(m), "ADB");
	back(m, 'B', STACK - 64, 'D', 0x10);
	assert_string_equal(path(m), "AD");
	back(m, 'D', STACK - 8, 'A', 0x10);
	assert_string_equal(path(m), "A");
	assert_int_equal(arrivals(m, ARRIVAL_RETURN), 2);
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

/* Frames that never return: longjmp, and a stack pointer that was set back. */
static void skipped_frames(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	call(m, 'B', 0x10, STACK - 24, 'C');
	call(m, 'C', 0x10, STACK - 48, 'D');
	run(m, 'D', 0x10, BRANCH_INDIRECT_JUMP);
	run(m, 'B', 0x100, BRANCH_NONE);
	assert_string_equal(path(m), "AB");
	call(m, 'B', 0x110, STACK - 24, 'C');
	call(m, 'C', 0x10, STACK - 48, 'D');
	assert_string_equal(path(m), "ABCD");
	/* B's frame is used again, and nobody has seen how */
	run(m, 'D', 0x20, BRANCH_JUMP);
	run(m, 'B', 0x200, BRANCH_NONE);
	call(m, 'B', 0x210, STACK - 24, 'E');
	assert_string_equal(path(m), "ABE");
	back(m, 'E', STACK - 8, 'A', 0x10); /* out of two at once */
	assert_string_equal(path(m), "A");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

/* call 1f; 1: pop; and a retpoline, which returns to where it wants to jump to. */
static void calls_into_the_middle(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	run(m, 'B', 0x10, BRANCH_CALL);
	stacks_call(&m->stacks, 0, m->at, STACK - 16);
	run(m, 'B', 0x14, BRANCH_NONE);
	assert_string_equal(path(m), "AB");
	run(m, 'B', 0x18, BRANCH_RETURN);
	stacks_return(&m->stacks, 0, m->at, STACK - 16);
	run(m, 'C', 0, BRANCH_NONE);
	assert_string_equal(path(m), "AC");
	assert_int_equal(arrivals(m, ARRIVAL_MISMATCH), 1);
	back(m, 'C', STACK - 8, 'A', 0x10);
	assert_string_equal(path(m), "A");
	assert_int_equal(arrivals(m, ARRIVAL_RETURN), 1);
	finish(m);
}

static void mismatches(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	back(m, 'B', STACK - 8, 'A', 0x100);
	assert_string_equal(path(m), "A");
	assert_int_equal(arrivals(m, ARRIVAL_MISMATCH), 1);
	back(m, 'A', STACK, 'D', 0x10); /* what called A was not seen */
	assert_string_equal(path(m), "D");
	assert_int_equal(arrivals(m, ARRIVAL_UNKNOWN), 1);
	/* a return address that was moved: the kernel's error_entry */
	call(m, 'D', 0x10, STACK - 8, 'E');
	back(m, 'E', STACK - 128, 'D', 0x10);
	assert_string_equal(path(m), "D");
	assert_int_equal(arrivals(m, ARRIVAL_RETURN), 1);
	call(m, 'D', 0x20, STACK - 8, 'E');
	assert_string_equal(path(m), "DE");
	finish(m);
}

/* What QEMU's helpers access is told as if a call or return did. */
static void accesses_of_helpers(void **state)
{
	struct machine *m = begin();
	const struct block *last;

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	run(m, 'B', 0x10, BRANCH_INDIRECT_CALL);
	last = m->at;
	stacks_call(&m->stacks, 0, last, STACK - 16);
	stacks_call(&m->stacks, 0, last, STACK);
	run(m, 'C', 0, BRANCH_NONE);
	stacks_call(&m->stacks, 0, last, STACK - 64);
	stacks_return(&m->stacks, 0, last, STACK);
	assert_string_equal(path(m), "ABC");
	back(m, 'C', STACK - 16, 'B', 0x10);
	assert_string_equal(path(m), "AB");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

static void deep_recursion(void **state)
{
	struct machine *m = begin();
	const int depth = FRAMES_MAX + 1000;

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	for (int i = 0; i < depth; i++)
		call(m, i ? 'B' : 'A', 0x10, STACK - 16 * (uint64_t)(i + 1), 'B');
	assert_true(atomic_load(&m->stacks.contexts.count) <= CONTEXTS_DEPTH_MAX + 2);
	assert_true(atomic_load(&m->stacks.contexts.refused) > 0);
	assert_int_equal(m->stacks.vcpus[0].stack->count, FRAMES_MAX);
	for (int i = depth; i-- > 0;)
		back(m, 'B', STACK - 16 * (uint64_t)(i + 1), i ? 'B' : 'A', 0x10);
	assert_string_equal(path(m), "A");
	/* all but those that were too deep are known */
	assert_int_equal(arrivals(m, ARRIVAL_RETURN), FRAMES_MAX - 1);
	assert_int_equal(mismatched(m), depth - (FRAMES_MAX - 1));
}

static void system_calls(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	for (int i = 0; i < 2; i++) {
		run(m, 'B', 0x10, BRANCH_SYSCALL);
		run(m, 'k', 0, BRANCH_NONE);
		assert_string_equal(path(m), "ABk");
		call(m, 'k', 0x10, TASK1 + 0x3f00, 'l');
		assert_string_equal(path(m), "ABkl");
		if (!i) /* else the kernel leaves it as it is, and so did exit(2) */
			back(m, 'l', TASK1 + 0x3f00, 'k', 0x10);
		run(m, 'k', 0x100, BRANCH_SYSRET);
		run(m, 'B', 0x14, BRANCH_NONE);
		assert_string_equal(path(m), "AB");
	}
	back(m, 'B', STACK - 8, 'A', 0x10);
	assert_string_equal(path(m), "A");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

/* The task of A waits, a kernel thread runs, and goes back to it. */
static void switches(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_NONE);
	for (int i = 0; i < 2; i++) {
		call(m, 'k', 0x10, TASK1 + 0x3f00, 'l');
		call(m, 'l', 0x10, TASK1 + 0x3e00, 's');
		assert_string_equal(path(m), "Akls");
		if (i) {
			back(m, 's', TASK2 + 0x3e00, 't', 0x20);
		} else { /* for the first time */
			back(m, 's', TASK2 + 0x3f58, 'c', -4U);
			assert_string_equal(path(m), "c");
			call(m, 'c', 0x10, TASK2 + 0x3f50, 't');
		}
		assert_string_equal(path(m), "ct");
		call(m, 't', 0x20, TASK2 + 0x3e00, 's');
		assert_string_equal(path(m), "cts");
		back(m, 's', TASK1 + 0x3e00, 'l', 0x10);
		assert_string_equal(path(m), "Akl");
		back(m, 'l', TASK1 + 0x3f00, 'k', 0x10);
		assert_string_equal(path(m), "Ak");
	}
	run(m, 'k', 0x100, BRANCH_SYSRET);
	run(m, 'A', 4, BRANCH_NONE);
	assert_string_equal(path(m), "A");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

/* A calls B, which forks; the child is run, on the stack or on one of its own. */
static void fork_and_run_child(struct machine *m)
{
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	run(m, 'B', 0x10, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_NONE);
	call(m, 'k', 0x10, TASK1 + 0x3f00, 'f');
	assert_string_equal(path(m), "ABkf");
	back(m, 'f', TASK1 + 0x3f00, 'k', 0x10);
	run(m, 'k', 0x100, BRANCH_SYSRET);
	run(m, 'B', 0x14, BRANCH_NONE);
	back(m, 'B', STACK - 8, 'A', 0x10); /* before the child runs */
	call(m, 'A', 0x20, STACK - 8, 'W');
	run(m, 'W', 0x10, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_NONE);
	call(m, 'k', 0x20, TASK1 + 0x3f00, 's');
	back(m, 's', TASK2 + 0x3f58, 'c', -4U);
	assert_string_equal(path(m), "c");
	run(m, 'c', 0x10, BRANCH_IRET);
	run(m, 'B', 0x14, BRANCH_NONE);
	assert_string_equal(path(m), "AB");
}

static void forks(void **state)
{
	struct machine *m = begin();

	(void)state;
	fork_and_run_child(m);
	back(m, 'B', STACK - 8, 'A', 0x10);
	assert_string_equal(path(m), "A");
	call(m, 'A', 0x30, STACK - 8, 'D');
	assert_string_equal(path(m), "AD");
	/* it waits, and the parent goes on */
	run(m, 'D', 0x10, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_NONE);
	assert_string_equal(path(m), "ADk");
	call(m, 'k', 0x20, TASK2 + 0x3f00, 's');
	back(m, 's', TASK1 + 0x3f00, 'k', 0x20);
	assert_string_equal(path(m), "AWk");
	run(m, 'k', 0x100, BRANCH_SYSRET);
	run(m, 'W', 0x14, BRANCH_NONE);
	assert_string_equal(path(m), "AW");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

static void threads_and_programs(void **state)
{
	struct machine *m = begin();

	(void)state;
	fork_and_run_child(m);
	call(m, 'B', 0x20, STACK - 0x10000000, 'T'); /* a thread */
	assert_string_equal(path(m), "BT");
	run(m, 'T', 0x10, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_NONE);
	run(m, 'k', 0x100, BRANCH_SYSRET);
	run(m, 'P', 0, BRANCH_NONE);
	assert_string_equal(path(m), "P");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

static void interrupts(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_NONE);
	call(m, 'k', 0x10, TASK1 + 0x3f00, 'l');
	run(m, 'i', 0, BRANCH_NONE);
	assert_string_equal(path(m), "Akli");
	call(m, 'i', 0x10, TASK1 + 0x3e00, 'm');
	call(m, 'm', 0x10, IRQ + 0x3ff8, 'n'); /* on another stack */
	assert_string_equal(path(m), "Aklimn");
	run(m, 'i', 0, BRANCH_NONE); /* nested */
	call(m, 'i', 0x10, IRQ + 0x3e00, 'm');
	assert_string_equal(path(m), "Aklimnim");
	back(m, 'm', IRQ + 0x3e00, 'i', 0x10);
	run(m, 'i', 0x100, BRANCH_IRET);
	assert_string_equal(path(m), "Aklimni");
	run(m, 'n', 4, BRANCH_NONE);
	assert_string_equal(path(m), "Aklimn");
	back(m, 'n', IRQ + 0x3ff8, 'm', 0x10);
	assert_string_equal(path(m), "Aklim");
	run(m, 'm', 0x20, BRANCH_IRET); /* sync_core(): to the next instruction */
	run(m, 'm', 0x24, BRANCH_NONE);
	assert_string_equal(path(m), "Aklim");
	back(m, 'm', TASK1 + 0x3e00, 'i', 0x10);
	run(m, 'i', 0x100, BRANCH_IRET);
	run(m, 'l', 4, BRANCH_NONE);
	assert_string_equal(path(m), "Akl");
	back(m, 'l', TASK1 + 0x3f00, 'k', 0x10);
	assert_string_equal(path(m), "Ak");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

/* Between a call and what it calls, and between a return and where it arrives. */
static void interrupts_between(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_NONE);
	run(m, 'k', 0x10, BRANCH_INDIRECT_CALL);
	stacks_call(&m->stacks, 0, m->at, TASK1 + 0x3f00);
	run(m, 'i', 0, BRANCH_IRET);
	assert_string_equal(path(m), "Aki");
	run(m, 'l', 0, BRANCH_RETURN);
	assert_string_equal(path(m), "Akl");
	stacks_return(&m->stacks, 0, m->at, TASK1 + 0x3f00);
	run(m, 'i', 0, BRANCH_IRET);
	run(m, 'k', 0x14, BRANCH_NONE);
	assert_string_equal(path(m), "Ak");
	assert_int_equal(arrivals(m, ARRIVAL_RETURN), 1);
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

/* Of a program: in its middle, and again before it executed anything. */
static void faults_of_programs(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	run(m, 'i', 0, BRANCH_NONE);
	assert_string_equal(path(m), "ABi");
	call(m, 'i', 0x10, TASK1 + 0x3f00, 'm');
	assert_string_equal(path(m), "ABim");
	back(m, 'm', TASK1 + 0x3f00, 'i', 0x10);
	run(m, 'i', 0x100, BRANCH_IRET);
	run(m, 'i', 0, BRANCH_IRET);
	assert_string_equal(path(m), "ABi");
	run(m, 'B', 2, BRANCH_NONE);
	assert_string_equal(path(m), "AB");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

static void signals(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_NONE);
	call(m, 'A', 0x10, STACK - 8, 'B');
	run(m, 'B', 0x10, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_SYSRET);
	run(m, 'H', 0, BRANCH_NONE); /* not where B goes on */
	assert_string_equal(path(m), "ABH");
	call(m, 'H', 0x10, STACK - 0x200, 'C');
	assert_string_equal(path(m), "ABHC");
	back(m, 'C', STACK - 0x200, 'H', 0x10);
	back(m, 'H', STACK - 0x1f8, 'R', -4U); /* rt_sigreturn() */
	assert_string_equal(path(m), "ABR");
	run(m, 'R', 4, BRANCH_SYSCALL);
	run(m, 'k', 0, BRANCH_SYSRET);
	run(m, 'B', 0x14, BRANCH_NONE);
	assert_string_equal(path(m), "AB");
	back(m, 'B', STACK - 8, 'A', 0x10);
	assert_string_equal(path(m), "A");
	assert_int_equal(mismatched(m), 0);
	finish(m);
}

/* PVH's boot code jumps into the kernel, and calls it. */
static void boot(void **state)
{
	struct machine *m = begin();

	(void)state;
	run(m, 'A', 0, BRANCH_INDIRECT_JUMP);
	run(m, 'k', 0, BRANCH_NONE);
	assert_string_equal(path(m), "k");
	call(m, 'k', 0x10, TASK1 + 0x3ff8, 'l');
	assert_string_equal(path(m), "kl");
	finish(m);
}

UNIT_MAIN(cmocka_unit_test(calls_and_returns), cmocka_unit_test(tail_calls),
	  cmocka_unit_test(skipped_frames), cmocka_unit_test(calls_into_the_middle),
	  cmocka_unit_test(mismatches), cmocka_unit_test(accesses_of_helpers),
	  cmocka_unit_test(deep_recursion), cmocka_unit_test(system_calls),
	  cmocka_unit_test(switches), cmocka_unit_test(forks),
	  cmocka_unit_test(threads_and_programs), cmocka_unit_test(interrupts),
	  cmocka_unit_test(interrupts_between), cmocka_unit_test(faults_of_programs),
	  cmocka_unit_test(signals), cmocka_unit_test(boot))
