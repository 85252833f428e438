/* SPDX-License-Identifier: MIT */
#include "datagrams.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "remote.h"
#include "wire.h"

enum {
	BATCH = 16,
	UDP_HEADER_BYTES = 8,
	/* one more than a frame may have, to see that there was more */
	DATAGRAM_BYTES = FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX + 1,
};

void datagrams_filter(int fd)
{
	/* what the filter sees begins with the UDP header; its words are big-endian */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K,
			 UDP_HEADER_BYTES + FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX, 7, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, UDP_HEADER_BYTES),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x4e415046, 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, UDP_HEADER_BYTES + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FRAME_VERSION, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, UDP_HEADER_BYTES + 5),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, FRAME_END, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	/* without it nothing is wrong, only slower */
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static struct remote *find(struct wire *w, const struct sockaddr_storage *address,
			   socklen_t address_bytes)
{
	struct remote *found;

	HASH_FIND(hh, w->by_address, address, address_bytes, found);
	return found;
}

/* Somebody new, who is remembered only if it is a guest. */
static void introduce(struct wire *w, size_t channel, const struct sockaddr_storage *address,
		      socklen_t address_bytes, const uint8_t *bytes, size_t n)
{
	char name[PEER_NAME_BYTES];
	struct remote *r;

	address_print(name, sizeof(name), (const struct sockaddr *)address, address_bytes);
	if (!receiver_may_be_hello(bytes, n)) {
		notice(&w->receiver->notices, NOTICE_STRANGER,
		       "%s: datagrams of a guest that has not said who it is: ignored", name);
		return;
	}
	r = remote_new(channel, w->channels[channel].fd, name, w->receiver->now_s);
	r->peer.datagrams = true;
	r->address = *address;
	r->address_bytes = address_bytes;
	receiver_datagram(w->receiver, &r->peer, bytes, n);
	if (r->peer.guest)
		HASH_ADD(hh, w->by_address, address, r->address_bytes, r);
	else
		free(r);
}

static void take(struct wire *w, size_t channel, const struct sockaddr_storage *address,
		 socklen_t address_bytes, const uint8_t *bytes, size_t n)
{
	struct remote *r = find(w, address, address_bytes);

	if (!r)
		introduce(w, channel, address, address_bytes, bytes, n);
	else if (!r->doomed)
		receiver_datagram(w->receiver, &r->peer, bytes, n);
}

/* How many were there, up to BATCH? */
static unsigned read_batch(struct wire *w, size_t channel)
{
	static uint8_t bytes[BATCH][DATAGRAM_BYTES];
	struct sockaddr_storage addresses[BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int n;

	memset(addresses, 0, sizeof(addresses));
	for (unsigned i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ bytes[i], sizeof(bytes[i]) };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &addresses[i],
							     .msg_namelen = sizeof(addresses[i]),
							     .msg_iov = &parts[i],
							     .msg_iovlen = 1 } };
	}
	n = recvmmsg(w->channels[channel].fd, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take(w, channel, &addresses[i], messages[i].msg_hdr.msg_namelen, bytes[i],
		     messages[i].msg_len);
	return n > 0 ? (unsigned)n : 0;
}

void datagrams_read(struct wire *w, size_t channel)
{
	unsigned guests = w->receiver->guest_count, counting = receiver_counting(w->receiver);
	unsigned most;

	/* those that have not proved that they are there may be somebody's invention */
	if (guests > counting + WIRE_UNPROVEN)
		guests = counting + WIRE_UNPROVEN;
	most = WIRE_DATAGRAMS + WIRE_DATAGRAMS_A_GUEST * guests;

	if (most > WIRE_DATAGRAMS_MAX)
		most = WIRE_DATAGRAMS_MAX;
	for (unsigned taken = 0; taken < most; taken += BATCH)
		if (read_batch(w, channel) < BATCH)
			return;
}

void datagrams_sweep(struct wire *w)
{
	struct remote *r, *next;

	HASH_ITER(hh, w->by_address, r, next)
	{
		if (!r->doomed && r->peer.guest)
			continue;
		receiver_gone(w->receiver, &r->peer);
		HASH_DEL(w->by_address, r);
		free(r);
	}
}

void datagrams_release(struct wire *w)
{
	struct remote *r, *next;

	HASH_ITER(hh, w->by_address, r, next)
	{
		r->doomed = true;
	}
	datagrams_sweep(w);
}
