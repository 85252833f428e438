/* SPDX-License-Identifier: MIT */
/* receiver_settle: what is known of each guest, added to the sum its counts went into. */
#include <string.h>

#include "receiver.h"

static void settle_vendor(struct tally *t, const struct sender *g)
{
	char vendor[sizeof(t->vendor)] = "";

	memcpy(vendor, g->hello.cpu_vendor, sizeof(g->hello.cpu_vendor));
	if (!t->guests)
		memcpy(t->vendor, vendor, sizeof(vendor));
	else if (strcmp(t->vendor, vendor))
		t->vendor[0] = '\0';
}

static void settle_guest(struct tally *t, const struct sender *g)
{
	double seconds = g->heard_s - g->started_s;

	settle_vendor(t, g);
	t->guests++;
	t->unfinished += !g->ended;
	t->processors += g->hello.processors;
	t->samples = add_saturated(t->samples, g->samples);
	t->excluded = add_saturated(t->excluded, g->excluded);
	t->lost = add_saturated(t->lost, g->lost);
	t->received = add_saturated(t->received, g->received);
	t->outside = add_saturated(t->outside, g->outside);
	t->no_room = add_saturated(t->no_room, g->no_room);
	t->impossible = add_saturated(t->impossible, g->impossible);
	t->missing = add_saturated(t->missing, sender_missing(g));
	if (seconds > t->seconds)
		t->seconds = seconds;
}

void receiver_settle(struct receiver *r)
{
	for (size_t i = 0; i < r->o.most_guests; i++) {
		struct sender *g = &r->guests[i];

		if (!g->number || !g->received)
			continue;
		settle_guest(g->sum, g);
		if (!r->o.keep_each)
			continue;
		settle_guest(&g->own, g);
		g->own.no_room = add_saturated(g->own.no_room, g->own_no_room);
	}
}
