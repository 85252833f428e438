/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/util.h"

bool probe_parse(struct probe *p, const char *text)
{
	char *end;

	p->http = !strncmp(text, "http:", 5);
	if (!p->http && strncmp(text, "tcp:", 4))
		return false;
	text = strchr(text, ':') + 1;
	p->guest_port = (unsigned)strtoul(text, &end, 10);
	p->path = xstrdup(p->http && !*end ? "/" : end);
	return end != text && p->guest_port > 0 && p->guest_port < 65536 &&
	       (p->http ? *p->path == '/' : !*end);
}

static size_t ignore(char *data, size_t size, size_t count, void *context)
{
	(void)data, (void)context;
	return size * count;
}

static bool try_http(const struct probe *p, unsigned port, long timeout_ms)
{
	char *url = xasprintf("http://127.0.0.1:%u%s", port, p->path);
	CURL *curl = curl_easy_init();
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	free(url);
	return status == 200;
}

/*
 * QEMU's network accepts a connection before it asks the guest. If the guest
 * refuses, it is closed at once: one that is still open after a while is real.
 */
static bool try_tcp(unsigned port, long timeout_ms)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	bool open = false;
	char byte;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		open = poll(&p, 1, (int)timeout_ms) == 0 || recv(fd, &byte, 1, MSG_PEEK) > 0;
	close(fd);
	return open;
}

bool probe_try(const struct probe *p, unsigned port, long timeout_ms)
{
	return p->http ? try_http(p, port, timeout_ms) : try_tcp(port, timeout_ms);
}
