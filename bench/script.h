/* SPDX-License-Identifier: MIT */
/*
 * script.h - what the client inside the guest is to do, as a file
 *
 * Written on the host (script_write.h), read in the guest (client/), so that the client neither
 * parses text nor draws numbers. Little-endian, as both are; offsets are from the file's start:
 *
 *   struct script_header
 *   struct script_request [requests]	the lines of the load file; of exchanges, whose texts all differ,
 *					the sequence itself
 *   uint32_t [sequence]		which of them is the next; warm-up and counted part both
 *					begin at its beginning
 *   arguments			of the app: strings with a NUL behind each
 *   texts			what is sent; names
 *
 * Two scripts of one load that differ in `counted` alone have the same length, and all else at
 * the same place: what the guest does until it looks at that number is the same to the last instruction.
 */
#ifndef BENCH_SCRIPT_H
#define BENCH_SCRIPT_H

#include <stdint.h>

#define SCRIPT_MAGIC "anneal script 2"

enum {
	SCRIPT_MOST_BYTES = 2 << 20,
	SCRIPT_MOST_REQUESTS = 100000, /* in one part */
	SCRIPT_MOST_CONNECTIONS = 250,
	SCRIPT_MOST_ARGUMENTS = 64,
};

/* How an answer is read: client/protocol.h has one for each. */
enum script_protocol { SCRIPT_HTTP, SCRIPT_TCP };

struct script_header {
	char magic[16];
	uint32_t total_bytes; /* of the file */
	uint32_t protocol;
	uint32_t port; /* of 127.0.0.1 */
	uint32_t connections, in_flight, keep_alive;
	uint32_t pipeline;	  /* requests that go out at once; 1 for HTTP */
	uint32_t warmup, counted; /* requests of each part */
	uint32_t requests, sequence;
	uint32_t arguments, arguments_offset;
	uint32_t stop_signal; /* for the app */
};

/* What an answer must be like beyond its status. */
enum {
	SCRIPT_HAS_BYTES = 1,	  /* the body, decoded, has `bytes`; of HEAD, Content-Length */
	SCRIPT_HEAD = 2,	  /* no body comes */
	SCRIPT_GZIP = 4,	  /* it is compressed */
	SCRIPT_RANGE = 8,	  /* first to last; last UINT64_MAX: to the end */
	SCRIPT_RANGE_SUFFIX = 16, /* the last `last` bytes */
	SCRIPT_CLOSES = 32,	  /* the connection is not used again */
};

struct script_text {
	uint32_t offset, bytes;
};

struct script_request {
	uint64_t bytes, first, last;
	uint32_t status, flags;
	uint32_t name_offset; /* for messages: "GET /1k.txt, line 7 of the load" */
	/* of an exchange (client/exchange.h); `bytes` is its count */
	uint32_t end, expected, expect_offset; /* at expect_offset: struct script_text [expected] */
	struct script_text until;

	/* what is sent; [1] as the last request of a connection; of exchanges one lies
	   behind the other, in the sequence's order */
	uint32_t text_offset[2], text_bytes[2];
};

#endif
