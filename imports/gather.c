/* SPDX-License-Identifier: MIT */
#include "gather.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"

/* Bounds the memory of a file that is made to fill it: 64 buckets never all do. */
enum { MOST_LINES = 1 << 20 };

/* No function of a kernel or an app is longer; llvm-profgen has no bound and believes all. */
enum { LONGEST_RANGE = 1 << 20 };

/* x86-64 with four levels of page tables: kernel addresses begin here, users' end below. */
static const uint64_t kernel_start = 0xffff800000000000, user_end = 0x0000800000000000,
		      kernel_text = 0xffffffff80000000;

void gather_init(struct gather *g, struct processes *processes)
{
	*g = (struct gather){ .processes = processes, .builds = processes->builds };
}

void gather_release(struct gather *g)
{
	for (size_t i = 0; i < g->bucket_count; i++)
		counts_release(&g->buckets[i].counts);
	g->bucket_count = 0;
}

uint64_t gather_bogus(const struct bucket *b)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < BOGUS_KINDS; i++)
		sum += b->bogus[i];
	return sum;
}

static bool is_guest(enum perf_mode mode)
{
	return mode == PERF_MODE_GUEST_KERNEL || mode == PERF_MODE_GUEST_USER;
}

static struct bucket *bucket_of(struct gather *g, const struct bucket *wanted)
{
	for (size_t i = 0; i < g->bucket_count; i++) {
		struct bucket *b = &g->buckets[i];

		if (b->event == wanted->event && b->program == wanted->program &&
		    b->unit == wanted->unit && b->guest == wanted->guest)
			return b;
	}
	if (g->bucket_count == GATHER_BUCKETS)
		return NULL;
	g->buckets[g->bucket_count] = *wanted;
	counts_init(&g->buckets[g->bucket_count].counts, MOST_LINES);
	return &g->buckets[g->bucket_count++];
}

/* Where `address` of this sample is counted; NULL: not in a unit of the app. */
static struct bucket *bucket_at(struct gather *g, const struct perf_sample *s, uint64_t address)
{
	struct bucket wanted = { .event = s->event,
				 .unit = builds_unit_at(g->builds, address),
				 .guest = is_guest(s->mode) };

	if (wanted.unit == UNIT_NONE)
		return NULL;
	/* a guest runs nothing but init and its app */
	if (wanted.unit != UNIT_KERNEL && !wanted.guest) {
		wanted.program = processes_find(g->processes, s->pid, wanted.unit);
		if (wanted.program == NO_PROGRAM)
			return NULL;
	}
	return bucket_of(g, &wanted);
}

/* An image has no modules: what is beside its code is no kernel code at all. */
static bool is_nowhere(const struct gather *g, const struct bucket *b, uint64_t address)
{
	if (address >= user_end && address < kernel_start)
		return true;
	return b->unit == UNIT_KERNEL && address >= kernel_text &&
	       builds_unit_at(g->builds, address) != UNIT_KERNEL;
}

/* The ends of a record, and where they are; NULL: not in a unit of the app. */
struct record {
	const struct perf_branch *branch;
	struct bucket *from, *to;
};

/* `sampled` is where the sample itself was, or NULL. */
static void take_branch(const struct gather *g, const struct record *r, struct bucket *sampled,
			uint64_t count)
{
	bool zero = !r->branch->from || !r->branch->to;
	struct bucket *b = r->from ? r->from : r->to ? r->to : zero ? sampled : NULL;

	if (!b)
		return;
	b->entries += count;
	if (zero)
		b->bogus[BOGUS_ZERO] += count;
	else if (is_nowhere(g, b, r->branch->from) || is_nowhere(g, b, r->branch->to))
		b->bogus[BOGUS_NOWHERE] += count;
	else if (r->from == r->to)
		counts_branch(&b->counts, r->branch->from, r->branch->to, count);
}

/* What ran between two branches, both in the same place. */
static void take_range(const struct record *older, const struct record *newer, uint64_t count)
{
	uint64_t first = older->branch->to, last = newer->branch->from;

	if (!newer->from || newer->from != older->to)
		return;
	if (last < first)
		newer->from->bogus[BOGUS_BACKWARDS] += count;
	else if (last - first > LONGEST_RANGE)
		newer->from->bogus[BOGUS_FAR] += count;
	else
		counts_range(&newer->from->counts, first, last, count);
}

static void take_stack(struct gather *g, struct gather_event *e, const struct perf_sample *s,
		       struct bucket *sampled)
{
	struct record newer = { 0 };

	e->with_branches += s->count;
	e->deepest = s->branch_count > e->deepest ? s->branch_count : e->deepest;
	for (size_t i = 0; i < s->branch_count; i++) {
		const struct perf_branch *b = &s->branches[i];
		struct record r = { b, bucket_at(g, s, b->from), bucket_at(g, s, b->to) };

		take_branch(g, &r, sampled, s->count);
		if (i)
			take_range(&r, &newer, s->count);
		newer = r;
	}
}

static void count_mode(struct gather_event *e, const struct perf_sample *s)
{
	switch (s->mode) {
	case PERF_MODE_KERNEL: e->kernel += s->count; break;
	case PERF_MODE_USER: e->user += s->count; break;
	case PERF_MODE_GUEST_KERNEL: e->guest_kernel += s->count; break;
	case PERF_MODE_GUEST_USER: e->guest_user += s->count; break;
	default: /* text need not say it */
		*(s->address >= kernel_start ? &e->kernel : &e->user) += s->count;
	}
}

void gather_sample(void *user, const struct perf_sample *s)
{
	struct gather *g = user;
	struct gather_event *e;
	struct bucket *b;

	g->samples += s->count;
	if (s->event >= GATHER_EVENTS) {
		g->beyond += s->count;
		return;
	}
	e = &g->events[s->event];
	g->event_count = s->event >= g->event_count ? s->event + 1 : g->event_count;
	e->samples += s->count;
	count_mode(e, s);
	b = bucket_at(g, s, s->address);
	if (s->branch_count)
		take_stack(g, e, s, b);
	if (!b)
		return;
	b->samples += s->count;
	e->inside[b->guest] += s->count;
	if (!s->branch_count)
		counts_address(&b->counts, s->address, s->count);
}
