/* SPDX-License-Identifier: MIT */
/* Exchanges of raw bytes, in plain or over TLS. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../pipeline/lib/clock.h"
#include "../pipeline/lib/util.h"
#include "load_tls.h"
#include "load_transport.h"

enum { BUFFER_BYTES = 1 << 16, MOST_WAIT_S = 1 };

/* What all connections have in common. */
struct tcp {
	struct sockaddr_storage address;
	socklen_t address_bytes;
	struct load_tls_settings *tls; /* NULL: plain */
	char buffer[BUFFER_BYTES];
};

/* One connection: its socket, what is still to be sent, and the answer that is being read. */
struct stream {
	enum { CLOSED, CONNECTING, HANDSHAKE, TALKING } state;
	int fd;
	short events; /* that are waited for */
	struct load_tls *tls;
	double deadline_s; /* of what is under way; monotonic */
	bool opened;	   /* for what is under way, and not said yet */
	const char *fault; /* of the connection itself, for the first answer over it */
	struct load_message *messages;
	struct load_bytes out;
	size_t put; /* bytes of `out` that have gone */
	struct exchange_answer answer;
};

/* "tcp://HOST:PORT", as xload_client_check_base() has seen it. */
static void xlook_up(struct tcp *tcp, const char *base)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found;
	char *host = xstrdup(strstr(base, "://") + 3), *port = strrchr(host, ':'), *name = host;
	size_t bytes;
	int error;

	*port++ = '\0';
	port[strcspn(port, "/")] = '\0';
	bytes = strlen(name);
	if (*name == '[' && name[bytes - 1] == ']') {
		name[bytes - 1] = '\0';
		name++;
	}
	error = getaddrinfo(name, port, &hints, &found);
	if (error)
		die("'%s' has no address: %s", base, gai_strerror(error));
	memcpy(&tcp->address, found->ai_addr, found->ai_addrlen);
	tcp->address_bytes = found->ai_addrlen;
	freeaddrinfo(found);
	free(host);
}

static void begin(struct load_client *client)
{
	struct tcp *tcp = xcalloc(1, sizeof(*tcp));

	signal(SIGPIPE, SIG_IGN);
	xlook_up(tcp, client->base);
	if (loadfile_is_encrypted(client->l))
		tcp->tls = xload_tls_settings(client->l->tls_version, client->l->resume);
	client->shared = tcp;
}

static void end(struct load_client *client)
{
	struct tcp *tcp = client->shared;

	load_tls_settings_free(tcp->tls);
	free(tcp);
}

static void open_stream(struct load_client *client, struct load_connection *c)
{
	const struct tcp *tcp = client->shared;
	struct stream *s = xcalloc(1, sizeof(*s));

	s->fd = -1;
	s->messages = xcalloc(client->l->pipeline, sizeof(*s->messages));
	if (tcp->tls)
		s->tls = load_tls_new(tcp->tls);
	c->transport = s;
}

static void hang_up(struct stream *s)
{
	if (s->tls)
		load_tls_end(s->tls);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->state = CLOSED;
}

static void forget_messages(struct stream *s, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		load_message_release(&s->messages[i]);
	free(s->out.data);
	s->out = (struct load_bytes){ 0 };
	s->put = 0;
}

static void close_stream(struct load_client *client, struct load_connection *c)
{
	struct stream *s = c->transport;

	hang_up(s);
	forget_messages(s, client->l->pipeline);
	load_tls_free(s->tls);
	free(s->messages);
	free(s);
}

static void connect_stream(const struct tcp *tcp, struct stream *s)
{
	int one = 1;

	s->fd = socket(tcp->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		die("cannot make a socket: %s", strerror(errno));
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* what went wrong is asked for when poll() says that it is over */
	connect(s->fd, (const struct sockaddr *)&tcp->address, tcp->address_bytes);
	s->state = CONNECTING;
	s->events = POLLOUT;
	s->opened = true;
}

/* Text by text, as one: so a batch goes out in one piece. */
static void write_out(const struct load_client *client, struct load_connection *c)
{
	struct stream *s = c->transport;

	forget_messages(s, client->l->pipeline);
	for (uint64_t i = 0; i < c->batch; i++) {
		const struct load_pending *p = &c->pending[i];
		struct load_message *m = &s->messages[i];

		load_message_make(m, client->l->v[p->request].exchange, p->drawn);
		s->out.data = xrealloc(s->out.data, s->out.bytes + m->sent.bytes + 1);
		memcpy(s->out.data + s->out.bytes, m->sent.data, m->sent.bytes);
		s->out.bytes += m->sent.bytes;
	}
}

static void start(struct load_client *client, struct load_connection *c)
{
	struct stream *s = c->transport;

	s->deadline_s = clock_s() + client->timeout_s;
	s->opened = false;
	s->fault = NULL;
	write_out(client, c);
	exchange_begin(&s->answer, &s->messages[0].rule);
	if (c->carried)
		s->events = POLLIN | POLLOUT;
	else
		connect_stream(client->shared, s);
}

/* The answer is over, well or not. */
static void finish(struct load_client *client, struct load_connection *c, const char *fault,
		   bool broken)
{
	struct stream *s = c->transport;
	struct load_outcome o = { .broken = broken, .opened = s->opened, .bytes = s->answer.bytes };
	bool last = broken || c->done + 1 == c->batch;

	if (!fault)
		fault = s->fault;
	s->fault = NULL;
	s->opened = false;
	if (fault)
		o.fault = xstrdup(fault);
	if (last && (broken || c->closes))
		hang_up(s);
	else if (!last)
		exchange_begin(&s->answer, &s->messages[c->done + 1].rule);
	s->deadline_s = clock_s() + client->timeout_s;
	load_client_answered(client, c, &o);
}

/* Nothing more comes over this connection. */
static void take_end(struct load_client *client, struct load_connection *c, const char *how)
{
	struct stream *s = c->transport;
	bool nothing = !s->answer.bytes;

	exchange_close(&s->answer);
	if (s->answer.whole) {
		finish(client, c, exchange_fault(&s->answer), true);
		return;
	}
	if (nothing && !c->carried && !c->done)
		load_client_gone(client, c, how);
	finish(client, c, nothing ? "the server had closed the connection, unasked" : s->answer.bad,
	       true);
}

static ssize_t get(struct stream *s, void *data, size_t bytes)
{
	ssize_t got;

	if (s->tls)
		return load_tls_read(s->tls, data, bytes);
	got = recv(s->fd, data, bytes, 0);
	if (got >= 0)
		return got;
	return errno == EAGAIN || errno == EINTR ? LOAD_TLS_WANTS_READ : LOAD_TLS_FAILED;
}

/* True if something came. */
static bool receive(struct load_client *client, struct load_connection *c)
{
	struct tcp *tcp = client->shared;
	struct stream *s = c->transport;
	ssize_t got = get(s, tcp->buffer, sizeof(tcp->buffer));
	const char *at = tcp->buffer;

	if (got == LOAD_TLS_WANTS_READ || got == LOAD_TLS_WANTS_WRITE)
		return false;
	if (got <= 0) {
		take_end(client, c,
			 !got	  ? "the server closed the connection"
			 : s->tls ? load_tls_fault(s->tls)
				  : strerror(errno));
		return false;
	}
	while (got && c->busy) {
		size_t taken = exchange_feed(&s->answer, at, (size_t)got);
		bool last = c->done + 1 == c->batch;

		at += taken;
		got -= (ssize_t)taken;
		if (s->answer.bad)
			finish(client, c, s->answer.bad, true);
		else if (s->answer.whole && last && got)
			finish(client, c, "more came than the answer", true);
		else if (s->answer.whole)
			finish(client, c, exchange_fault(&s->answer), false);
	}
	return true;
}

static void transmit(struct stream *s)
{
	while (s->put < s->out.bytes) {
		const char *data = s->out.data + s->put;
		ssize_t put = s->tls ? load_tls_write(s->tls, data, s->out.bytes - s->put)
				     : send(s->fd, data, s->out.bytes - s->put, MSG_NOSIGNAL);

		if (put <= 0)
			break; /* full, or closed: reading will say so */
		s->put += (size_t)put;
	}
	s->events = s->put < s->out.bytes ? POLLIN | POLLOUT : POLLIN;
}

static void shake_hands(struct load_client *client, struct load_connection *c)
{
	struct stream *s = c->transport;
	int done = load_tls_handshake(s->tls);

	s->events = done == LOAD_TLS_WANTS_WRITE ? POLLOUT : POLLIN;
	if (done == LOAD_TLS_FAILED)
		die_hint("does it speak TLS at this port, in the load's version?",
			 "the server at %s makes no TLS connection: %s", client->base,
			 load_tls_fault(s->tls));
	if (done != 1)
		return;
	load_client_handshake(client, load_tls_version(s->tls), load_tls_resumed(s->tls));
	if (load_tls_offered(s->tls) && !load_tls_resumed(s->tls))
		s->fault = "the server did not resume the TLS session of the connection before";
	s->state = TALKING;
	transmit(s);
}

/* poll() says that the connection is there, or will not be. */
static void end_connecting(struct load_client *client, struct load_connection *c)
{
	struct stream *s = c->transport;
	struct load_outcome o = { .refused = true };
	socklen_t bytes = sizeof(int);
	int error = 0;

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	if (error) {
		hang_up(s);
		o.why = strerror(error);
		load_client_answered(client, c, &o);
		return;
	}
	s->state = s->tls ? HANDSHAKE : TALKING;
	if (s->tls) {
		xload_tls_begin(s->tls, s->fd);
		shake_hands(client, c);
	} else {
		transmit(s);
	}
}

static void go_on(struct load_client *client, struct load_connection *c, short events)
{
	struct stream *s = c->transport;

	if (clock_s() > s->deadline_s)
		load_client_silent(client, c);
	if (s->state == CONNECTING && events)
		end_connecting(client, c);
	else if (s->state == HANDSHAKE && events)
		shake_hands(client, c);
	if (s->state != TALKING)
		return;
	if (s->put < s->out.bytes)
		transmit(s);
	while (events & ~POLLOUT && c->busy && s->state == TALKING && receive(client, c))
		;
}

/* `polls` has one for each busy connection; returns how many. */
static nfds_t fill(const struct load_client *client, struct pollfd *polls)
{
	nfds_t n = 0;

	for (uint64_t i = 0; i < client->l->connections; i++) {
		const struct stream *s = client->v[i].transport;

		if (client->v[i].busy)
			polls[n++] = (struct pollfd){ s->fd, s->events, 0 };
	}
	return n;
}

static void work(struct load_client *client)
{
	struct pollfd polls[LOADFILE_MOST_CONNECTIONS];
	nfds_t n = fill(client, polls), at = 0;

	poll(polls, n, 0);
	for (uint64_t i = 0; i < client->l->connections; i++)
		if (client->v[i].busy)
			go_on(client, &client->v[i], polls[at++].revents);
}

static void wait_for_work(const struct load_client *client, uint64_t most_ns)
{
	struct pollfd polls[LOADFILE_MOST_CONNECTIONS];
	nfds_t n = fill(client, polls);
	struct timespec timeout = { .tv_sec = MOST_WAIT_S };

	if (most_ns < MOST_WAIT_S * UINT64_C(1000000000))
		timeout = (struct timespec){ .tv_nsec = (long)most_ns };
	ppoll(polls, n, &timeout, NULL);
}

const struct load_transport load_tcp_transport = { begin, end,	open_stream,  close_stream,
						   start, work, wait_for_work };
