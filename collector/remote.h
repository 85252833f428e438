/* SPDX-License-Identifier: MIT */
/*
 * remote.h - a peer and the socket it is reached by
 */
#ifndef COLLECTOR_REMOTE_H
#define COLLECTOR_REMOTE_H

#include <stdbool.h>
#include <sys/socket.h>
#include <uthash.h>

#include "receiver.h"

struct remote {
	struct peer peer; /* the first: the receiver knows only this */
	size_t channel;	  /* which one of the wire's it came through */
	int fd;		  /* a connection's own, or that for datagrams */
	bool connecting;
	bool doomed; /* to be closed when the round is over */
	double opened_s;
	/* of a frame that the socket did not take whole */
	uint8_t out[FRAME_HEADER_BYTES + sizeof(struct start)];
	size_t out_bytes;
	struct sockaddr_storage address; /* of datagrams */
	socklen_t address_bytes;
	UT_hash_handle hh;
};

/* The caller frees. */
struct remote *remote_new(size_t channel, int fd, const char *name, double now_s);

/* A frame, whole or not at all; never waits. False: the peer does not read. */
bool remote_send(struct remote *r, const uint8_t *bytes, size_t n);

/* What is left of the last frame. */
void remote_flush(struct remote *r);

/*
 * Pass what the connection brings to `receiver`, at most `most` bytes. Returns how many it were;
 * dooms the remote if the connection has ended or is not worth going on with.
 */
size_t remote_read(struct remote *r, struct receiver *receiver, size_t most);

#endif
