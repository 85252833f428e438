/* SPDX-License-Identifier: MIT */
#include "remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

struct remote *remote_new(size_t channel, int fd, const char *name, double now_s)
{
	struct remote *r = xcalloc(1, sizeof(*r));

	peer_init(&r->peer, false, name);
	r->channel = channel;
	r->fd = fd;
	r->opened_s = now_s;
	return r;
}

void remote_flush(struct remote *r)
{
	ssize_t n;

	if (!r->out_bytes || r->connecting)
		return;
	n = send(r->fd, r->out, r->out_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		r->doomed = true;
	if (n <= 0)
		return;
	r->out_bytes -= (size_t)n;
	memmove(r->out, r->out + n, r->out_bytes);
}

bool remote_send(struct remote *r, const uint8_t *bytes, size_t n)
{
	if (r->peer.datagrams) {
		/* lost here or on the way: the same to us */
		sendto(r->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL,
		       (const struct sockaddr *)&r->address, r->address_bytes);
		return true;
	}
	remote_flush(r);
	if (r->out_bytes || n > sizeof(r->out))
		return false;
	memcpy(r->out, bytes, n);
	r->out_bytes = n;
	remote_flush(r);
	return true;
}

static void ended(struct remote *r, struct receiver *receiver)
{
	if (r->peer.bytes)
		notice(&receiver->notices, NOTICE_GARBAGE,
		       "%s: the connection ended in the middle of a frame", r->peer.name);
	r->doomed = true;
}

size_t remote_read(struct remote *r, struct receiver *receiver, size_t most)
{
	uint8_t bytes[4096];
	size_t all = 0;

	while (all < most && !r->doomed) {
		size_t want = most - all < sizeof(bytes) ? most - all : sizeof(bytes);
		ssize_t n = recv(r->fd, bytes, want, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			ended(r, receiver);
			break;
		}
		all += (size_t)n;
		if (!receiver_bytes(receiver, &r->peer, bytes, (size_t)n))
			r->doomed = true;
	}
	return all;
}
