/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "../../pipeline/lib/util.h"

/* Where it goes on: somewhere else, or it cannot be known. */
enum { NOWHERE = 0 };

uint64_t walk_roll(uint64_t *dice)
{
	*dice ^= *dice >> 12;
	*dice ^= *dice << 25;
	*dice ^= *dice >> 27;
	return *dice * 2685821657736338717u;
}

static uint64_t roll(struct walk *w, uint64_t below)
{
	return (walk_roll(&w->dice) >> 16) % below;
}

/* A function that somebody compiled, a few of them often. */
static void start_anew(struct walk *w)
{
	const struct code_function *f;

	do {
		uint64_t n = w->code.function_count;

		f = &w->code.functions[roll(w, roll(w, n) + 1)];
	} while (!f->has_debug_info || f->end - f->start < 8);
	w->address = f->start;
	w->taken = 0;
	w->call_count = 0;
}

void walk_open(struct walk *w, const char *elf, const char *file)
{
	char *error;
	size_t segments;
	GElf_Phdr p;

	*w = (struct walk){ .file = file, .dice = 88172645463325252u };
	error = code_open(&w->code, elf);
	if (error)
		die("%s", error);
	if (elf_getphdrnum(w->code.elf, &segments))
		die("%s has no segments", elf);
	for (size_t i = 0; i < segments && !w->bytes; i++)
		if (gelf_getphdr(w->code.elf, (int)i, &p) && p.p_type == PT_LOAD &&
		    (p.p_flags & PF_X)) {
			w->start = p.p_vaddr & ~(uint64_t)4095;
			w->bytes = (p.p_vaddr + p.p_memsz - w->start + 4095) & ~(uint64_t)4095;
			w->offset = p.p_offset & ~(uint64_t)4095;
		}
	if (!w->bytes)
		die("%s has no code", elf);
	start_anew(w);
}

static void take_branch(struct walk *w, uint64_t from, uint64_t to)
{
	uint64_t luck = roll(w, 16);

	w->ring[w->taken++ % WALK_DEPTH] = (struct perf_branch){
		.from = from, .to = to, .mispredicted = !luck, .predicted = luck
	};
	w->address = to;
}

/* Where the branch at `at` goes; 0 if nothing says. `*taken`: it goes elsewhere than on. */
static uint64_t target_of(struct walk *w, const struct instruction *i, uint64_t at, bool *taken)
{
	uint64_t behind = at + i->length;

	*taken = true;
	switch ((enum instruction_kind)i->kind) {
	case INSTRUCTION_PLAIN: *taken = false; return behind;
	case INSTRUCTION_CONDITIONAL:
		*taken = roll(w, 3) == 0;
		return *taken ? behind + (uint64_t)(int64_t)i->displacement : behind;
	case INSTRUCTION_CALL:
		w->calls[w->call_count++ % WALK_CALLS] = behind;
		return behind + (uint64_t)(int64_t)i->displacement;
	case INSTRUCTION_JUMP: return behind + (uint64_t)(int64_t)i->displacement;
	case INSTRUCTION_RETURN:
		return w->call_count ? w->calls[--w->call_count % WALK_CALLS] : NOWHERE;
	default: return NOWHERE;
	}
}

/* One instruction. */
static void step(struct walk *w)
{
	struct code_function *f = code_find(&w->code, w->address);
	uint64_t at = w->address, to;
	bool taken;

	if (!f || w->call_count > WALK_CALLS / 2) {
		start_anew(w);
		return;
	}
	to = target_of(w, &f->v[code_index(f, at)], at, &taken);
	/* code that falls out of its function was never meant to be reached there */
	if (to == NOWHERE || (!taken && to >= f->end) || !code_find(&w->code, to))
		start_anew(w);
	else if (taken)
		take_branch(w, at, to);
	else
		w->address = to;
}

void walk_on(struct walk *w, size_t branches)
{
	uint64_t before;

	/* some code never leaves its loop */
	if (!roll(w, 16))
		start_anew(w);
	before = w->taken;
	for (size_t left = branches * 64; left && w->taken - before < branches; left--) {
		step(w);
		if (w->taken < before)
			before = 0;
	}
	for (uint64_t more = roll(w, 4); more; more--)
		step(w);
}

size_t walk_branches(const struct walk *w, struct perf_branch out[WALK_DEPTH])
{
	size_t n = w->taken < WALK_DEPTH ? (size_t)w->taken : WALK_DEPTH;

	for (size_t i = 0; i < n; i++)
		out[i] = w->ring[(w->taken - 1 - i) % WALK_DEPTH];
	return n;
}
