/* SPDX-License-Identifier: MIT */
/* A small program, step by step, as the tracer sees it. All instructions have two bytes. */
#include "unit.h"

#include <string.h>

#include "../../profiles/block.h"
#include "../../profiles/tally.h"

struct machine {
	struct blocks blocks;
	struct vcpu vcpu;
};

static struct block *block_with(struct machine *m, uint64_t start, uint32_t instructions,
				enum branch_kind kind, uint64_t target, enum entry entry)
{
	uint16_t offsets[16];
	struct block_key key;

	memset(&key, 0, sizeof(key));
	for (uint32_t i = 0; i < instructions; i++)
		offsets[i] = (uint16_t)(2 * i);
	key.start = start;
	key.last = start + offsets[instructions - 1];
	key.last_bytes = 2;
	key.instructions = instructions;
	key.kind = (uint8_t)kind;
	key.target = target;
	return blocks_get(&m->blocks, &key, offsets, &(struct block_facts){ .entry = entry });
}

static struct block *plain(struct machine *m, uint64_t start, uint32_t instructions)
{
	return block_with(m, start, instructions, BRANCH_NONE, 0, ENTRY_NONE);
}

/* The last instruction is a rep string instruction. */
static struct block *repeating(struct machine *m, uint64_t start, uint32_t instructions)
{
	static const uint16_t offsets[] = { 0, 2, 4, 6 };
	struct block_key key;

	memset(&key, 0, sizeof(key));
	key.start = start;
	key.last = start + offsets[instructions - 1];
	key.last_bytes = 2;
	key.instructions = instructions;
	key.repeats = 1;
	return blocks_get(&m->blocks, &key, offsets, &(struct block_facts){ 0 });
}

static struct machine begin(void)
{
	struct machine m = { 0 };

	blocks_init(&m.blocks, 1);
	return m;
}

static struct tally tally_of(struct machine *m)
{
	struct tally t;

	tally_make(&t, &m->blocks, &m->vcpu);
	return t;
}

static uint64_t executions(const struct tally *t, uint64_t start, uint64_t last)
{
	for (size_t i = 0; i < t->block_count; i++)
		if (t->blocks[i].start == start && t->blocks[i].last == last)
			return t->blocks[i].executions;
	return 0;
}

static uint64_t taken(const struct tally *t, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < t->branch_count; i++)
		if (t->branches[i].from == from && t->branches[i].to == to)
			return t->branches[i].count;
	return 0;
}

static uint64_t instructions(const struct tally *t)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->block_count; i++)
		sum += t->blocks[i].instructions;
	return sum;
}

/* 100: three instructions, the third back to 100; five turns, then on to 106. */
static void loop(void **state)
{
	struct machine m = begin();
	struct block *body = block_with(&m, 0x100, 3, BRANCH_CONDITIONAL, 0x100, ENTRY_NONE);
	struct block *after = plain(&m, 0x106, 2);
	struct tally t;

	(void)state;
	for (int i = 0; i < 5; i++)
		block_step(&m.vcpu, body);
	block_step(&m.vcpu, after);
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x104), 5);
	assert_int_equal(executions(&t, 0x106, 0x108), 1);
	assert_int_equal(taken(&t, 0x104, 0x100), 4);
	assert_int_equal(t.branch_count, 1);
	assert_int_equal(instructions(&t), 17);
	assert_int_equal(t.interruptions, 0);
	tally_release(&t);
}

static void translated_again(void **state)
{
	struct machine m = begin();
	struct block *call = block_with(&m, 0x100, 2, BRANCH_CALL, 0x200, ENTRY_NONE);
	/* patched: the same addresses, another instruction at the end */
	struct block *nop = block_with(&m, 0x100, 2, BRANCH_NONE, 0, ENTRY_NONE);
	struct block *callee = plain(&m, 0x200, 1), *next = plain(&m, 0x104, 1);
	struct tally t;

	(void)state;
	assert_ptr_equal(call, block_with(&m, 0x100, 2, BRANCH_CALL, 0x200, ENTRY_NONE));
	assert_ptr_not_equal(call, nop);
	block_step(&m.vcpu, call);
	block_step(&m.vcpu, callee);
	m.vcpu.current = nop;
	block_step(&m.vcpu, next);
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x102), 2);
	assert_int_equal(taken(&t, 0x102, 0x200), 1);
	assert_int_equal(t.block_count, 2); /* 200 never ended, for the test jumped */
	tally_release(&t);
}

/* A return with more targets than there are slots. */
static void many_successors(void **state)
{
	struct machine m = begin();
	struct block *ret = block_with(&m, 0x100, 1, BRANCH_RETURN, 0, ENTRY_NONE);
	struct tally t;

	(void)state;
	for (int round = 0; round < 3; round++)
		for (uint64_t i = 0; i < 100; i++) {
			m.vcpu.current = ret;
			block_step(&m.vcpu, plain(&m, 0x1000 + 0x10 * i, 1));
		}
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x100), 300);
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(taken(&t, 0x100, 0x1000 + 0x10 * i), 3);
	assert_int_equal(t.branch_count, 100);
	tally_release(&t);
}

/* mov; rep movs: four iterations are one instruction and no branch. */
static void repetition(void **state)
{
	struct machine m = begin();
	struct block *first = repeating(&m, 0x100, 2), *again = repeating(&m, 0x102, 1);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, first);
	for (int i = 0; i < 3; i++)
		block_step(&m.vcpu, again);
	block_step(&m.vcpu, plain(&m, 0x104, 1));
	t = tally_of(&m);
	assert_int_equal(t.repeats, 3);
	assert_int_equal(t.branch_count, 0);
	assert_int_equal(instructions(&t), 3);
	assert_int_equal(executions(&t, 0x102, 0x102), 0);
	tally_release(&t);
}

/* The handler is one block that ends with an iret. */
static void interrupt(struct machine *m, enum entry entry, struct block *back_to)
{
	block_step(&m->vcpu, block_with(m, 0x9000, 2, BRANCH_IRET, 0, entry));
	block_step(&m->vcpu, back_to);
}

/* A fault at the third of four instructions: two are done, then the third and fourth. */
static void fault_in_the_middle(void **state)
{
	struct machine m = begin();
	struct block *whole = block_with(&m, 0x100, 4, BRANCH_JUMP, 0x200, ENTRY_NONE);
	struct block *rest = block_with(&m, 0x104, 2, BRANCH_JUMP, 0x200, ENTRY_NONE);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, whole);
	interrupt(&m, ENTRY_FAULT, rest);
	block_step(&m.vcpu, plain(&m, 0x200, 1));
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x106), 0);
	assert_int_equal(executions(&t, 0x100, 0x102), 1);
	assert_int_equal(executions(&t, 0x104, 0x106), 1);
	assert_int_equal(taken(&t, 0x106, 0x200), 1);
	assert_int_equal(taken(&t, 0x106, 0x9000), 0);
	assert_int_equal(t.interruptions, 1);
	assert_int_equal(t.unresolved, 0);
	assert_int_equal(instructions(&t), 4 + 2 + 1);
	tally_release(&t);
}

/* The first instruction faults in a loop of one block: nothing of it was done. */
static void fault_at_the_start(void **state)
{
	struct machine m = begin();
	struct block *body = block_with(&m, 0x100, 3, BRANCH_CONDITIONAL, 0x100, ENTRY_NONE);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, body);
	interrupt(&m, ENTRY_FAULT, body);
	block_step(&m.vcpu, plain(&m, 0x106, 1));
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x104), 1);
	assert_int_equal(taken(&t, 0x104, 0x100), 0);
	tally_release(&t);
}

/* The same addresses, but an interrupt: the branch had been taken. */
static void interrupt_between(void **state)
{
	struct machine m = begin();
	struct block *body = block_with(&m, 0x100, 3, BRANCH_CONDITIONAL, 0x100, ENTRY_NONE);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, body);
	interrupt(&m, ENTRY_INTERRUPT, body);
	block_step(&m.vcpu, plain(&m, 0x106, 1));
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x104), 2);
	assert_int_equal(taken(&t, 0x104, 0x100), 1);
	assert_int_equal(t.interruptions, 1);
	tally_release(&t);
}

/* A return into an entry is an interrupt; its true target is believed only if it is known. */
static void interrupted_return(void **state)
{
	struct machine m = begin();
	struct block *ret = block_with(&m, 0x100, 1, BRANCH_RETURN, 0, ENTRY_NONE);
	struct block *known = plain(&m, 0x300, 1), *other = plain(&m, 0x400, 1);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, ret);
	block_step(&m.vcpu, known);
	m.vcpu.current = ret;
	interrupt(&m, ENTRY_INTERRUPT, known);
	m.vcpu.current = ret;
	interrupt(&m, ENTRY_INTERRUPT, other);
	t = tally_of(&m);
	assert_int_equal(taken(&t, 0x100, 0x300), 2);
	assert_int_equal(taken(&t, 0x100, 0x400), 0);
	assert_int_equal(executions(&t, 0x100, 0x100), 3);
	assert_int_equal(t.interruptions, 2);
	assert_int_equal(t.unresolved, 1);
	tally_release(&t);
}

/* An interrupt right behind emulated I/O in a block's middle. */
static void interrupt_in_the_middle(void **state)
{
	struct machine m = begin();
	struct block *whole = block_with(&m, 0x100, 4, BRANCH_RETURN, 0, ENTRY_NONE);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, whole);
	interrupt(&m, ENTRY_INTERRUPT, block_with(&m, 0x102, 3, BRANCH_RETURN, 0, ENTRY_NONE));
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x100), 1);
	assert_int_equal(executions(&t, 0x100, 0x106), 0);
	assert_int_equal(t.unresolved, 0);
	tally_release(&t);
}

/* A page fault while an interrupt is handled; each goes back to its own. */
static void nested(void **state)
{
	struct machine m = begin();
	struct block *user = plain(&m, 0x100, 2), *user_next = plain(&m, 0x104, 1);
	struct block *handler = block_with(&m, 0x9000, 3, BRANCH_IRET, 0, ENTRY_INTERRUPT);
	struct block *rest = block_with(&m, 0x9002, 2, BRANCH_IRET, 0, ENTRY_NONE);
	struct block *fault = block_with(&m, 0x9100, 1, BRANCH_IRET, 0, ENTRY_FAULT);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, user);
	block_step(&m.vcpu, handler);
	block_step(&m.vcpu, fault);
	block_step(&m.vcpu, rest);
	block_step(&m.vcpu, user_next);
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x9000, 0x9000), 1);
	assert_int_equal(executions(&t, 0x9000, 0x9004), 0);
	assert_int_equal(executions(&t, 0x100, 0x102), 1);
	assert_int_equal(t.unresolved, 0);
	tally_release(&t);
}

/* Without an interrupt a block goes on in its middle: emulated I/O, or the next page. */
static void resumed(void **state)
{
	struct machine m = begin();
	struct block *whole = block_with(&m, 0x100, 4, BRANCH_RETURN, 0, ENTRY_NONE);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, whole);
	block_step(&m.vcpu, block_with(&m, 0x102, 3, BRANCH_RETURN, 0, ENTRY_NONE));
	block_step(&m.vcpu, plain(&m, 0x106, 1));
	t = tally_of(&m);
	assert_int_equal(t.resumptions, 2);
	assert_int_equal(t.branch_count, 0);
	assert_int_equal(instructions(&t), 1 + 2 + 1);
	tally_release(&t);
}

static void traps_are_no_branches(void **state)
{
	struct machine m = begin();
	struct block *trap = block_with(&m, 0x100, 2, BRANCH_TRAP, 0, ENTRY_NONE);
	struct tally t;

	(void)state;
	block_step(&m.vcpu, trap);
	interrupt(&m, ENTRY_FAULT, plain(&m, 0x104, 1));
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x102), 1);
	assert_int_equal(taken(&t, 0x102, 0x9000), 0);
	assert_int_equal(taken(&t, 0x9002, 0x104), 1); /* the iret */
	assert_int_equal(t.unresolved, 0);
	tally_release(&t);
}

/* Cut by a fault, gone on in the middle, interrupted between iterations: contexts have what the tally has. */
static void by_context(void **state)
{
	struct machine m = begin();
	struct block *whole = block_with(&m, 0x100, 4, BRANCH_NONE, 0, ENTRY_NONE);
	struct block *rest = block_with(&m, 0x104, 2, BRANCH_NONE, 0, ENTRY_NONE);
	struct block *handler = block_with(&m, 0x9000, 2, BRANCH_IRET, 0, ENTRY_FAULT);
	struct block *timer = block_with(&m, 0xa000, 1, BRANCH_IRET, 0, ENTRY_INTERRUPT);
	struct block *copy = repeating(&m, 0x108, 3), *again = repeating(&m, 0x10c, 1);
	uint64_t counts[3] = { 0 };
	struct tally t;

	(void)state;
	m.vcpu.by_context = counts;
	block_step_for(&m.vcpu, whole, 1);
	block_step_for(&m.vcpu, handler, 2);
	block_step_for(&m.vcpu, rest, 1);
	assert_int_equal(counts[1], 4);
	block_step_for(&m.vcpu, whole, 1);
	block_step_for(&m.vcpu, rest, 1);
	assert_int_equal(counts[1], 8);
	block_step_for(&m.vcpu, copy, 1);
	for (int i = 0; i < 3; i++)
		block_step_for(&m.vcpu, again, 1);
	block_step_for(&m.vcpu, timer, 2);
	block_step_for(&m.vcpu, again, 1);
	block_step_for(&m.vcpu, handler, 2);
	block_step_for(&m.vcpu, again, 1);
	block_step_for(&m.vcpu, plain(&m, 0x10e, 1), 1);
	assert_int_equal(counts[0], 0);
	assert_int_equal(counts[1], 8 + 3 + 1);
	assert_int_equal(counts[2], 2 + 1 + 2);
	t = tally_of(&m);
	assert_int_equal(instructions(&t), counts[1] + counts[2]);
	tally_release(&t);
}

/* More interrupted blocks than are remembered: the oldest counts as ended. */
static void too_many_interrupted(void **state)
{
	struct machine m = begin();
	struct block *entry = block_with(&m, 0x9000, 1, BRANCH_JUMP, 0x1, ENTRY_INTERRUPT);
	struct block *user = plain(&m, 0x100, 2);
	struct tally t;

	(void)state;
	for (int i = 0; i < INTERRUPTED_MAX + 5; i++) {
		m.vcpu.current = user;
		block_step(&m.vcpu, entry);
	}
	t = tally_of(&m);
	assert_int_equal(executions(&t, 0x100, 0x102), INTERRUPTED_MAX + 5);
	assert_int_equal(t.unresolved, INTERRUPTED_MAX + 5);
	tally_release(&t);
}

static void zeroed(void **state)
{
	struct machine m = begin();
	struct tally t;

	(void)state;
	for (uint64_t i = 0; i < 50; i++)
		block_step(&m.vcpu,
			   block_with(&m, 0x100 + 0x10 * (i % 9), 1, BRANCH_RETURN, 0, ENTRY_NONE));
	blocks_zero(&m.blocks);
	m.vcpu = (struct vcpu){ 0 };
	t = tally_of(&m);
	assert_int_equal(t.block_count, 0);
	assert_int_equal(t.branch_count, 0);
	tally_release(&t);
}

/* Two processors count the same block; the sum is what both did. */
static void two_processors(void **state)
{
	struct machine m = { 0 };
	struct vcpu vcpus[2] = { { .index = 0 }, { .index = 1 } };
	struct block *jump;
	struct tally t;

	(void)state;
	blocks_init(&m.blocks, 2);
	jump = block_with(&m, 0x100, 1, BRANCH_JUMP, 0x200, ENTRY_NONE);
	for (int v = 0; v < 2; v++)
		for (int i = 0; i < 3 + v; i++) {
			vcpus[v].current = jump;
			block_step(&vcpus[v], plain(&m, 0x200, 1));
		}
	tally_make(&t, &m.blocks, vcpus);
	assert_int_equal(taken(&t, 0x100, 0x200), 7);
	assert_int_equal(executions(&t, 0x200, 0x200), 2);
	tally_release(&t);
}

UNIT_MAIN(cmocka_unit_test(loop), cmocka_unit_test(translated_again),
	  cmocka_unit_test(many_successors), cmocka_unit_test(repetition),
	  cmocka_unit_test(fault_in_the_middle), cmocka_unit_test(fault_at_the_start),
	  cmocka_unit_test(interrupt_between), cmocka_unit_test(interrupted_return),
	  cmocka_unit_test(interrupt_in_the_middle), cmocka_unit_test(nested),
	  cmocka_unit_test(resumed), cmocka_unit_test(traps_are_no_branches),
	  cmocka_unit_test(too_many_interrupted), cmocka_unit_test(by_context),
	  cmocka_unit_test(zeroed), cmocka_unit_test(two_processors))
