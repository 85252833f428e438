/* SPDX-License-Identifier: MIT */
/*
 * receiver.h - who sends counts, what is believed of it, and what is answered; no sockets here
 *
 * Bytes and datagrams of peers go in, frames for them come out through `send`. Nothing that a peer
 * does takes more memory than the limits in `receiver_options`, dies, or is written to a store.
 */
#ifndef COLLECTOR_RECEIVER_H
#define COLLECTOR_RECEIVER_H

#include "sender.h"
#include "buildid.h"
#include "notices.h"
#include "peer.h"
#include "tally.h"

enum {
	RECEIVER_HELLO_TIMEOUT_S = 10, /* a connection that does not say who it is */
	RECEIVER_SILENCE_S = 15,       /* a guest that says nothing: it sends STATUS every second */
	RECEIVER_STOP_TIMEOUT_S = 6,   /* after STOP: a guest takes up to 5 s to send what it has */
};

struct receiver_options {
	uint32_t frequency_hz; /* asked of the guests */
	uint32_t seconds; /* to collect, from the first guest that counts; 0: until receiver_stop */
	unsigned most_guests;
	size_t most_lines; /* of all sums */
	bool keep_each;	   /* the counts of each guest, too */
};

struct receiver {
	struct receiver_options o;
	struct builds *builds;
	struct notices notices;
	uint64_t session;
	struct sender *guests; /* o.most_guests places */
	unsigned guest_count;  /* places in use */
	unsigned arrived;      /* ever */
	struct tally **sums;
	size_t sum_count;
	struct tally_budget budget;
	double now_s, began_s; /* began_s 0: nobody has begun to count */
	double stopped_s;      /* 0: still collecting */
	uint64_t samples;      /* as said by all; for the progress line */
	/* Send a frame, or drop it; never waits. */
	void (*send)(void *user, struct peer *p, const uint8_t *bytes, size_t n);
	/* Nothing more is wanted from the peer, and nothing said to it. It calls receiver_gone(). */
	void (*close)(void *user, struct peer *p);
	void *user;
};

/* What time it is; before any of the following. */
void receiver_now(struct receiver *r, double now_s);

/* `builds` must outlive it. */
void receiver_init(struct receiver *r, const struct receiver_options *o, struct builds *builds,
		   uint64_t session);
void receiver_release(struct receiver *r);

/* What a stream brought. False: it is no collector's, close it. */
bool receiver_bytes(struct receiver *r, struct peer *p, const uint8_t *bytes, size_t n);

/* One datagram. */
void receiver_datagram(struct receiver *r, struct peer *p, const uint8_t *bytes, size_t n);

/* Only a HELLO is worth a look, if it comes from an address that is not known. */
bool receiver_may_be_hello(const uint8_t *bytes, size_t n);

/* The connection has ended: its guest may come back over another one. */
void receiver_gone(struct receiver *r, struct peer *p);

/* Once a second or so, with now_s set: ALIVE, STOP, guests that went silent, the end of the time. */
void receiver_tick(struct receiver *r);

/* Tell all to stop. */
void receiver_stop(struct receiver *r);

/* All have ended, or the time for it is over. */
bool receiver_is_done(const struct receiver *r);

/* Guests that are connected and counting. */
unsigned receiver_counting(const struct receiver *r);

/* Call before looking at the sums: adds up what is known of each guest. */
void receiver_settle(struct receiver *r);

#endif
