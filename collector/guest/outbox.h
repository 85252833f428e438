/* SPDX-License-Identifier: MIT */
/*
 * outbox.h - a full table, sent piece by piece
 */
#ifndef COLLECTOR_GUEST_OUTBOX_H
#define COLLECTOR_GUEST_OUTBOX_H

#include "channel.h"
#include "table.h"

enum { OUTBOX_WRITERS = UNITS * (COUNT_RANGE + 1) };

struct outbox {
	struct table *table; /* NULL: everything was sent */
	size_t line;
	struct counts_writer writers[OUTBOX_WRITERS];
	uint64_t sums[OUTBOX_WRITERS]; /* of the counts in each */
	uint64_t sent;		       /* counts that are sent, added up */
};

/* Begin to send a table; it is empty when that is done. */
void outbox_begin(struct outbox *o, struct table *t);

/*
 * Send what the channel takes, and no more than `*budget` bytes, which is lessened.
 * CHANNEL_DONE: all of it.
 */
enum channel_result outbox_pump(struct outbox *o, const struct units *u, struct channel *c,
				size_t *budget);

#endif
