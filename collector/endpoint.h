/* SPDX-License-Identifier: MIT */
/*
 * endpoint.h - where guests are reached, or where they come to, as a user writes it
 *
 *   unix:PATH, or a path with a slash	the socket of a guest's virtio-serial port
 *   tcp:HOST:PORT, or HOST:PORT
 *   udp:HOST:PORT
 *
 * HOST may be left out: 127.0.0.1. An IPv6 address has brackets around it.
 */
#ifndef COLLECTOR_ENDPOINT_H
#define COLLECTOR_ENDPOINT_H

#include <stdbool.h>
#include <sys/socket.h>

enum endpoint_kind { ENDPOINT_UNIX, ENDPOINT_TCP, ENDPOINT_UDP };

struct endpoint {
	enum endpoint_kind kind;
	char *text; /* as it was written, for messages */
	char *path; /* of a unix socket; else NULL */
	struct sockaddr_storage address;
	socklen_t address_bytes;
};

/* NULL, or a sentence that the caller frees: what is wrong with `text`. Asks the resolver. */
char *endpoint_parse(struct endpoint *e, const char *text);

/* May only programs of this machine reach it? */
bool endpoint_is_local(const struct endpoint *e);

/* A non-blocking socket that is connected, or is being (TCP); -errno. */
int endpoint_connect(const struct endpoint *e);

/* A non-blocking socket that listens, or takes datagrams; -errno. */
int endpoint_listen(const struct endpoint *e);

/* "127.0.0.1:4040" */
void address_print(char *to, size_t bytes, const struct sockaddr *address, socklen_t address_bytes);

void endpoint_release(struct endpoint *e);

#endif
