/* SPDX-License-Identifier: MIT */
/*
 * exchange.h - answers of servers that are asked in raw bytes: where one ends, and how it begins
 *
 * The same code in the guest and on the host (profiles/load_tcp.c). It keeps no bytes of an answer.
 */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXCHANGE_MOST_UNTIL = 64, EXCHANGE_MOST_EXPECTED = 8 };

enum exchange_end {
	EXCHANGE_UNTIL, /* with these bytes */
	EXCHANGE_LINES, /* with newline number `count` */
	EXCHANGE_BYTES, /* after `count` bytes */
	EXCHANGE_RESP, /* with the one reply of RESP, versions 2 and 3 (redis.io, "protocol spec") */
	EXCHANGE_CLOSE, /* with the connection */
};

/* What an answer must be like. Texts are not owned. */
struct exchange_rule {
	enum exchange_end end;
	uint64_t count;
	const char *until;
	uint32_t until_bytes;
	uint32_t expected; /* 0: any beginning will do */
	struct {
		const char *text;
		uint32_t bytes;
	} expect[EXCHANGE_MOST_EXPECTED];
};

/* The answer that is being read. */
struct exchange_answer {
	const struct exchange_rule *rule;
	bool whole;
	const char *bad; /* NULL, or what is wrong with its form */
	uint64_t bytes;	 /* of it that have come */
	uint32_t fits;	 /* a bit for each expected beginning that it may still have */
	uint64_t left;	 /* bytes or lines to come */

	uint8_t back[EXCHANGE_MOST_UNTIL]; /* Knuth, Morris, Pratt: how far to go back */
	uint32_t matched;		   /* bytes of `until` */

	/* of RESP */
	uint64_t replies;  /* to come, this one too */
	uint64_t number;   /* of its line so far */
	char type;	   /* of its line; 0: not known yet */
	bool minus, digit; /* its number has these */
	uint64_t skip;	   /* bytes of a string, with its line end */
};

void exchange_begin(struct exchange_answer *a, const struct exchange_rule *rule);

/* Take from `data` what belongs to the answer; returns how much that was. */
size_t exchange_feed(struct exchange_answer *a, const char *data, size_t bytes);

/* The server closed the connection. */
void exchange_close(struct exchange_answer *a);

/* NULL, or what is wrong with an answer that is whole. */
const char *exchange_fault(const struct exchange_answer *a);

#endif
