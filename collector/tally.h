/* SPDX-License-Identifier: MIT */
/*
 * tally.h - what arrived, added up: one sum for all guests of a generation that count the same event
 *
 * All sums together have a limited number of lines (addresses, ranges, branches); lines that are
 * there go on counting when it is reached, new ones are refused.
 */
#ifndef COLLECTOR_TALLY_H
#define COLLECTOR_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../imports/counts.h"
#include "buildid.h"
#include "protocol.h"

enum {
	TALLY_BYTES_A_LINE = 96
}; /* of memory: slots of 24 bytes, a quarter of them in use at worst */

struct tally {
	struct build *generation;
	enum collector_event event;
	struct counts units[UNITS];
	uint64_t inside[UNITS];	     /* counts taken, by unit */
	char vendor[13];	     /* of the processors; "" if they differ */
	unsigned guests, unfinished; /* that gave counts; of them, how many never said END */
	unsigned processors;
	/* as the guests said, added up */
	uint64_t samples, excluded, lost;
	/* counts: that arrived; in no code of the image; for want of memory; impossible; that never came */
	uint64_t received, outside, no_room, impossible, missing;
	double seconds; /* the longest of a guest */
};

struct tally_budget {
	size_t lines, most_lines;
};

enum tally_answer { TALLY_TAKEN, TALLY_OUTSIDE, TALLY_NO_ROOM };

void tally_init(struct tally *t, struct build *g, enum collector_event event);

/* `new_lines` is how many lines may be added, and is counted down. */
enum tally_answer tally_add(struct tally *t, struct tally_budget *b, size_t *new_lines,
			    enum unit unit, enum count_kind kind, const struct count_entry *e);

/* Does a guest that counts `event` send counts of this kind? */
bool tally_kind_fits(enum collector_event event, enum count_kind kind);

uint64_t tally_inside(const struct tally *t);

void tally_release(struct tally *t);

/* a + b, or the most there is */
uint64_t add_saturated(uint64_t a, uint64_t b);

#endif
