/* SPDX-License-Identifier: MIT */
#include "endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

enum {
	BACKLOG = 64,
	/* of what is not read in time the kernel keeps this much, and throws the rest away */
	RECEIVE_BUFFER_BYTES = 1 << 20,
};

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static char *resolve(struct endpoint *e, const char *host, const char *port)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = e->kind == ENDPOINT_UDP ? SOCK_DGRAM : SOCK_STREAM,
				  .ai_flags = AI_NUMERICSERV },
			*found;
	int failed = getaddrinfo(*host ? host : "127.0.0.1", port, &hints, &found);

	if (failed)
		return xasprintf("'%s' is no address: %s", e->text, gai_strerror(failed));
	memcpy(&e->address, found->ai_addr, found->ai_addrlen);
	e->address_bytes = found->ai_addrlen;
	freeaddrinfo(found);
	return NULL;
}

static bool is_port(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 5 &&
	       atoi(text) > 0 && atoi(text) <= 65535;
}

static char *parse_host_and_port(struct endpoint *e, const char *text)
{
	char *host = xstrdup(text), *colon = strrchr(host, ':'), *name = host, *error;

	if (!colon || !is_port(colon + 1)) {
		free(host);
		return xasprintf("'%s' does not end with a port: HOST:PORT, from 1 to 65535",
				 e->text);
	}
	*colon = '\0';
	if (*name == '[' && colon > name + 1 && colon[-1] == ']') {
		colon[-1] = '\0';
		name++;
	}
	error = resolve(e, name, colon + 1);
	free(host);
	return error;
}

char *endpoint_parse(struct endpoint *e, const char *text)
{
	char *error = NULL;

	*e = (struct endpoint){ .text = xstrdup(text) };
	if (begins(text, "unix:") || (strchr(text, '/') && !begins(text, "tcp:"))) {
		e->kind = ENDPOINT_UNIX;
		e->path = xstrdup(begins(text, "unix:") ? text + 5 : text);
		if (!*e->path)
			error = xasprintf("'%s' names no socket", text);
	} else if (begins(text, "udp:")) {
		e->kind = ENDPOINT_UDP;
		error = parse_host_and_port(e, text + 4);
	} else {
		e->kind = ENDPOINT_TCP;
		error = parse_host_and_port(e, begins(text, "tcp:") ? text + 4 : text);
	}
	if (error)
		endpoint_release(e);
	return error;
}

bool endpoint_is_local(const struct endpoint *e)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&e->address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&e->address;

	if (e->kind == ENDPOINT_UNIX)
		return true;
	if (e->address.ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
}

/* connect(2) takes paths of 107 bytes: a longer one goes by its directory. */
static int connect_path(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char *above = xstrdup(path), *shorter;
	int directory = -1, result = -ENAMETOOLONG;

	if (strlen(path) < sizeof(address.sun_path)) {
		shorter = xstrdup(path);
	} else {
		directory = open(dirname(above), O_PATH | O_DIRECTORY | O_CLOEXEC);
		shorter = xasprintf("/proc/self/fd/%d/%s", directory, fs_base(path));
	}
	if (strlen(shorter) < sizeof(address.sun_path)) {
		snprintf(address.sun_path, sizeof(address.sun_path), "%s", shorter);
		result = connect(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	}
	if (directory >= 0)
		close(directory);
	free(shorter);
	free(above);
	return result;
}

int endpoint_connect(const struct endpoint *e)
{
	int family = e->kind == ENDPOINT_UNIX ? AF_UNIX : e->address.ss_family;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), result;

	if (fd < 0)
		return -errno;
	if (e->kind == ENDPOINT_UNIX)
		result = connect_path(fd, e->path);
	else
		result = connect(fd, (const struct sockaddr *)&e->address, e->address_bytes)
				 ? -errno
				 : 0;
	if (result && result != -EINPROGRESS) {
		close(fd);
		return result;
	}
	return fd;
}

int endpoint_listen(const struct endpoint *e)
{
	int type = e->kind == ENDPOINT_UDP ? SOCK_DGRAM : SOCK_STREAM, on = 1, error;
	int bytes = RECEIVE_BUFFER_BYTES;
	int fd = socket(e->address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* a guest may send as much at once as it may in a second: 256 KiB, more than the usual limit */
	if (e->kind == ENDPOINT_UDP &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (e->kind == ENDPOINT_TCP)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&e->address, e->address_bytes) ||
	    (e->kind == ENDPOINT_TCP && listen(fd, BACKLOG))) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

void address_print(char *to, size_t bytes, const struct sockaddr *address, socklen_t address_bytes)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo(address, address_bytes, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(to, bytes, "an address that cannot be printed");
	else if (address->sa_family == AF_INET6)
		snprintf(to, bytes, "[%.60s]:%s", host, port);
	else
		snprintf(to, bytes, "%.60s:%s", host, port);
}

void endpoint_release(struct endpoint *e)
{
	free(e->text);
	free(e->path);
	*e = (struct endpoint){ 0 };
}
