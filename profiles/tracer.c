/* SPDX-License-Identifier: MIT */
/*
 * tracer.so - every branch that a guest takes, counted: a plugin for QEMU's emulator
 *
 *   qemu-system-x86_64 -accel tcg ... -plugin tracer.so,out=DIR,region=vmlinux:START:END
 *
 * Arguments: tracer_options.h. What is written: tracefiles.h. How it is counted: block.h.
 * Control while it runs: control.h. docs/tracing.md explains all of it.
 *
 * Counting and control exclude each other with a flag per processor and one gate. A processor sets
 * its flag, then looks at the gate; control changes the gate, then waits until no flag is set.
 * The order of these two stores and loads is what membarrier(2) guarantees, at the cost of
 * control alone: the processors need no fence.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "block.h"
#include "cache.h"
#include "control.h"
#include "functions.h"
#include "pipeline/lib/util.h"
#include "qemu_plugin.h"
#include "stacks.h"
#include "tally.h"
#include "tracefiles.h"
#include "tracer_options.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

enum { BLOCK_INSTRUCTIONS_MAX = 1024 };

#define UPPER_HALF (UINT64_C(1) << 63)

enum gate { GATE_COUNT, GATE_OFF, GATE_HOLD };

struct models {
	struct cache l1i, l1d, itlb, itlb_huge;
} __attribute__((aligned(64)));

struct flag {
	atomic_bool set;
} __attribute__((aligned(64)));

static struct tracer_options options;
static struct blocks blocks;
static struct functions functions;
static struct stacks stacks;
static struct vcpu vcpus[VCPUS_MAX];
static struct models models[VCPUS_MAX];
static struct flag counting[VCPUS_MAX];
static atomic_int gate;
static atomic_bool upper_half_seen; /* the kernel runs at its own addresses, if it is traced */
static pthread_mutex_t control_lock = PTHREAD_MUTEX_INITIALIZER;
static bool written; /* what was counted so far */

/*
 * The gate
 */

static inline void leave(unsigned vcpu)
{
	atomic_store_explicit(&counting[vcpu].set, false, memory_order_release);
}

static bool wait_at_gate(unsigned vcpu)
{
	for (;;) {
		leave(vcpu);
		while (atomic_load(&gate) == GATE_HOLD)
			sched_yield();
		if (atomic_load(&gate) == GATE_OFF)
			return false;
		atomic_store(&counting[vcpu].set, true);
		if (atomic_load(&gate) == GATE_COUNT)
			return true;
	}
}

/* True: count, then leave(). */
static inline bool enter(unsigned vcpu)
{
	atomic_store_explicit(&counting[vcpu].set, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst); /* control's membarrier does the rest */
	if (__builtin_expect(atomic_load_explicit(&gate, memory_order_acquire) == GATE_COUNT, 1))
		return true;
	return wait_at_gate(vcpu);
}

static int barrier(int command)
{
	return (int)syscall(SYS_membarrier, command, 0, 0);
}

/* Returns once every processor goes by it. */
static void set_gate(enum gate to)
{
	atomic_store(&gate, to);
	barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	if (to == GATE_COUNT)
		return;
	for (unsigned v = 0; v < blocks.vcpus; v++)
		while (atomic_load(&counting[v].set))
			sched_yield();
}

/*
 * Counting
 */

static void count_instruction_misses(unsigned vcpu, const struct block *b, struct counters *c)
{
	struct models *m = &models[vcpu];
	uint64_t last = block_end(b) - 1, line = (uint64_t)1 << m->l1i.line_shift;
	uint64_t page = (uint64_t)1 << m->itlb.line_shift;

	for (uint64_t at = b->key.start & -line; at <= last && at + line > at; at += line)
		c->misses[MISS_L1I] += !cache_touch(&m->l1i, at);
	for (uint64_t at = b->key.start & -page; at <= last && at + page > at; at += page)
		c->misses[MISS_ITLB] +=
			!cache_touch(ranges_find(&options.huge, at) ? &m->itlb_huge : &m->itlb, at);
}

static void on_block(unsigned vcpu, void *block)
{
	block_step(&vcpus[vcpu], block);
}

static void on_block_controlled(unsigned vcpu, void *block)
{
	if (!enter(vcpu))
		return;
	block_step(&vcpus[vcpu], block);
	leave(vcpu);
}

static void on_block_modelled(unsigned vcpu, void *data)
{
	struct block *block = data;

	if (!enter(vcpu))
		return;
	block_step(&vcpus[vcpu], block);
	count_instruction_misses(vcpu, block, &block->counters[vcpu]);
	leave(vcpu);
}

/* Frames are kept at all times, so that those of the window's start are known. */
static void on_block_stacked(unsigned vcpu, void *data)
{
	struct block *block = data;
	uint32_t context = stacks_step(&stacks, vcpu, block);

	if (!enter(vcpu))
		return;
	block_step_for(&vcpus[vcpu], block, context);
	stacks_count(&stacks.vcpus[vcpu]);
	if (options.models)
		count_instruction_misses(vcpu, block, &block->counters[vcpu]);
	leave(vcpu);
}

static void on_call(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t slot, void *block)
{
	if (qemu_plugin_mem_is_store(info))
		stacks_call(&stacks, vcpu, block, slot);
}

static void on_return(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t slot, void *block)
{
	if (!qemu_plugin_mem_is_store(info))
		stacks_return(&stacks, vcpu, block, slot);
}

/* Devices' registers are not cached. */
static void on_access(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *block)
{
	struct models *m = &models[vcpu];
	const struct qemu_plugin_hwaddr *where;

	if (!enter(vcpu))
		return;
	if (cache_has(&m->l1d, address)) {
		cache_touch(&m->l1d, address);
	} else {
		where = qemu_plugin_get_hwaddr(info, address);
		if (!where || !qemu_plugin_hwaddr_is_io(where)) {
			cache_touch(&m->l1d, address);
			((struct block *)block)->counters[vcpu].misses[MISS_L1D]++;
		}
	}
	leave(vcpu);
}

static enum entry entry_of(uint64_t address)
{
	if (ranges_find(&options.faults, address))
		return ENTRY_FAULT;
	return ranges_find(&options.interrupts, address) ? ENTRY_INTERRUPT : ENTRY_NONE;
}

static struct block_facts facts_of(const struct block_key *key)
{
	struct block_facts facts = { .entry = entry_of(key->start) };
	const struct piece *piece = functions_find(&functions, key->start);

	if (!piece || !piece->function || key->physical)
		return facts;
	facts.function = piece->function;
	facts.at_start = piece->start == key->start;
	if (facts.at_start)
		facts.role = piece->role;
	return facts;
}

static struct block *block_of(const struct qemu_plugin_tb *tb)
{
	struct block_key key;
	struct block_facts facts;
	uint16_t offsets[BLOCK_INSTRUCTIONS_MAX];
	size_t count = qemu_plugin_tb_n_insns(tb);
	const struct qemu_plugin_insn *last;
	struct branch branch;

	if (!count || count > BLOCK_INSTRUCTIONS_MAX)
		return NULL;
	memset(&key, 0, sizeof(key));
	key.start = qemu_plugin_tb_vaddr(tb);
	for (size_t i = 0; i < count; i++)
		offsets[i] = (uint16_t)(qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, i)) -
					key.start);
	last = qemu_plugin_tb_get_insn(tb, count - 1);
	key.last = qemu_plugin_insn_vaddr(last);
	key.last_bytes = (uint8_t)qemu_plugin_insn_size(last);
	branch = branch_read(qemu_plugin_insn_data(last), key.last_bytes, key.last);
	key.target = branch.target;
	key.kind = (uint8_t)branch.kind;
	key.repeats = branch.repeats;
	key.instructions = (uint32_t)count;
	if (key.start >= UPPER_HALF)
		atomic_store(&upper_half_seen, true);
	key.physical = !atomic_load(&upper_half_seen);
	facts = facts_of(&key);
	return blocks_get(&blocks, &key, offsets, &facts);
}

/*
 * A call stores, and may load before where it goes to. QEMU 7.2 confuses reads and writes when it is
 * asked for one of them; the callbacks look for themselves.
 */
static void follow_calls(struct qemu_plugin_insn *last, struct block *block)
{
	enum branch_kind kind = block->key.kind;

	if (kind == BRANCH_CALL || kind == BRANCH_INDIRECT_CALL)
		qemu_plugin_register_vcpu_mem_cb(last, on_call, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, block);
	else if (kind == BRANCH_RETURN)
		qemu_plugin_register_vcpu_mem_cb(last, on_return, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, block);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *block = block_of(tb);
	size_t count = qemu_plugin_tb_n_insns(tb);

	(void)id;
	if (!block) {
		fprintf(stderr, "tracer: a block of %zu instructions is not counted\n", count);
		return;
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb,
					     options.stacks    ? on_block_stacked
					     : options.models  ? on_block_modelled
					     : options.control ? on_block_controlled
							       : on_block,
					     QEMU_PLUGIN_CB_NO_REGS, block);
	for (size_t i = 0; options.models && i < count; i++)
		qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), on_access,
						 QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, block);
	if (options.stacks)
		follow_calls(qemu_plugin_tb_get_insn(tb, count - 1), block);
}

/*
 * Control
 */

static void start_anew(void)
{
	set_gate(GATE_HOLD);
	blocks_zero(&blocks);
	if (options.stacks)
		stacks_zero(&stacks);
	for (unsigned v = 0; v < blocks.vcpus; v++) {
		vcpus[v] = (struct vcpu){ .index = v, .by_context = vcpus[v].by_context };
		if (options.models) {
			cache_empty(&models[v].l1i);
			cache_empty(&models[v].l1d);
			cache_empty(&models[v].itlb);
			cache_empty(&models[v].itlb_huge);
		}
	}
	set_gate(GATE_COUNT);
}

static char *write_to(const char *directory)
{
	int before = atomic_load(&gate);
	struct tally tally;
	struct stacks_sums sums = { 0 };
	char *error;

	set_gate(before == GATE_COUNT ? GATE_HOLD : GATE_OFF);
	tally_make(&tally, &blocks, vcpus);
	if (options.stacks)
		stacks_sum(&stacks, &sums);
	set_gate((enum gate)before);
	error = tracefiles_write(&tally, &options, options.stacks ? &sums : NULL, blocks.vcpus,
				 directory);
	tally_release(&tally);
	stacks_sums_release(&sums);
	written = !error;
	if (error)
		fprintf(stderr, "tracer: %s\n", error);
	return error;
}

static char *on_command(const struct control_command *c)
{
	char *error = NULL;

	pthread_mutex_lock(&control_lock);
	if (c->action == CONTROL_START) {
		start_anew();
		written = false;
	} else if (c->action == CONTROL_STOP) {
		set_gate(GATE_OFF);
	} else {
		error = write_to(c->directory);
	}
	pthread_mutex_unlock(&control_lock);
	return error;
}

/* Processors have stopped, or, where QEMU is left in a hurry, are made to. */
static void on_exit_of_qemu(qemu_plugin_id_t id, void *unused)
{
	(void)id, (void)unused;
	pthread_mutex_lock(&control_lock);
	if (options.whole && options.out && !written)
		free(write_to(options.out));
	if (options.control)
		unlink(options.control);
	pthread_mutex_unlock(&control_lock);
}

/*
 * Beginning
 */

static void make_cache(struct cache *c, const struct geometry *g)
{
	cache_init(c, g->bytes / g->line_bytes, g->ways, g->line_bytes);
}

static void make_vcpus(unsigned count)
{
	blocks_init(&blocks, count);
	if (options.stacks)
		stacks_init(&stacks, count);
	for (unsigned v = 0; v < count; v++) {
		vcpus[v].index = v;
		if (options.stacks)
			vcpus[v].by_context = stacks.contexts.instructions[v];
		if (!options.models)
			continue;
		make_cache(&models[v].l1i, &options.l1i);
		make_cache(&models[v].l1d, &options.l1d);
		make_cache(&models[v].itlb, &options.itlb);
		make_cache(&models[v].itlb_huge, &options.itlb_huge);
	}
}

static const char *refusal(const qemu_info_t *info, int argc, char **argv)
{
	const char *wrong;

	if (!info->system_emulation || strcmp(info->target_name, "x86_64"))
		return "it traces qemu-system-x86_64 only";
	if (info->system.max_vcpus < 1 || info->system.max_vcpus > VCPUS_MAX)
		return "it traces 1 to 8 processors: give QEMU -smp N";
	wrong = tracer_options_parse(&options, argc, argv);
	if (wrong)
		return wrong;
	if (options.stacks && (wrong = functions_read(&functions, options.functions)))
		return wrong;
	if (options.out && access(options.out, W_OK | X_OK))
		return xasprintf("cannot write to '%s': %s", options.out, strerror(errno));
	if (barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
		return "this kernel does not let it use membarrier(2)";
	return NULL;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	const char *wrong = refusal(info, argc, argv);

	if (!wrong) {
		make_vcpus((unsigned)info->system.max_vcpus);
		atomic_store(&gate, options.whole ? GATE_COUNT : GATE_OFF);
		atomic_store(&upper_half_seen,
			     !ranges_overlapping(&options.regions, UPPER_HALF, -1));
		if (options.control)
			wrong = control_listen(options.control, on_command);
	}
	if (wrong) {
		fprintf(stderr, "tracer: %s\n", wrong);
		return EXIT_USAGE;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
