/* SPDX-License-Identifier: MIT */
/*
 * channel.h - the way to whoever collects: a port of virtio-serial, UDP or TCP
 *
 * The kernel's command line decides: anneal.collect=udp:A.B.C.D:PORT or tcp:A.B.C.D:PORT. Without
 * it the port is used, number 1 of the first virtio-serial device, if there is one.
 *
 * Nothing here waits but channel_connect() and channel_hello(); nothing that arrives is believed.
 */
#ifndef COLLECTOR_GUEST_CHANNEL_H
#define COLLECTOR_GUEST_CHANNEL_H

#include <netinet/in.h>
#include <stdbool.h>

#include "../protocol.h"

enum { FRAME_BYTES_MAX = FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX };

struct channel {
	enum { CHANNEL_PORT, CHANNEL_UDP, CHANNEL_TCP } kind;
	struct sockaddr_in peer;
	int fd; /* -1: not open */
	uint32_t sequence;
	uint8_t in[2 * FRAME_BYTES_MAX];
	size_t in_bytes, in_used;
	uint8_t out[FRAME_BYTES_MAX]; /* one frame that is on its way */
	size_t out_bytes, out_done;
};

enum channel_result { CHANNEL_GONE = -1, CHANNEL_BUSY = 0, CHANNEL_DONE = 1 };

/* Find out which way there is. False: none, or the command line's word is not understood. */
bool channel_find(struct channel *c);

/* Word `anneal.collect=...` of a command line. False: it is not right. `*found`: it is there. */
bool channel_parse(struct channel *c, const char *command_line, bool *found);

/* Open it if it is not. False: not now. */
bool channel_connect(struct channel *c);

/* Say HELLO; on a port, wait until the host has opened it: for ever, and without any cost. */
enum channel_result channel_hello(struct channel *c, const struct hello *h);

/* Send a frame if the one before is gone. CHANNEL_DONE: it was taken, to be sent now or later. */
enum channel_result channel_send(struct channel *c, enum frame_type type, const void *payload,
				 size_t payload_bytes);

/* CHANNEL_DONE: nothing is on its way any more. */
enum channel_result channel_flush(struct channel *c);

/* CHANNEL_DONE: a frame, valid until the next call. CHANNEL_BUSY: none yet. */
enum channel_result channel_receive(struct channel *c, struct frame *f);

/*
 * Wait until something arrives, or what is on its way can be sent; at most that long. False: neither
 * came. After true the caller pauses: what arrives may be noise, and what can be sent may fail for
 * want of memory, so that the next call would return at once, too.
 */
bool channel_wait(struct channel *c, int timeout_ms);

/* The peer is gone; forget what came and went. A port stays open. */
void channel_drop(struct channel *c);

#endif
