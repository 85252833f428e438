/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../pipeline/lib/clock.h"
#include "../pipeline/lib/util.h"
#include "datagrams.h"
#include "remote.h"

enum { RETRY_MOST_S = 8, ACCEPTS_A_ROUND = 16 };

static void send_to(void *user, struct peer *p, const uint8_t *bytes, size_t n)
{
	struct wire *w = user;

	if (!remote_send((struct remote *)p, bytes, n))
		notice(&w->receiver->notices, NOTICE_SLOW_READER,
		       "%s does not read what is said to it", p->name);
}

static void close_later(void *user, struct peer *p)
{
	(void)user;
	((struct remote *)p)->doomed = true;
}

void wire_init(struct wire *w, struct receiver *r)
{
	*w = (struct wire){ .receiver = r };
	r->send = send_to;
	r->close = close_later;
	r->user = w;
	receiver_now(r, clock_s());
}

static void add_remote(struct wire *w, struct remote *r)
{
	if (w->remote_count == w->remote_room) {
		w->remote_room = w->remote_room ? 2 * w->remote_room : 16;
		w->remotes = xrealloc(w->remotes, w->remote_room * sizeof(struct remote *));
	}
	w->remotes[w->remote_count++] = r;
}

static struct channel *add_channel(struct wire *w, const struct endpoint *e, bool listens)
{
	w->channels = xrealloc(w->channels, (w->channel_count + 1) * sizeof(*w->channels));
	w->channels[w->channel_count] = (struct channel){
		.where = *e,
		.listens = listens,
		.fd = -1,
		.retry_after_s = 1,
		.lost_s = w->receiver->now_s,
	};
	return &w->channels[w->channel_count++];
}

/* 0 or -errno */
static int connect_channel(struct wire *w, struct channel *c)
{
	int fd = endpoint_connect(&c->where);

	c->retry_at_s = w->receiver->now_s + c->retry_after_s;
	if (c->retry_after_s < RETRY_MOST_S)
		c->retry_after_s *= 2;
	if (fd < 0) {
		free(w->last_error);
		w->last_error =
			xasprintf("cannot connect to '%s': %s", c->where.text, strerror(-fd));
		return fd;
	}
	c->remote = remote_new((size_t)(c - w->channels), fd, c->where.text, w->receiver->now_s);
	c->remote->connecting = c->where.kind == ENDPOINT_TCP;
	add_remote(w, c->remote);
	return 0;
}

char *wire_connect(struct wire *w, const struct endpoint *e)
{
	struct channel *c = add_channel(w, e, false);
	int failed;

	if (e->kind == ENDPOINT_UDP)
		return xasprintf("'%s': datagrams are listened for, not fetched", e->text);
	failed = connect_channel(w, c);
	return failed ? xstrdup(w->last_error) : NULL;
}

char *wire_listen(struct wire *w, const struct endpoint *e)
{
	struct channel *c = add_channel(w, e, true);

	if (e->kind == ENDPOINT_UNIX)
		return xasprintf("'%s': a guest's socket is connected to, not listened at",
				 e->text);
	c->fd = endpoint_listen(e);
	if (c->fd >= 0 && e->kind == ENDPOINT_UDP)
		datagrams_filter(c->fd);
	if (c->fd < 0)
		return xasprintf("cannot listen at '%s': %s", e->text, strerror(-c->fd));
	return NULL;
}

/* Room for one more connection: the one that has said nothing for the longest has to go. */
static bool make_room(struct wire *w)
{
	struct remote *oldest = NULL;

	if (w->remote_count < w->receiver->o.most_guests + WIRE_STRANGERS)
		return true;
	for (size_t i = 0; i < w->remote_count; i++) {
		struct remote *r = w->remotes[i];

		if (w->channels[r->channel].listens && !r->peer.guest && !r->doomed &&
		    (!oldest || r->opened_s < oldest->opened_s))
			oldest = r;
	}
	if (oldest)
		oldest->doomed = true;
	return false; /* in the next round, then */
}

static void accept_some(struct wire *w, size_t channel)
{
	for (unsigned i = 0; i < ACCEPTS_A_ROUND; i++) {
		struct sockaddr_storage address;
		socklen_t bytes = sizeof(address);
		char name[PEER_NAME_BYTES];
		int fd;

		if (!make_room(w)) {
			notice(&w->receiver->notices, NOTICE_TOO_MANY,
			       "'%s': more connections than are taken; the oldest that said "
			       "nothing is closed",
			       w->channels[channel].where.text);
			return;
		}
		fd = accept4(w->channels[channel].fd, (struct sockaddr *)&address, &bytes,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		address_print(name, sizeof(name), (struct sockaddr *)&address, bytes);
		add_remote(w, remote_new(channel, fd, name, w->receiver->now_s));
	}
}

static void connected(struct wire *w, struct remote *r)
{
	int error = 0;
	socklen_t bytes = sizeof(error);

	getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	r->connecting = false;
	if (!error)
		return;
	free(w->last_error);
	w->last_error = xasprintf("cannot connect to '%s': %s", r->peer.name, strerror(error));
	r->doomed = true;
}

static void close_remote(struct wire *w, struct remote *r)
{
	struct channel *c = &w->channels[r->channel];

	if (c->remote == r) {
		c->remote = NULL;
		if (r->peer.guest)
			c->retry_after_s = 1;
		c->retry_at_s = w->receiver->now_s + c->retry_after_s;
		c->lost_s = w->receiver->now_s;
	}
	receiver_gone(w->receiver, &r->peer);
	close(r->fd);
	free(r);
}

static void sweep(struct wire *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->remote_count; i++)
		if (w->remotes[i]->doomed)
			close_remote(w, w->remotes[i]);
		else
			w->remotes[kept++] = w->remotes[i];
	w->remote_count = kept;
	datagrams_sweep(w);
}

/* One entry for each channel, then one for each remote. */
static int wait_for_some(struct wire *w, double most_s)
{
	size_t n = w->channel_count + w->remote_count;

	w->polled = xrealloc(w->polled, (n + 1) * sizeof(*w->polled));
	for (size_t i = 0; i < w->channel_count; i++)
		w->polled[i] = (struct pollfd){ .fd = w->channels[i].fd, .events = POLLIN };
	for (size_t i = 0; i < w->remote_count; i++) {
		const struct remote *r = w->remotes[i];
		bool writes = r->connecting || r->out_bytes;

		w->polled[w->channel_count + i] = (struct pollfd){
			.fd = r->fd,
			.events = (short)((r->connecting ? 0 : POLLIN) | (writes ? POLLOUT : 0))
		};
	}
	return poll(w->polled, n, most_s > 0 ? (int)(most_s * 1000) + 1 : 0);
}

static void serve_channels(struct wire *w)
{
	for (size_t i = 0; i < w->channel_count; i++) {
		if (!w->polled[i].revents)
			continue;
		if (w->channels[i].where.kind == ENDPOINT_UDP)
			datagrams_read(w, i);
		else
			accept_some(w, i);
	}
}

static void serve_remotes(struct wire *w)
{
	size_t left = WIRE_BYTES, n = w->remote_count;

	w->first = n ? (w->first + 1) % n : 0;
	for (size_t k = 0; k < n && left; k++) {
		size_t i = (w->first + k) % n;
		struct remote *r = w->remotes[i];
		short what = w->polled[w->channel_count + i].revents;
		size_t most = r->peer.guest ? WIRE_GUEST_BYTES : WIRE_STRANGER_BYTES;

		if (what && r->connecting)
			connected(w, r);
		else if (what & POLLOUT)
			remote_flush(r);
		if (what & (POLLIN | POLLHUP | POLLERR))
			left -= remote_read(r, w->receiver, most < left ? most : left);
	}
}

void wire_round(struct wire *w, double most_s)
{
	double begin_s, left_s;
	int ready = wait_for_some(w, most_s);

	begin_s = clock_s();
	receiver_now(w->receiver, begin_s);
	if (ready <= 0)
		return;
	/* accepting adds remotes that were not polled, behind those that were */
	serve_remotes(w);
	serve_channels(w);
	sweep(w);
	left_s = begin_s + WIRE_ROUND_MS / 1e3 - clock_s();
	if (left_s > 0)
		nanosleep(&(struct timespec){ 0, (long)(left_s * 1e9) }, NULL);
}

static void tick_channel(struct wire *w, struct channel *c)
{
	uint32_t about[SK_MEMINFO_VARS] = { 0 };
	socklen_t bytes = sizeof(about);

	if (!c->listens) {
		if (!c->remote && w->receiver->now_s >= c->retry_at_s && !w->receiver->stopped_s)
			connect_channel(w, c);
		return;
	}
	if (c->where.kind != ENDPOINT_UDP ||
	    getsockopt(c->fd, SOL_SOCKET, SO_MEMINFO, about, &bytes))
		return;
	if (about[SK_MEMINFO_DROPS] != c->dropped)
		notice(&w->receiver->notices, NOTICE_UNREAD,
		       "'%s': %u datagrams in a second were thrown away unread: more than are "
		       "taken, or none of a collector",
		       c->where.text, about[SK_MEMINFO_DROPS] - c->dropped);
	c->dropped = about[SK_MEMINFO_DROPS];
}

void wire_tick(struct wire *w)
{
	double now_s = w->receiver->now_s;

	for (size_t i = 0; i < w->channel_count; i++)
		tick_channel(w, &w->channels[i]);
	for (size_t i = 0; i < w->remote_count; i++) {
		struct remote *r = w->remotes[i];

		if (r->peer.guest || r->doomed || now_s - r->opened_s < RECEIVER_HELLO_TIMEOUT_S ||
		    (!w->channels[r->channel].listens && !r->connecting))
			continue;
		notice(&w->receiver->notices, NOTICE_SILENT,
		       "%s: connected, and has not said in %u s who it is: closed", r->peer.name,
		       RECEIVER_HELLO_TIMEOUT_S);
		r->doomed = true;
	}
	sweep(w);
}

bool wire_is_open(const struct wire *w)
{
	for (size_t i = 0; i < w->channel_count; i++) {
		const struct channel *c = &w->channels[i];

		if (c->listens || c->remote || w->receiver->now_s - c->lost_s < WIRE_LOST_S)
			return true;
	}
	return false;
}

void wire_release(struct wire *w)
{
	for (size_t i = 0; i < w->remote_count; i++)
		w->remotes[i]->doomed = true;
	sweep(w);
	datagrams_release(w);
	for (size_t i = 0; i < w->channel_count; i++) {
		if (w->channels[i].fd >= 0)
			close(w->channels[i].fd);
		endpoint_release(&w->channels[i].where);
	}
	free(w->channels);
	free(w->remotes);
	free(w->polled);
	free(w->last_error);
}
