/* SPDX-License-Identifier: MIT */
/*
 * protocol.h - how the answers of a server are read, piece by piece
 *
 * What is sent comes ready from the script; only answers differ by protocol. One more protocol is
 * one more `struct protocol`, a number in script.h, and a line of the table in play.c. No C library
 * is needed; the unit tests run the same code on the host.
 */
#ifndef CLIENT_PROTOCOL_H
#define CLIENT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "../script.h"
#include "http.h"
#include "tcp.h"

/* The answer that is being read. */
struct answer {
	enum { ANSWER_PART, ANSWER_WHOLE, ANSWER_BAD } is;
	const char *bad; /* what is wrong with a bad one: "a status line that is none" */
	union {
		struct http_answer http;
		struct tcp_answer tcp;
	};
};

struct protocol {
	/* An answer to `r`, of `script`, is expected. */
	void (*begin)(struct answer *a, const struct script_header *script,
		      const struct script_request *r);

	/* Take from `data` what belongs to the answer; returns how much that was. */
	size_t (*feed)(struct answer *a, const char *data, size_t bytes);

	/* The server closed the connection: an answer may be whole by that. */
	void (*end)(struct answer *a);

	/* NULL, or what is wrong with a whole answer: "another status". */
	const char *(*fault)(const struct answer *a, const struct script_request *r);

	/* The server will close, or has closed, the connection behind this whole answer. */
	bool (*closes)(const struct answer *a);

	/* For a message: status and length, or what comes nearest. */
	unsigned (*status)(const struct answer *a);
	uint64_t (*body_bytes)(const struct answer *a);
};

#endif
