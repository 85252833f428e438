/* SPDX-License-Identifier: MIT */
/*
 * wire.h - the sockets of a receiver: what is read from them, and how much in how much time
 *
 * Reading goes by rounds of WIRE_ROUND_MS. In a round so many datagrams and so many bytes of each
 * connection are taken and no more; then the process sleeps until the round is over. What does not
 * fit waits in the kernel, whose buffers are small, or is thrown away there: a flood costs as much
 * time as a busy guest, whatever its size.
 */
#ifndef COLLECTOR_WIRE_H
#define COLLECTOR_WIRE_H

#include "endpoint.h"
#include "receiver.h"

enum {
	WIRE_ROUND_MS = 20,
	/* in a round: of anybody, and for each guest that there is */
	WIRE_DATAGRAMS = 16,
	WIRE_DATAGRAMS_A_GUEST = 4,
	WIRE_UNPROVEN = 8, /* guests that have not answered yet, of those so many */
	WIRE_DATAGRAMS_MAX = 256,
	WIRE_GUEST_BYTES = 16 << 10,
	WIRE_STRANGER_BYTES = 1 << 10,
	WIRE_BYTES = 256 << 10,
	/* connections beyond one for each guest */
	WIRE_STRANGERS = 64,
	/* that a guest that was connected to is waited for */
	WIRE_LOST_S = 10,
};

struct remote;

struct channel {
	struct endpoint where;
	bool listens;
	int fd;		       /* that listens or takes datagrams; -1: none */
	struct remote *remote; /* of one that connects */
	double retry_at_s, retry_after_s;
	double lost_s;	  /* since when there is no connection */
	uint32_t dropped; /* datagrams, as the kernel counts */
};

struct wire {
	struct receiver *receiver;
	struct channel *channels;
	size_t channel_count;
	struct remote **remotes; /* connections */
	size_t remote_count, remote_room;
	struct remote *by_address; /* a hash table: where datagrams come from */
	struct pollfd *polled;
	size_t first; /* whose turn it is to be read first */
	double busy_until_s;
	char *last_error; /* of connecting, or NULL */
};

/* The receiver's `send`, `close` and `user` are set. It must outlive the wire. */
void wire_init(struct wire *w, struct receiver *r);

/* NULL, or a sentence that the caller frees. `e` becomes the wire's. */
char *wire_connect(struct wire *w, const struct endpoint *e);
char *wire_listen(struct wire *w, const struct endpoint *e);

/* Wait for something for at most so long, and pass it to the receiver. Sets its now_s. */
void wire_round(struct wire *w, double most_s);

/* Once a second: connect again, close what says nothing, say what was thrown away. */
void wire_tick(struct wire *w);

/* Is there anything that can still bring a guest? */
bool wire_is_open(const struct wire *w);

void wire_release(struct wire *w);

#endif
