/* SPDX-License-Identifier: MIT */
/*
 * load_transport.h - how requests get to the server and answers back
 *
 * The engine (load_client.c) decides what goes out when, and over which connection; a transport sends it
 * and reads the answers: load_http.c by libcurl, load_tcp.c by itself, and by OpenSSL.
 */
#ifndef PROFILES_LOAD_TRANSPORT_H
#define PROFILES_LOAD_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "load_result.h"
#include "load_sequence.h"

/* A request that is under way. */
struct load_pending {
	size_t request;	 /* its place in the load file */
	uint64_t number; /* in its part, from 1 */
	uint64_t drawn[LOAD_MOST_VARIABLES];
};

struct load_connection {
	void *transport;  /* the transport's own */
	uint64_t carried; /* requests since it was opened; 0: it is not open */
	unsigned tries;	  /* to open it */
	bool busy;
	bool closes; /* behind what is under way */
	struct load_pending *pending;
	uint64_t batch, done; /* how many are under way, and answered */
	uint64_t began_ns;    /* when their latency began: when they were sent, or due */
};

struct load_client {
	const struct loadfile *l;
	const char *base; /* "http://127.0.0.1:8080" */
	unsigned timeout_s;
	const struct load_transport *transport;
	void *shared; /* the transport's own, of all connections */
	struct load_connection *v;
	uint64_t answered, in_flight, opening;
	struct load_result *result;
	bool counted; /* not the warm-up */
	bool open;    /* requests go out when they are due */
};

/* How one answer was. */
struct load_outcome {
	char *fault;	 /* NULL: good; the engine frees it */
	bool refused;	 /* the connection could not be opened: again, a few times */
	const char *why; /* refused: what the system said */
	bool broken;	 /* the connection is of no more use, nor is what else is under way on it */
	bool opened;	 /* the connection was opened for this one */
	bool reopened;	 /* so `carried` counts anew */
	uint64_t bytes;	 /* as they came over the wire */
};

struct load_transport {
	/* Before the first request, and behind the last one. */
	void (*begin)(struct load_client *client);
	void (*end)(struct load_client *client);

	/* Make c->transport; nothing is sent. */
	void (*open)(struct load_client *client, struct load_connection *c);
	void (*close)(struct load_client *client, struct load_connection *c);

	/* Send what is pending; opens the connection if it has carried nothing. */
	void (*start)(struct load_client *client, struct load_connection *c);

	/* Let every busy connection go on as far as it can: load_client_answered() for each answer. */
	void (*work)(struct load_client *client);

	/* Until one of them has something to do, for `most_ns` at most. */
	void (*wait)(const struct load_client *client, uint64_t most_ns);
};

extern const struct load_transport load_http_transport, load_tcp_transport;

/* The answer to c->pending[c->done] has come, or never will. */
void load_client_answered(struct load_client *client, struct load_connection *c,
			  const struct load_outcome *outcome);

/* The request that is waited for first. */
const struct load_request *load_client_request(const struct load_client *client,
					       const struct load_connection *c);

/* "GET /1k.txt, line 7 of the load,": a request in a sentence; to be freed. */
char *load_client_name(const struct load_client *client, const struct load_connection *c);

/* Dies: the server is silent, or closed a connection and answered nothing. */
_Noreturn void load_client_silent(const struct load_client *client,
				  const struct load_connection *c);
_Noreturn void load_client_gone(const struct load_client *client, const struct load_connection *c,
				const char *what);

/* A handshake of TLS is done: its version ("TLSv1.3"), and whether it resumed a session. */
void load_client_handshake(struct load_client *client, const char *version, bool resumed);

#endif
