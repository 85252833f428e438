/* SPDX-License-Identifier: MIT */
/*
 * gather.h - the samples of a perf file become counts by place
 *
 * One bucket for each event, for host or guest, and for each program that may be the app or
 * init: which of them are of a generation is decided when all is read (choice.h).
 *
 * A branch stack of entries e[0] (newest) to e[n-1] says that each branch was taken once, and
 * that everything from the target of e[i+1] to the source of e[i] ran once (as llvm-profgen
 * reads it: llvm/tools/llvm-profgen/PerfReader.cpp). Records that cannot be, which AMD's LBRv2
 * is known to give (google/autofdo 256: "Bogus LBR data"), are counted and left out.
 */
#ifndef IMPORTS_GATHER_H
#define IMPORTS_GATHER_H

#include "counts.h"
#include "../profiles/builds.h"
#include "perfevent.h"
#include "processes.h"

enum { GATHER_EVENTS = 32, GATHER_BUCKETS = 64 };

/* Why a record of a branch, or what is between two, cannot be. */
enum bogus {
	BOGUS_ZERO,    /* its source or its target is 0 */
	BOGUS_NOWHERE, /* an end is no address of any program, or of the kernel where it has no code */
	BOGUS_BACKWARDS, /* the code between two branches ends before it begins */
	BOGUS_FAR,	 /* there is more of it than any function has */
	BOGUS_KINDS
};

struct gather_event {
	uint64_t samples, with_branches;
	uint64_t kernel, user, guest_kernel, guest_user; /* samples by mode */
	uint64_t inside[2]; /* in a unit of the app, of any generation; [1]: of a guest */
	size_t deepest;
};

struct bucket {
	size_t event, program; /* program: processes.h; 0 for kernel and guests */
	enum unit unit;
	bool guest;
	uint64_t samples; /* whose address is here */
	uint64_t entries; /* of branch stacks: with an end here, or bogus ones of a sample here */
	uint64_t bogus[BOGUS_KINDS];
	struct counts counts;
};

struct gather {
	struct processes *processes;
	const struct builds *builds;
	struct gather_event events[GATHER_EVENTS];
	size_t event_count;
	struct bucket buckets[GATHER_BUCKETS];
	size_t bucket_count;
	uint64_t samples, beyond; /* all; of more events than are kept apart */
};

void gather_init(struct gather *g, struct processes *processes);

/* Handler of perfevent.h; `user` is the gather. */
void gather_sample(void *user, const struct perf_sample *sample);

uint64_t gather_bogus(const struct bucket *b);

void gather_release(struct gather *g);

#endif
