/* SPDX-License-Identifier: MIT */
#include "receiver.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

static const double start_again_s = 0.5;

void receiver_init(struct receiver *r, const struct receiver_options *o, struct builds *builds,
		   uint64_t session)
{
	*r = (struct receiver){ .o = *o,
				.builds = builds,
				.session = session,
				.guests = xcalloc(o->most_guests, sizeof(*r->guests)),
				.sums = xcalloc(3 * builds->n, sizeof(struct tally *)),
				.budget = { 0, o->most_lines } };
}

void receiver_now(struct receiver *r, double now_s)
{
	r->now_s = now_s;
	r->notices.now_s = now_s;
}

void receiver_release(struct receiver *r)
{
	for (size_t i = 0; i < r->o.most_guests; i++)
		if (r->guests[i].number && r->o.keep_each)
			tally_release(&r->guests[i].own);
	for (size_t i = 0; i < r->sum_count; i++) {
		tally_release(r->sums[i]);
		free(r->sums[i]);
	}
	free(r->sums);
	free(r->guests);
}

static void say_to(struct receiver *r, struct peer *p, enum frame_type type, const void *payload,
		   size_t bytes)
{
	uint8_t frame[FRAME_HEADER_BYTES + sizeof(struct start)];

	r->send(r->user, p, frame, frame_write(frame, type, p->sequence++, payload, bytes));
}

/* Begin, or go on: what is left of the time. */
static void tell_start(struct receiver *r, struct sender *g)
{
	struct start s = { r->session, r->o.frequency_hz, r->o.seconds };
	uint8_t payload[sizeof(s)];

	if (r->stopped_s || (g->told_s && r->now_s - g->told_s < start_again_s))
		return;
	if (r->o.seconds && r->began_s) {
		double left = r->o.seconds - (r->now_s - r->began_s);

		/* one that ended in time need not begin again */
		if (left < 1)
			return;
		s.seconds = (uint32_t)left;
	}
	/* by itself it ends only if STOP is lost */
	if (s.seconds)
		s.seconds += RECEIVER_STOP_TIMEOUT_S;
	if (!g->started_s)
		g->started_s = r->now_s;
	g->told_s = r->now_s;
	g->ended = false;
	say_to(r, g->peer, FRAME_START, payload, start_write(payload, &s));
}

static struct sender *guest_of_boot(const struct receiver *r, uint64_t boot)
{
	for (size_t i = 0; i < r->o.most_guests; i++)
		if (r->guests[i].number && r->guests[i].hello.boot == boot)
			return &r->guests[i];
	return NULL;
}

/* The sum that the guest's counts belong to. */
static struct tally *sum_for(struct receiver *r, struct build *g, enum collector_event event)
{
	for (size_t i = 0; i < r->sum_count; i++)
		if (r->sums[i]->generation == g && r->sums[i]->event == event)
			return r->sums[i];
	r->sums[r->sum_count] = xmalloc(sizeof(struct tally));
	tally_init(r->sums[r->sum_count], g, event);
	return r->sums[r->sum_count++];
}

static struct sender *new_guest(struct receiver *r, struct peer *p, const struct hello *h,
				struct build *generation)
{
	struct sender *g = r->guests;

	if (r->guest_count == r->o.most_guests) {
		notice(&r->notices, NOTICE_TOO_MANY,
		       "%s: %u guests are all that are taken: ignored", p->name, r->o.most_guests);
		return NULL;
	}
	while (g->number)
		g++;
	*g = (struct sender){ .number = ++r->arrived,
			      .hello = *h,
			      .generation = generation,
			      .sum = sum_for(r, generation, h->event),
			      /* one guest cannot take all the room there is */
			      .new_lines = r->o.most_lines / 2 };
	if (r->o.keep_each)
		tally_init(&g->own, generation, h->event);
	r->guest_count++;
	notice(&r->notices, NOTICE_GUEST, "guest %u, generation %u, at %s", g->number,
	       generation->number, p->name);
	return g;
}

static void forget(struct receiver *r, struct sender *g)
{
	if (r->o.keep_each)
		tally_release(&g->own);
	*g = (struct sender){ 0 };
	r->guest_count--;
}

/* The guest is reached by this peer from now on, and by no other. */
static void attach(struct receiver *r, struct sender *g, struct peer *p)
{
	struct peer *before = g->peer;

	if (before == p)
		return;
	if (p->guest)
		p->guest->peer = NULL;
	p->guest = g;
	g->peer = p;
	g->answered = !p->datagrams;
	g->told_s = 0;
	if (before) {
		before->guest = NULL;
		notice(&r->notices, NOTICE_CONNECTION, "guest %u comes back at %s; %s is left",
		       g->number, p->name, before->name);
		r->close(r->user, before);
	}
}

static void unknown_build(struct receiver *r, struct peer *p, const struct hello *h)
{
	char kernel[BUILD_ID_HEX_BYTES], app[BUILD_ID_HEX_BYTES];

	build_id_print(kernel, h->build_ids[UNIT_KERNEL]);
	build_id_print(app, h->build_ids[UNIT_APP]);
	notice(&r->notices, NOTICE_UNKNOWN,
	       "%s: no generation of %s has its build ids, vmlinux %s, %s %s: ignored", p->name,
	       r->builds->app, kernel, r->builds->app, app);
}

/* Another guest at the same place: what it sends is not the former one's. */
static void gone_and_another(struct receiver *r, struct peer *p, const struct frame *f)
{
	int64_t missing;

	receiver_gone(r, p);
	peer_forget_sequence(p);
	peer_is_new(p, f->sequence, &missing);
}

static void on_hello(struct receiver *r, struct peer *p, const struct frame *f)
{
	struct build *generation;
	struct sender *g;
	struct hello h;

	if (!hello_read(&h, f)) {
		notice(&r->notices, NOTICE_BAD_FRAME, "%s: a HELLO that says nothing possible",
		       p->name);
		return;
	}
	if (p->guest && p->guest->hello.boot != h.boot)
		gone_and_another(r, p, f);
	g = guest_of_boot(r, h.boot);
	generation = build_id_find(r->builds, h.build_ids);
	if (g && !sender_is_same(g, &h)) {
		notice(&r->notices, NOTICE_CHANGED,
		       "%s: guest %u says other build ids than before, without a boot in between: "
		       "ignored",
		       p->name, g->number);
		g->barred = g->barred || g->peer == p;
		return;
	}
	if (!generation) {
		unknown_build(r, p, &h);
		return;
	}
	if (!g && !r->stopped_s)
		g = new_guest(r, p, &h, generation);
	if (!g || g->barred)
		return;
	attach(r, g, p);
	g->heard_s = r->now_s;
	tell_start(r, g);
}

static void too_much(struct receiver *r, struct sender *g, uint64_t count)
{
	g->impossible = add_saturated(g->impossible, count);
	if (!g->told_too_much)
		notice(&r->notices, NOTICE_TOO_MUCH,
		       "guest %u sends more counts than it can have sampled; those beyond are not "
		       "taken",
		       g->number);
	g->told_too_much = true;
}

static void no_room(struct receiver *r, struct sender *g, uint64_t count)
{
	g->no_room = add_saturated(g->no_room, count);
	if (!g->told_no_room)
		notice(&r->notices, NOTICE_NO_ROOM,
		       "guest %u: no room for further addresses; those that are known go on counting",
		       g->number);
	g->told_no_room = true;
}

static void count(struct receiver *r, struct sender *g, enum unit unit, enum count_kind kind,
		  const struct count_entry *e, uint64_t possible)
{
	g->received = add_saturated(g->received, e->count);
	if (g->received - g->impossible > possible) {
		too_much(r, g, e->count);
		return;
	}
	switch (tally_add(g->sum, &r->budget, &g->new_lines, unit, kind, e)) {
	case TALLY_TAKEN: g->inside = add_saturated(g->inside, e->count); break;
	case TALLY_OUTSIDE: g->outside = add_saturated(g->outside, e->count); return;
	case TALLY_NO_ROOM: no_room(r, g, e->count); return;
	}
	if (r->o.keep_each &&
	    tally_add(&g->own, &r->budget, &g->new_lines, unit, kind, e) == TALLY_NO_ROOM) {
		g->own_no_room = add_saturated(g->own_no_room, e->count);
		no_room(r, g, 0);
	}
}

static void on_counts(struct receiver *r, struct peer *p, const struct frame *f)
{
	enum unit unit;
	struct sender *g = p->guest;
	enum count_kind kind;
	size_t entries;
	uint64_t possible;

	if (!g || !g->told_s) {
		notice(&r->notices, NOTICE_STRANGER,
		       "%s: counts of a guest that has not said which build it is: ignored",
		       p->name);
		return;
	}
	if (!counts_frame_read(&unit, &kind, &entries, f) ||
	    !tally_kind_fits(g->hello.event, kind) ||
	    (unit == UNIT_INIT && !build_id_is_given(g->hello.build_ids[UNIT_INIT]))) {
		notice(&r->notices, NOTICE_BAD_FRAME, "%s: counts that say nothing possible",
		       p->name);
		return;
	}
	possible =
		sender_possible_counts(g, sender_possible_samples(g, r->o.frequency_hz, r->now_s));
	for (size_t i = 0; i < entries; i++) {
		struct count_entry e;

		counts_frame_entry(&e, f, i);
		if (e.count)
			count(r, g, unit, kind, &e, possible);
	}
}

static void on_status(struct receiver *r, struct peer *p, const struct frame *f)
{
	struct sender *g = p->guest;
	struct status s;
	uint64_t before;

	if (!status_read(&s, f)) {
		notice(&r->notices, NOTICE_BAD_FRAME, "%s: a status that says nothing possible",
		       p->name);
		return;
	}
	if (!g || s.session != r->session) {
		notice(&r->notices, NOTICE_STRANGER,
		       "%s: collects for somebody else, or for an earlier run of this; it stops "
		       "within %u s of that's end",
		       p->name, ALIVE_TIMEOUT_S);
		return;
	}
	before = g->samples;
	sender_status(g, &s, sender_possible_samples(g, r->o.frequency_hz, r->now_s));
	r->samples = add_saturated(r->samples, g->samples - before);
	g->answered = true;
	if (!r->began_s)
		r->began_s = r->now_s;
	if (f->type != FRAME_END)
		return;
	g->ended = true;
	if (!r->stopped_s)
		notice(&r->notices, NOTICE_GUEST,
		       "guest %u ended by itself after %.0f s, %llu samples", g->number,
		       r->now_s - g->started_s, (unsigned long long)g->samples);
}

static void on_frame(struct receiver *r, struct peer *p, const struct frame *f)
{
	struct sender *g = p->guest;

	if (g && g->barred)
		return;
	if (g)
		g->heard_s = r->now_s;
	switch (f->type) {
	case FRAME_HELLO: on_hello(r, p, f); return;
	case FRAME_COUNTS: on_counts(r, p, f); return;
	case FRAME_STATUS:
	case FRAME_END: on_status(r, p, f); return;
	default:
		notice(&r->notices, NOTICE_BAD_FRAME,
		       "%s: a frame of type %u, which no guest sends", p->name, f->type);
	}
}

/*
 * Is it to be looked at? A HELLO is, always: a guest that was switched off and on counts its frames
 * anew, on a connection that its VMM may have kept. Only datagrams can come twice.
 */
static bool is_due(struct peer *p, const struct frame *f)
{
	struct sender *g = p->guest;
	int64_t missing;

	if (f->type == FRAME_HELLO && peer_restarts(p, f->sequence))
		peer_forget_sequence(p);
	if (peer_is_new(p, f->sequence, &missing)) {
		if (g)
			g->frames_missing += missing;
		return true;
	}
	if (!p->datagrams) {
		peer_forget_sequence(p);
		peer_is_new(p, f->sequence, &missing);
		return true;
	}
	if (g)
		g->frames_again++;
	return f->type == FRAME_HELLO;
}

static void garbage(struct receiver *r, struct peer *p, size_t bytes)
{
	if (!p->cut)
		notice(&r->notices, NOTICE_GARBAGE,
		       "%s: bytes that are no frame, or one that was damaged: skipped", p->name);
	p->cut = true;
	p->garbage_bytes += bytes;
}

bool receiver_may_be_hello(const uint8_t *bytes, size_t n)
{
	struct frame f = { .payload = bytes + FRAME_HEADER_BYTES,
			   .payload_bytes = n - FRAME_HEADER_BYTES };
	struct hello h;

	if (n < FRAME_HEADER_BYTES)
		return false;
	f.type = bytes[5];
	return hello_read(&h, &f);
}

void receiver_datagram(struct receiver *r, struct peer *p, const uint8_t *bytes, size_t n)
{
	struct frame f;
	size_t used;

	if (frame_read(&f, bytes, n, &used) != 1 || used != n) {
		p->cut = false; /* each datagram is one of its own */
		garbage(r, p, n);
		return;
	}
	p->garbage_bytes = 0;
	if (is_due(p, &f))
		on_frame(r, p, &f);
}

/* Take the whole frames of the buffer out of it. */
static bool take_frames(struct receiver *r, struct peer *p)
{
	size_t at = 0;

	for (;;) {
		struct frame f;
		size_t used;
		int found = frame_read(&f, p->buffer + at, p->bytes - at, &used);

		if (!found)
			break;
		if (found < 0) {
			garbage(r, p, used);
		} else {
			p->garbage_bytes = 0;
			p->cut = false;
			if (is_due(p, &f))
				on_frame(r, p, &f);
		}
		at += used;
	}
	p->bytes -= at;
	memmove(p->buffer, p->buffer + at, p->bytes);
	return p->garbage_bytes <= PEER_GARBAGE_MAX;
}

bool receiver_bytes(struct receiver *r, struct peer *p, const uint8_t *bytes, size_t n)
{
	while (n) {
		size_t room = sizeof(p->buffer) - p->bytes, part = n < room ? n : room;

		memcpy(p->buffer + p->bytes, bytes, part);
		p->bytes += part;
		bytes += part;
		n -= part;
		if (!take_frames(r, p)) {
			notice(&r->notices, NOTICE_GARBAGE,
			       "%s: %u KiB without a single frame: this is no collector", p->name,
			       PEER_GARBAGE_MAX >> 10);
			return false;
		}
	}
	return true;
}

void receiver_gone(struct receiver *r, struct peer *p)
{
	struct sender *g = p->guest;

	if (!g)
		return;
	if (!g->ended && !r->stopped_s)
		notice(&r->notices, NOTICE_CONNECTION,
		       "guest %u is gone without an END; what came is kept", g->number);
	g->peer = NULL;
	p->guest = NULL;
}

static void stop_guest(struct receiver *r, struct sender *g)
{
	g->told_s = r->now_s;
	say_to(r, g->peer, FRAME_STOP, NULL, 0);
}

void receiver_stop(struct receiver *r)
{
	if (r->stopped_s)
		return;
	r->stopped_s = r->now_s;
	for (size_t i = 0; i < r->o.most_guests; i++)
		if (r->guests[i].number && r->guests[i].peer && !r->guests[i].ended)
			stop_guest(r, &r->guests[i]);
}

static void tick_guest(struct receiver *r, struct sender *g)
{
	double silent_s = r->now_s - g->heard_s;

	if (g->peer && silent_s > RECEIVER_SILENCE_S && !g->ended) {
		notice(&r->notices, NOTICE_SILENT, "guest %u at %s: nothing heard for %u s",
		       g->number, g->peer->name, RECEIVER_SILENCE_S);
		r->close(r->user, g->peer);
	}
	/* a place is free again if nothing was ever got from who took it */
	if (!g->peer && !g->received && !g->samples && !g->barred &&
	    silent_s > RECEIVER_SILENCE_S) {
		forget(r, g);
		return;
	}
	if (!g->peer || g->ended || g->barred)
		return;
	if (r->stopped_s) {
		if (g->told_s && r->now_s - g->told_s >= 1)
			stop_guest(r, g);
	} else if (g->answered) {
		/* not to an address that somebody else may have named: it might be flooded so */
		say_to(r, g->peer, FRAME_ALIVE, NULL, 0);
	}
}

void receiver_tick(struct receiver *r)
{
	for (size_t i = 0; i < r->o.most_guests; i++)
		if (r->guests[i].number)
			tick_guest(r, &r->guests[i]);
	if (r->o.seconds && r->began_s && r->now_s - r->began_s >= r->o.seconds)
		receiver_stop(r);
}

unsigned receiver_counting(const struct receiver *r)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->o.most_guests; i++) {
		const struct sender *g = &r->guests[i];

		n += g->number && g->peer && g->told_s && g->answered && !g->ended && !g->barred;
	}
	return n;
}

bool receiver_is_done(const struct receiver *r)
{
	return r->stopped_s &&
	       (!receiver_counting(r) || r->now_s - r->stopped_s > RECEIVER_STOP_TIMEOUT_S);
}
