/* SPDX-License-Identifier: MIT */
/*
 * walk.h - a processor that wanders through the code of an ELF
 *
 * It follows what the instructions say; conditional branches and indirect calls go by dice, the
 * same each time. Where code gives no answer (an indirect jump, a system call, a return to
 * nobody), it starts anew in another function, with no branches behind it. So every branch and
 * all code between two is such that it can have run.
 */
#ifndef TESTS_PERFGEN_WALK_H
#define TESTS_PERFGEN_WALK_H

#include "../../imports/perfevent.h"
#include "../../profiles/code.h"

enum { WALK_DEPTH = 32, WALK_CALLS = 64 };

struct walk {
	struct code code;
	const char *file;	       /* as mappings and build ids name it */
	uint64_t start, bytes, offset; /* of its executable part */
	uint64_t dice;
	uint64_t address;
	struct perf_branch ring[WALK_DEPTH]; /* the last ones; newest at (taken - 1) % WALK_DEPTH */
	uint64_t taken;
	uint64_t calls[WALK_CALLS]; /* where to return */
	size_t call_count;
};

/* Dies if the ELF cannot be used. */
void walk_open(struct walk *w, const char *elf, const char *file);

/* Go on for `branches` taken branches, and some instructions. */
void walk_on(struct walk *w, size_t branches);

/* The last taken ones, newest first; returns how many. */
size_t walk_branches(const struct walk *w, struct perf_branch out[WALK_DEPTH]);

/* The next number of `*dice`: xorshift64*. */
uint64_t walk_roll(uint64_t *dice);

#endif
