/* SPDX-License-Identifier: MIT */
/*
 * host-peer - a host for tests that speaks the collector's protocol to a guest, well or badly
 *
 *   host-peer SOCKET collect SECONDS HZ	START, ALIVE each second, STOP, until END
 *   host-peer SOCKET silent SECONDS HZ	START, and never ALIVE
 *   host-peer SOCKET stall SECONDS HZ	START and ALIVE, and nothing that arrives is read
 *   host-peer SOCKET garbage SECONDS	noise, as fast as it is taken
 *   host-peer SOCKET flood SECONDS	START of one session after the other, as fast as it is taken
 *   host-peer SOCKET leave SECONDS HZ	as collect, but gone without STOP
 *   host-peer SOCKET listen SECONDS	HELLO is heard, and nothing said
 *   host-peer udp:PORT ... or tcp:PORT	the same at a port of 127.0.0.1, for one guest
 *
 * SOCKET is the Unix socket of a guest's port. One line of JSON at the end: frames by type, sums
 * of counts by unit, addresses outside of any unit of HELLO's, the last status, and the second
 * in which the last frame arrived. Exit status 1 if anything was no frame.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../collector/protocol.h"
#include "../pipeline/lib/clock.h"
#include "../pipeline/lib/util.h"

enum mode { COLLECT, SILENT, STALL, GARBAGE, FLOOD, LEAVE, LISTEN, MODES };

static const char *const mode_names[MODES] = {
	"collect", "silent", "stall", "garbage", "flood", "leave", "listen",
};

static struct host {
	enum mode mode;
	int fd;
	bool datagrams, connected;
	double begun, started, said_alive, last_frame;
	bool stopped, ended;
	uint32_t sequence, hz;
	double seconds;
	uint8_t in[1 << 16];
	size_t in_bytes;
	uint64_t hellos, counts, statuses, ends, skipped, sums[UNITS], kinds[3];
	struct hello hello;
	struct status status;
} h;

static int unix_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		die("the path '%s' is too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die("cannot connect to '%s': %s", path, strerror(errno));
	return fd;
}

/* The first guest that comes is the one. */
static int port_socket(const char *port, int type)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(port)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1, guest;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("cannot use port %s: %s", port, strerror(errno));
	if (type == SOCK_DGRAM)
		return fd;
	if (listen(fd, 1) || (guest = accept(fd, NULL, NULL)) < 0)
		die("no guest at port %s: %s", port, strerror(errno));
	close(fd);
	return guest;
}

static void put(const void *bytes, size_t n)
{
	if (h.datagrams && !h.connected)
		return; /* nobody is there yet */
	if (send(h.fd, bytes, n, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		h.ended = true;
}

static void put_frame(enum frame_type type, const void *payload, size_t bytes)
{
	uint8_t frame[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];

	put(frame, frame_write(frame, type, h.sequence++, payload, bytes));
}

static void put_start(uint64_t session)
{
	uint8_t payload[FRAME_PAYLOAD_MAX];
	struct start s = { .session = session, .frequency_hz = h.hz ? h.hz : 100 };

	put_frame(FRAME_START, payload, start_write(payload, &s));
}

static void take_counts(const struct frame *f)
{
	enum unit unit;
	enum count_kind kind;
	size_t entries;
	struct count_entry e;

	if (!counts_frame_read(&unit, &kind, &entries, f)) {
		h.skipped++;
		return;
	}
	h.counts++;
	for (size_t i = 0; i < entries; i++) {
		counts_frame_entry(&e, f, i);
		h.sums[unit] += e.count;
		h.kinds[kind] += e.count;
	}
}

static void take(const struct frame *f, double now)
{
	h.last_frame = now - h.begun;
	switch (f->type) {
	case FRAME_HELLO:
		h.hellos++;
		h.skipped += !hello_read(&h.hello, f);
		if (!h.started && (h.mode <= STALL || h.mode == LEAVE)) {
			put_start(1);
			h.started = h.said_alive = now;
		}
		return;
	case FRAME_COUNTS: take_counts(f); return;
	case FRAME_STATUS:
		h.statuses++;
		h.skipped += !status_read(&h.status, f);
		return;
	case FRAME_END:
		h.ends++;
		h.skipped += !status_read(&h.status, f);
		h.ended = h.mode == COLLECT || h.mode == SILENT;
		return;
	default: h.skipped++;
	}
}

static void hear(double now)
{
	struct sockaddr_in from;
	socklen_t bytes = sizeof(from);
	struct frame f;
	size_t used, at = 0;
	ssize_t got = recvfrom(h.fd, h.in + h.in_bytes, sizeof(h.in) - h.in_bytes, MSG_DONTWAIT,
			       (struct sockaddr *)&from, &bytes);
	int is;

	if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED))
		return;
	if (got <= 0) {
		h.ended = true;
		return;
	}
	if (h.datagrams && !h.connected)
		h.connected = !connect(h.fd, (struct sockaddr *)&from, bytes);
	h.in_bytes += (size_t)got;
	while ((is = frame_read(&f, h.in + at, h.in_bytes - at, &used))) {
		at += used;
		if (is > 0)
			take(&f, now);
		else
			h.skipped++;
	}
	h.in_bytes -= at;
	memmove(h.in, h.in + at, h.in_bytes);
}

static void be_bad(void)
{
	static uint8_t noise[4096];

	if (h.mode == FLOOD) {
		put_start(h.sequence + 2);
		return;
	}
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(rand() >> 7);
	put(noise, h.datagrams ? 1000 : sizeof(noise));
}

static bool turn(void)
{
	bool bad = h.mode == GARBAGE || h.mode == FLOOD;
	struct pollfd p = { h.fd, (short)(POLLIN | (bad ? POLLOUT : 0)), 0 };
	double now;

	if (h.mode == STALL && h.started)
		p.events = 0;
	poll(&p, 1, 100);
	now = clock_s();
	if (p.revents & POLLOUT)
		be_bad();
	if (p.revents & (POLLIN | POLLHUP))
		hear(now);
	if (h.started && h.mode != SILENT && now - h.said_alive >= 1) {
		put_frame(FRAME_ALIVE, NULL, 0);
		h.said_alive = now;
	}
	if (h.mode == COLLECT) {
		if (h.started && !h.stopped && now - h.started >= h.seconds) {
			put_frame(FRAME_STOP, NULL, 0);
			h.stopped = true;
		}
		return !h.ended && now - h.begun < h.seconds + 60;
	}
	return !h.ended && now - h.begun < h.seconds;
}

static void print_result(void)
{
	printf("{\"hellos\": %" PRIu64 ", \"counts\": %" PRIu64 ", \"statuses\": %" PRIu64
	       ", \"ends\": %" PRIu64 ", \"skipped\": %" PRIu64 ", \"event\": %u"
	       ", \"processors\": %u, \"kernel\": %" PRIu64 ", \"app\": %" PRIu64
	       ", \"init\": %" PRIu64 ", \"addresses\": %" PRIu64 ", \"branches\": %" PRIu64
	       ", \"ranges\": %" PRIu64 ", \"samples\": %" PRIu64 ", \"excluded\": %" PRIu64
	       ", \"lost\": %" PRIu64 ", \"sent\": %" PRIu64 ", \"own_ns\": %" PRIu64
	       ", \"last_frame_s\": %.1f, \"build_ids\": [",
	       h.hellos, h.counts, h.statuses, h.ends, h.skipped, h.hello.event, h.hello.processors,
	       h.sums[UNIT_KERNEL], h.sums[UNIT_APP], h.sums[UNIT_INIT], h.kinds[COUNT_ADDRESS],
	       h.kinds[COUNT_BRANCH], h.kinds[COUNT_RANGE], h.status.samples, h.status.excluded,
	       h.status.lost, h.status.sent, h.status.own_ns, h.last_frame);
	for (unsigned u = 0; u < UNITS; u++) {
		printf("%s\"", u ? ", " : "");
		for (unsigned i = 0; i < BUILD_ID_BYTES; i++)
			printf("%02x", h.hello.build_ids[u][i]);
		printf("\"");
	}
	printf("]}\n");
}

int main(int argc, char **argv)
{
	if (argc < 4)
		die("usage: host-peer SOCKET|udp:PORT|tcp:PORT MODE SECONDS [HZ]");
	while (h.mode < MODES && strcmp(argv[2], mode_names[h.mode]))
		h.mode++;
	if (h.mode == MODES)
		die("'%s' is not a way to behave", argv[2]);
	h.seconds = atof(argv[3]);
	h.hz = argc > 4 ? (uint32_t)atoi(argv[4]) : 0;
	h.datagrams = !strncmp(argv[1], "udp:", 4);
	if (h.datagrams || !strncmp(argv[1], "tcp:", 4))
		h.fd = port_socket(argv[1] + 4, h.datagrams ? SOCK_DGRAM : SOCK_STREAM);
	else
		h.fd = unix_socket(argv[1]);
	fcntl(h.fd, F_SETFL, O_NONBLOCK);
	h.begun = clock_s();
	while (turn())
		;
	print_result();
	return h.skipped ? EXIT_NO : EXIT_YES;
}
