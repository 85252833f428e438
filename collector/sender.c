/* SPDX-License-Identifier: MIT */
#include "sender.h"

#include <string.h>

enum {
	STACK_DEPTH = 32, /* branches of a sample: Intel's LBR has 32 at most, AMD's 16 */
	/* counts of one sample: a branch and a range for each of its branches */
	COUNTS_A_STACK = 2 * STACK_DEPTH,
	GRACE_S = 2,
};

/* What a counter of the guest's says more than before; all of it if it began anew. */
static uint64_t more(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

uint64_t sender_possible_samples(const struct sender *g, uint32_t frequency_hz, double now_s)
{
	double seconds = now_s - g->started_s + GRACE_S;
	double most = 2 * seconds * frequency_hz * g->hello.processors;

	return most < 1e15 ? (uint64_t)most : (uint64_t)1e15;
}

uint64_t sender_possible_counts(const struct sender *g, uint64_t samples)
{
	return g->hello.event == EVENT_BRANCH_STACKS ? COUNTS_A_STACK * samples : samples;
}

static void add(uint64_t *sum, uint64_t n, uint64_t most)
{
	*sum = add_saturated(*sum, n);
	if (*sum > most)
		*sum = most;
}

void sender_status(struct sender *g, const struct status *s, uint64_t possible_samples)
{
	const struct status *last = &g->last;
	static const struct status none;

	/* all of them begin anew, or none does */
	if (s->samples < last->samples || s->sent < last->sent || s->own_ns < last->own_ns)
		last = &none;
	add(&g->samples, more(s->samples, last->samples), possible_samples);
	add(&g->excluded, more(s->excluded, last->excluded), possible_samples);
	add(&g->lost, more(s->lost, last->lost), possible_samples);
	add(&g->sent, more(s->sent, last->sent), sender_possible_counts(g, possible_samples));
	add(&g->own_ns, more(s->own_ns, last->own_ns), INT64_MAX);
	g->last = *s;
}

uint64_t sender_missing(const struct sender *g)
{
	return g->sent > g->received ? g->sent - g->received : 0;
}

bool sender_is_same(const struct sender *g, const struct hello *h)
{
	return !memcmp(g->hello.build_ids, h->build_ids, sizeof(h->build_ids)) &&
	       g->hello.event == h->event && g->hello.processors == h->processors;
}
