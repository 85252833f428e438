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

void sender_status(struct sender *g, const struct status *s)
{
	const struct status *last = &g->last;
	static const struct status none;

	/* all of them begin anew, or none does */
	if (s->samples < last->samples || s->sent < last->sent || s->own_ns < last->own_ns)
		last = &none;
	g->samples = add_saturated(g->samples, more(s->samples, last->samples));
	g->excluded = add_saturated(g->excluded, more(s->excluded, last->excluded));
	g->lost = add_saturated(g->lost, more(s->lost, last->lost));
	g->sent = add_saturated(g->sent, more(s->sent, last->sent));
	g->own_ns = add_saturated(g->own_ns, more(s->own_ns, last->own_ns));
	g->last = *s;
}

uint64_t sender_possible(const struct sender *g, uint32_t frequency_hz, double now_s)
{
	uint64_t a_sample = g->hello.event == EVENT_BRANCH_STACKS ? COUNTS_A_STACK : 1;
	double seconds = now_s - g->started_s + GRACE_S;
	double most = 2 * seconds * frequency_hz * g->hello.processors * (double)a_sample;

	return most < 1e18 ? (uint64_t)most : (uint64_t)1e18;
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
