/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/util.h"
#include "monitor.h"

enum { MONITOR_PERIOD_MS = 20 };

static const struct {
	const char *name, *scheme, *awaited;
} kinds[] = {
	[PROBE_HTTP] = { "http:", "http", "status 200" },
	[PROBE_HTTPS] = { "https:", "https", "status 200" },
	[PROBE_EXCHANGE] = { "exchange:", "tcp", "the expected answer" },
	[PROBE_TCP] = { "tcp:", "tcp", "a connection" },
};

/* Blanks, and a text in quotes behind them; moves on. */
static bool parse_text(struct probe_text *to, const char **at)
{
	const char *c = *at + strspn(*at, " \t");
	int byte;

	*to = (struct probe_text){ xmalloc(strlen(c) + 1), 0 };
	if (c == *at || *c++ != '"')
		return false;
	while (*c && *c != '"') {
		byte = (unsigned char)*c++;
		if (byte == '\\' && (byte = escape_take(&c)) < 0)
			return false;
		to->data[to->bytes++] = (char)byte;
	}
	*at = c + 1;
	return *c == '"';
}

/* What stands behind the port. */
static bool parse_rest(struct probe *p, const char *text)
{
	if (p->kind == PROBE_HTTP || p->kind == PROBE_HTTPS) {
		p->path = xstrdup(*text ? text : "/");
		return *p->path == '/';
	}
	if (p->kind == PROBE_EXCHANGE && (!parse_text(&p->sent, &text) ||
					  !parse_text(&p->expected, &text) || !p->expected.bytes))
		return false;
	return !*text;
}

bool probe_parse(struct probe *p, const char *text)
{
	size_t kind = 0;
	char *end;

	*p = (struct probe){ 0 };
	while (kind < ARRAY_SIZE(kinds) &&
	       strncmp(text, kinds[kind].name, strlen(kinds[kind].name)))
		kind++;
	if (kind == ARRAY_SIZE(kinds))
		return false;
	p->kind = kind;
	p->awaited = kinds[kind].awaited;
	text = strchr(text, ':') + 1;
	p->guest_port = (unsigned)strtoul(text, &end, 10);
	return isdigit((unsigned char)*text) && p->guest_port > 0 && p->guest_port < 65536 &&
	       parse_rest(p, end);
}

const char *probe_scheme(const struct probe *p)
{
	return kinds[p->kind].scheme;
}

static size_t ignore(char *data, size_t size, size_t count, void *context)
{
	(void)data, (void)context;
	return size * count;
}

static bool try_http(const struct probe *p, unsigned port, long timeout_ms)
{
	char *url = xasprintf("%s://127.0.0.1:%u%s", kinds[p->kind].scheme, port, p->path);
	CURL *curl = curl_easy_init();
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	free(url);
	return status == 200;
}

/* A connection to 127.0.0.1:`port`, or -1. */
static int connect_to(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Until the answer has begun as expected, or otherwise, or the time is over. */
static bool is_answered(const struct probe_text *expected, int fd, double end_s)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char byte;

	for (size_t i = 0; i < expected->bytes; i++) {
		double left_s = end_s - clock_s();

		if (left_s <= 0 || poll(&p, 1, (int)(left_s * 1000) + 1) <= 0 ||
		    recv(fd, &byte, 1, 0) != 1 || byte != expected->data[i])
			return false;
	}
	return true;
}

static bool try_exchange(const struct probe *p, unsigned port, long timeout_ms)
{
	double end_s = clock_s() + (double)timeout_ms / 1000;
	int fd = connect_to(port);
	bool good = fd >= 0 &&
		    send(fd, p->sent.data, p->sent.bytes, MSG_NOSIGNAL) == (ssize_t)p->sent.bytes;

	good = good && is_answered(&p->expected, fd, end_s);
	if (fd >= 0)
		close(fd);
	return good;
}

/* Whether it is closed within `ms`: the guest refused it. */
static bool is_closed(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char byte;

	return poll(&p, 1, ms) > 0 && recv(fd, &byte, 1, MSG_PEEK) <= 0;
}

static bool try_tcp(unsigned port, int monitor_fd, long timeout_ms)
{
	double end_s = clock_s() + (double)timeout_ms / 1000;
	int fd = connect_to(port);
	bool open = fd >= 0, taken = false;

	if (open && monitor_fd < 0)
		taken = !is_closed(fd, (int)timeout_ms);
	while (open && monitor_fd >= 0 && !taken && clock_s() < end_s) {
		open = !is_closed(fd, MONITOR_PERIOD_MS);
		taken = open && monitor_has_connection(monitor_fd, port);
	}
	if (fd >= 0)
		close(fd);
	return taken;
}

bool probe_try(const struct probe *p, unsigned port, int monitor_fd, long timeout_ms)
{
	switch (p->kind) {
	case PROBE_EXCHANGE: return try_exchange(p, port, timeout_ms);
	case PROBE_TCP: return try_tcp(port, monitor_fd, timeout_ms);
	default: return try_http(p, port, timeout_ms);
	}
}
