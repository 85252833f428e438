/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "text.h"

enum {
	CONNECT_TIMEOUT_MS = 10000,
	PORT_NUMBER = 1, /* 0 is a console's */
};

static const char port_path[] = "/dev/collect";

/* "10.0.2.2:4040" up to a blank or the end. */
static bool parse_peer(struct sockaddr_in *peer, const char *at)
{
	uint32_t address = 0;
	uint64_t n;

	for (unsigned i = 0; i < 4; i++) {
		at = text_decimal(&n, at);
		if (!at || n > 255 || *at++ != (i < 3 ? '.' : ':'))
			return false;
		address = address << 8 | (uint32_t)n;
	}
	at = text_decimal(&n, at);
	if (!at || !n || n > 65535 || (*at && *at != ' ' && *at != '\n'))
		return false;
	*peer = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_port = htons((uint16_t)n),
				      .sin_addr.s_addr = htonl(address) };
	return true;
}

bool channel_parse(struct channel *c, const char *line, bool *found)
{
	static const char key[] = "anneal.collect=";
	size_t length = sizeof(key) - 1;

	*found = false;
	/* what follows "--" is the app's */
	while (*line && strncmp(line, "-- ", 3) && strncmp(line, key, length)) {
		line += strcspn(line, " \n");
		line += strspn(line, " \n");
	}
	if (strncmp(line, key, length))
		return true;
	*found = true;
	line += length;
	if (!strncmp(line, "udp:", 4))
		c->kind = CHANNEL_UDP;
	else if (!strncmp(line, "tcp:", 4))
		c->kind = CHANNEL_TCP;
	else
		return false;
	return parse_peer(&c->peer, line + 4);
}

/* The major number in a line "254 virtio-portsdev" of /proc/devices; 0: there is none. */
static unsigned port_major(void)
{
	static char text[1024];
	uint64_t n;

	if (!text_read("/proc/devices", text, sizeof(text)))
		return 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *name;

		line += strspn(line, " \n");
		name = text_decimal(&n, line);
		if (name && !strncmp(name, " virtio-portsdev\n", 17))
			return (unsigned)n;
		if (!*line)
			break;
	}
	return 0;
}

bool channel_find(struct channel *c)
{
	static char line[2048];
	unsigned major;
	bool found;

	*c = (struct channel){ .fd = -1 };
	if (!text_read("/proc/cmdline", line, sizeof(line)) || !channel_parse(c, line, &found))
		return false;
	if (found)
		return true;
	major = port_major();
	return major && !mknod(port_path, S_IFCHR | 0600, makedev(major, PORT_NUMBER));
}

static bool connect_socket(struct channel *c)
{
	int type = c->kind == CHANNEL_UDP ? SOCK_DGRAM : SOCK_STREAM;
	struct pollfd p = { .events = POLLOUT };

	p.fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p.fd < 0)
		return false;
	if (connect(p.fd, (const struct sockaddr *)&c->peer, sizeof(c->peer)) &&
	    (errno != EINPROGRESS || poll(&p, 1, CONNECT_TIMEOUT_MS) != 1 ||
	     p.revents & (POLLERR | POLLHUP))) {
		close(p.fd);
		return false;
	}
	c->fd = p.fd;
	return true;
}

bool channel_connect(struct channel *c)
{
	if (c->fd >= 0)
		return true;
	if (c->kind != CHANNEL_PORT)
		return connect_socket(c);
	c->fd = open(port_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return c->fd >= 0;
}

static ssize_t put(const struct channel *c, const void *bytes, size_t n)
{
	return c->kind == CHANNEL_PORT ? write(c->fd, bytes, n)
				       : send(c->fd, bytes, n, MSG_NOSIGNAL);
}

enum channel_result channel_flush(struct channel *c)
{
	while (c->out_done < c->out_bytes) {
		ssize_t done = put(c, c->out + c->out_done, c->out_bytes - c->out_done);

		if (done < 0 &&
		    (errno == EAGAIN || errno == EINTR || errno == ENOMEM || errno == ENOBUFS))
			return CHANNEL_BUSY;
		if (done < 0)
			return CHANNEL_GONE;
		/* a datagram goes as a whole */
		c->out_done += (size_t)done;
	}
	return CHANNEL_DONE;
}

enum channel_result channel_send(struct channel *c, enum frame_type type, const void *payload,
				 size_t payload_bytes)
{
	enum channel_result before = channel_flush(c);

	if (before != CHANNEL_DONE)
		return before;
	c->out_bytes = frame_write(c->out, type, c->sequence++, payload, payload_bytes);
	c->out_done = 0;
	return channel_flush(c) == CHANNEL_GONE ? CHANNEL_GONE : CHANNEL_DONE;
}

enum channel_result channel_hello(struct channel *c, const struct hello *h)
{
	uint8_t payload[FRAME_PAYLOAD_MAX];
	enum channel_result result;

	/* A port that nobody has opened takes nothing; a blocking write returns when it does. */
	if (c->kind == CHANNEL_PORT)
		fcntl(c->fd, F_SETFL, O_RDWR);
	result = channel_send(c, FRAME_HELLO, payload, hello_write(payload, h));
	if (c->kind == CHANNEL_PORT)
		fcntl(c->fd, F_SETFL, O_RDWR | O_NONBLOCK);
	return result;
}

enum channel_result channel_receive(struct channel *c, struct frame *f)
{
	ssize_t got;
	size_t used;
	int is;

	for (bool read_more = true;; read_more = false) {
		while ((is = frame_read(f, c->in + c->in_used, c->in_bytes - c->in_used, &used)))
			if (c->in_used += used, is > 0)
				return CHANNEL_DONE;
		if (!read_more)
			return CHANNEL_BUSY;
		c->in_bytes -= c->in_used;
		memmove(c->in, c->in + c->in_used, c->in_bytes);
		c->in_used = 0;
		if (c->kind == CHANNEL_UDP)
			c->in_bytes = 0;
		got = read(c->fd, c->in + c->in_bytes, sizeof(c->in) - c->in_bytes);
		if (got < 0)
			return errno == EAGAIN || errno == EINTR ? CHANNEL_BUSY : CHANNEL_GONE;
		if (!got && c->kind != CHANNEL_UDP)
			return CHANNEL_GONE;
		c->in_bytes += (size_t)got;
	}
}

bool channel_wait(struct channel *c, int timeout_ms)
{
	struct pollfd p = { c->fd, POLLIN, 0 };

	if (c->out_done < c->out_bytes)
		p.events |= POLLOUT;
	return poll(&p, 1, timeout_ms) > 0;
}

void channel_drop(struct channel *c)
{
	c->in_bytes = c->in_used = c->out_bytes = c->out_done = 0;
	if (c->kind == CHANNEL_PORT)
		return;
	close(c->fd);
	c->fd = -1;
}
