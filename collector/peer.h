/* SPDX-License-Identifier: MIT */
/*
 * peer.h - the other end of a connection, or an address that datagrams come from
 */
#ifndef COLLECTOR_PEER_H
#define COLLECTOR_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

enum {
	PEER_NAME_BYTES = 128,
	/* without a good frame in between: then it is no collector, and not worth the time */
	PEER_GARBAGE_MAX = 64 << 10,
};

struct sender;

struct peer {
	char name[PEER_NAME_BYTES]; /* for messages: an address or a path of ours */
	bool datagrams;		    /* frames may be missing, come twice or in another order */
	struct sender *guest;	    /* NULL until it has said who it is */
	uint32_t sequence;	    /* of the next frame to it */
	/* the newest frame's sequence, and which of the 64 before it came */
	bool has_newest;
	uint32_t newest;
	uint64_t seen;
	uint64_t garbage_bytes; /* since the last good frame */
	bool cut;		/* what came last was no frame: said once */
	/* of a stream: a frame that is not whole yet */
	size_t bytes;
	uint8_t buffer[2 * (FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX)];
};

void peer_init(struct peer *p, bool datagrams, const char *name);

/*
 * Is a frame of this sequence new? Remembers it. `*missing` is how many frames before it have not
 * come: more than none if it is the newest by more than one, and -1 if it is one of them after all.
 */
bool peer_is_new(struct peer *p, uint32_t sequence, int64_t *missing);

/* Is it so far behind that it cannot be a late one: does the guest count anew? */
bool peer_restarts(const struct peer *p, uint32_t sequence);

/* Whatever came before does not count. */
void peer_forget_sequence(struct peer *p);

#endif
