/* SPDX-License-Identifier: MIT */
/*
 * load_exchange.h - what is sent, and what must come back, over a plain connection
 */
#ifndef PROFILES_LOAD_EXCHANGE_H
#define PROFILES_LOAD_EXCHANGE_H

#include "../bench/client/exchange.h"
#include "loadtext.h"

/* One "exchange" line. */
struct load_exchange {
	char *name; /* what is sent, as the file has it, perhaps shortened */
	struct load_text sent;
	enum exchange_end end;	/* how the answer's end is known */
	uint64_t count;		/* bytes or lines of it */
	struct load_text until; /* what it ends with */
	struct load_text expect[EXCHANGE_MOST_EXPECTED];
	size_t expected; /* it begins with one of these; none: with anything */
	struct load_variables variables;
};

/* One with its variables filled in. */
struct load_message {
	struct load_bytes sent;
	struct load_bytes texts; /* what `rule` points into */
	struct exchange_rule rule;
};

/* The message is to be released. */
void load_message_make(struct load_message *m, const struct load_exchange *x,
		       const uint64_t *drawn);
void load_message_release(struct load_message *m);

void load_exchange_free(struct load_exchange *x);

#endif
