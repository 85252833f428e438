/* SPDX-License-Identifier: MIT */
#include "gdbstub.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "pipeline/lib/clock.h"
#include "pipeline/lib/util.h"

/* Leaves a stub of any state with a running guest: an acknowledgement, a stop, a detach. */
static const char release[] = "+\003$D#44";

static int fail(struct gdbstub *g, const char *format, ...) PRINTF(2, 3);

static int fail(struct gdbstub *g, const char *format, ...)
{
	va_list args;

	free(g->error);
	va_start(args, format);
	if (vasprintf(&g->error, format, args) < 0)
		g->error = NULL;
	va_end(args);
	return -1;
}

static int send_bytes(struct gdbstub *g, const char *data, size_t bytes)
{
	while (bytes) {
		ssize_t put = send(g->fd, data, bytes, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail(g, "QEMU's gdb stub has closed the connection: %s",
				    strerror(errno));
		data += put;
		bytes -= (size_t)put;
	}
	return 0;
}

static int receive_some(struct gdbstub *g, double until)
{
	struct pollfd poll_fd = { g->fd, POLLIN, 0 };
	double left = until - clock_s();
	ssize_t got;

	if (g->used == sizeof(g->buffer))
		return fail(g, "the gdb stub's answer is longer than any should be");
	if (left < 0 || !poll(&poll_fd, 1, (int)(left * 1000) + 1))
		return fail(g,
			    "the gdb stub did not answer within %u ms (has another debugger "
			    "taken it?)",
			    g->timeout_ms);
	got = recv(g->fd, g->buffer + g->used, sizeof(g->buffer) - g->used, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return fail(g, "QEMU's gdb stub has closed the connection: has the guest ended?");
	g->used += (size_t)got;
	return 0;
}

static void forget(struct gdbstub *g, size_t bytes)
{
	memmove(g->buffer, g->buffer + bytes, g->used - bytes);
	g->used -= bytes;
}

static unsigned sum_of(const char *data, size_t bytes)
{
	unsigned sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum += (unsigned char)data[i];
	return sum & 0xff;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* "x*#" is x and as many more as the byte behind '*' says, less 29 (run-length encoding). */
static int expand(struct gdbstub *g, const char *data, size_t bytes, char *packet)
{
	size_t used = 0;

	for (size_t i = 0; i < bytes; i++) {
		size_t repeat = 1;
		char c = data[i];

		if (c == '*' && used && i + 1 < bytes && (unsigned char)data[i + 1] >= 29) {
			repeat = (size_t)((unsigned char)data[++i] - 29);
			c = packet[used - 1];
		}
		if (used + repeat >= GDBSTUB_PACKET_BYTES)
			return fail(g, "the gdb stub's answer is longer than any should be");
		memset(packet + used, c, repeat);
		used += repeat;
	}
	packet[used] = '\0';
	return 0;
}

/* The next packet's contents, acknowledged. What is before its '$' are acknowledgements of ours. */
static const char *next_packet(struct gdbstub *g)
{
	static char packet[GDBSTUB_PACKET_BYTES];
	double until = clock_s() + g->timeout_ms / 1000.0;

	for (;;) {
		char *start = memchr(g->buffer, '$', g->used), *end;
		size_t left = start ? g->used - (size_t)(start - g->buffer) : 0;

		end = start ? memchr(start, '#', left) : NULL;
		if (end && (size_t)(end - start) + 2 < left) {
			int high = hex_digit(end[1]), low = hex_digit(end[2]);
			size_t bytes = (size_t)(end - start) - 1;

			if (high < 0 || low < 0 ||
			    sum_of(start + 1, bytes) != (unsigned)(high * 16 + low)) {
				fail(g, "the gdb stub's answer has a wrong checksum: is it one?");
				return NULL;
			}
			if (expand(g, start + 1, bytes, packet))
				return NULL;
			forget(g, (size_t)(end + 3 - g->buffer));
			return send_bytes(g, "+", 1) ? NULL : packet;
		}
		if (!start)
			g->used = 0;
		if (receive_some(g, until))
			return NULL;
	}
}

/*
 * Let the guest go on whatever the stub waits for. Its answer is awaited, at most two seconds: a stub
 * that sees the connection closed may not read what came before.
 */
static bool release_guest(int fd)
{
	double until = clock_s() + 2;
	char buffer[4096];
	size_t used = 0;

	if (send(fd, release, sizeof(release) - 1, MSG_NOSIGNAL) < 0)
		return false;
	while (clock_s() < until && used < sizeof(buffer)) {
		struct pollfd poll_fd = { fd, POLLIN, 0 };
		ssize_t got;

		if (poll(&poll_fd, 1, 100) <= 0)
			continue;
		got = recv(fd, buffer + used, sizeof(buffer) - used, MSG_DONTWAIT);
		if (got <= 0)
			return false;
		used += (size_t)got;
		if (memmem(buffer, used, "$OK#", 4))
			return true;
	}
	return false;
}

static int send_packet(struct gdbstub *g, const char *request)
{
	char *packet = xasprintf("$%s#%02x", request, sum_of(request, strlen(request)));
	int status = send_bytes(g, packet, strlen(packet));

	free(packet);
	return status;
}

static bool is_stop(const char *packet)
{
	return packet[0] == 'T' || packet[0] == 'S';
}

/* A stop that was reported late is no answer to anything but '?'. */
const char *gdbstub_ask(struct gdbstub *g, const char *request)
{
	const char *answer;

	if (send_packet(g, request))
		return NULL;
	do
		answer = next_packet(g);
	while (answer && is_stop(answer) && request[0] != '?');
	if (answer && (answer[0] == 'W' || answer[0] == 'X')) {
		fail(g, "the guest has ended");
		return NULL;
	}
	return answer;
}

static int connect_to(const struct addrinfo *addresses)
{
	int fd = -1;

	for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
			int error = errno;

			close(fd);
			errno = error;
			fd = -1;
		}
	}
	return fd;
}

/* "[::1]:1234" is "::1", as in addresses of the web. */
static char *host_of(const char *where, const char *colon)
{
	size_t bytes = (size_t)(colon - where);

	if (bytes > 2 && *where == '[' && where[bytes - 1] == ']')
		return xstrndup(where + 1, bytes - 2);
	return xstrndup(where, bytes);
}

/* -1 and a sentence if that is no address; g->fd is -1, with errno, if nobody listens there. */
static int connect_host(struct gdbstub *g, const char *where)
{
	const char *colon = strrchr(where, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	char *host;
	int error;

	if (!colon || colon == where || !colon[1])
		return fail(g, "'%s' is no address of a gdb stub: give HOST:PORT or unix:PATH",
			    where);
	host = host_of(where, colon);
	error = getaddrinfo(host, colon + 1, &hints, &found);
	free(host);
	if (error)
		return fail(g, "'%s' is no address of a gdb stub (%s): give HOST:PORT or unix:PATH",
			    where, gai_strerror(error));
	g->fd = connect_to(found);
	error = errno;
	freeaddrinfo(found);
	errno = error;
	return 0;
}

static int connect_stub(struct gdbstub *g, const char *where)
{
	if (!strncmp(where, "unix:", 5))
		g->fd = control_connect(where + 5);
	else if (connect_host(g, where))
		return -1;
	return g->fd >= 0 ? 0
			  : fail(g, "cannot connect to the gdb stub at '%s': %s", where,
				 strerror(errno));
}

/*
 * A process that lets the guest go on if this one ends without doing so, even by SIGKILL: then
 * the pipe closes, with nothing written to it.
 */
static int start_guard(struct gdbstub *g)
{
	int ends[2];
	char byte = 0;

	if (pipe(ends))
		return fail(g, "cannot make a pipe: %s", strerror(errno));
	g->guard = fork();
	if (g->guard < 0)
		return fail(g, "cannot fork: %s", strerror(errno));
	if (g->guard) {
		close(ends[0]);
		g->guard_fd = ends[1];
		return 0;
	}
	close(ends[1]);
	setpgid(0, 0);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* whoever waits for our output waits for that process, not for this one */
	for (int fd = 0; fd < 256; fd++)
		if (fd != ends[0] && fd != g->fd)
			close(fd);
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	_exit(byte == 'd' || release_guest(g->fd) ? 0 : 1);
}

static void end_guard(struct gdbstub *g)
{
	if (g->guard_fd < 0)
		return;
	while (write(g->guard_fd, "d", 1) < 0 && errno == EINTR)
		;
	close(g->guard_fd);
	g->guard_fd = -1;
	while (waitpid(g->guard, NULL, 0) < 0 && errno == EINTR)
		;
}

/* "m1,2,3", then "l" */
static int list_cpus(struct gdbstub *g)
{
	const char *answer = gdbstub_ask(g, "qfThreadInfo");

	while (answer && answer[0] == 'm') {
		for (const char *at = answer + 1; *at && g->cpu_count < GDBSTUB_CPUS_MAX;) {
			size_t bytes = strcspn(at, ",");

			if (bytes < sizeof(g->cpus[0]))
				memcpy(g->cpus[g->cpu_count++], at, bytes);
			at += bytes + (at[bytes] == ',');
		}
		answer = gdbstub_ask(g, "qsThreadInfo");
	}
	if (!answer)
		return -1;
	return g->cpu_count ? 0 : fail(g, "the gdb stub names no processor");
}

int gdbstub_open(struct gdbstub *g, const char *where, unsigned timeout_ms)
{
	const char *answer;

	*g = (struct gdbstub){ .fd = -1, .guard_fd = -1, .timeout_ms = timeout_ms };
	if (connect_stub(g, where))
		return -1;
	if (start_guard(g))
		goto failed;
	answer = gdbstub_ask(g, "?");
	if (answer && !is_stop(answer)) {
		fail(g, "what listens at '%s' is no gdb stub: it answered '%.40s'", where, answer);
		answer = NULL;
	}
	if (answer && !list_cpus(g))
		return 0;
failed:
	gdbstub_close(g);
	return -1;
}

void gdbstub_close(struct gdbstub *g)
{
	char *error = g->error;

	if (g->fd < 0)
		return;
	g->error = NULL;
	/* the answer says that the guest runs; without one there is nobody to do it */
	if (error || g->running || !gdbstub_ask(g, "D"))
		release_guest(g->fd);
	free(g->error);
	g->error = error;
	end_guard(g);
	shutdown(g->fd, SHUT_WR);
	close(g->fd);
	g->fd = -1;
}

int gdbstub_stop(struct gdbstub *g)
{
	const char *packet;

	if (send_bytes(g, "\003", 1))
		return -1;
	packet = next_packet(g);
	if (!packet)
		return -1;
	g->running = false;
	if (!is_stop(packet))
		return fail(g,
			    packet[0] == 'W' || packet[0] == 'X'
				    ? "the guest has ended"
				    : "the guest did not stop: the gdb stub says '%.40s'",
			    packet);
	return 0;
}

int gdbstub_continue(struct gdbstub *g)
{
	if (send_packet(g, "c"))
		return -1;
	g->running = true;
	return 0;
}

int gdbstub_choose_cpu(struct gdbstub *g, size_t index)
{
	char *request = xasprintf("Hg%s", g->cpus[index]);
	const char *answer = gdbstub_ask(g, request);

	free(request);
	if (!answer)
		return -1;
	return strcmp(answer, "OK") ? fail(g, "the gdb stub has lost a processor: '%.40s'", answer)
				    : 0;
}

/* `bytes` bytes of the answer's hexadecimal digits from byte `offset` on. */
static bool from_hex(const char *text, size_t offset, void *to, size_t bytes)
{
	unsigned char *out = to;

	if (strlen(text) < 2 * (offset + bytes))
		return false;
	for (size_t i = 0; i < bytes; i++) {
		int high = hex_digit(text[2 * (offset + i)]);
		int low = hex_digit(text[2 * (offset + i) + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}

/* QEMU's gdb-xml/i386-64bit.xml: rax rbx rcx rdx rsi rdi rbp rsp r8-r15 rip, eflags, cs. */
int gdbstub_registers(struct gdbstub *g, struct guest_registers *r)
{
	static const unsigned char dwarf[REGISTER_COUNT] = { 0, 3,  2,	1,  4,	5,  6,	7, 8,
							     9, 10, 11, 12, 13, 14, 15, 16 };
	const char *answer = gdbstub_ask(g, "g");
	uint32_t cs;

	if (!answer)
		return -1;
	for (size_t i = 0; i < REGISTER_COUNT; i++)
		if (!from_hex(answer, 8 * i, &r->v[dwarf[i]], 8))
			return fail(g, "these are no registers of an x86-64: '%.40s'", answer);
	if (!from_hex(answer, 8 * REGISTER_COUNT + 4, &cs, 4))
		return fail(g, "these are no registers of an x86-64: '%.40s'", answer);
	r->user = (cs & 3) == 3;
	return 0;
}

int gdbstub_read(struct gdbstub *g, uint64_t address, void *to, size_t bytes)
{
	char *request = xasprintf("m%llx,%zx", (unsigned long long)address, bytes);
	const char *answer = gdbstub_ask(g, request);

	free(request);
	if (!answer)
		return -1;
	if (answer[0] == 'E')
		return 1;
	return from_hex(answer, 0, to, bytes) ? 0 : fail(g, "this is no memory: '%.40s'", answer);
}
