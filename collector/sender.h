/* SPDX-License-Identifier: MIT */
/*
 * sender.h - a guest that counts, from its first HELLO to its END, over whatever connections
 */
#ifndef COLLECTOR_SENDER_H
#define COLLECTOR_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"
#include "protocol.h"
#include "tally.h"

struct sender {
	unsigned number; /* 1, 2, ... in order of arrival; 0: this place is free */
	struct hello hello;
	struct build *generation;
	struct tally *sum; /* of all guests like it */
	struct tally own;  /* its own counts, if they are kept */
	struct peer *peer; /* NULL: not connected */
	bool answered;	   /* it was heard since START: the address is its own */
	bool ended;	   /* said END */
	bool barred;	   /* contradicts itself: nothing more is taken from it */
	bool told_too_much, told_no_room;
	double started_s, heard_s; /* its first START; the last frame */
	double told_s;		   /* the last START or STOP to it */
	struct status last;	   /* of its run: a guest that begins anew begins at 0 */
	/* over all runs */
	uint64_t samples, excluded, lost, sent, own_ns;
	/* counts, as in a tally */
	uint64_t received, inside, outside, no_room, impossible;
	uint64_t own_no_room;	/* of those inside, that `own` had no room for */
	size_t new_lines;	/* it may still add, to the sum and its own counts together */
	int64_t frames_missing; /* of which none came later */
	uint64_t frames_again;	/* that came twice */
};

/*
 * The most samples that it can have taken by now, sampling at `frequency_hz`: twice the expected,
 * because clocks differ, and what was sampled in one second may arrive in the next.
 */
uint64_t sender_possible_samples(const struct sender *g, uint32_t frequency_hz, double now_s);

/* The most counts it can have made of so many samples. */
uint64_t sender_possible_counts(const struct sender *g, uint64_t samples);

/* Add what a STATUS says to the sums, which are never more than what is possible. */
void sender_status(struct sender *g, const struct status *s, uint64_t possible_samples);

/* Counts that it says it sent and that never came. */
uint64_t sender_missing(const struct sender *g);

/* Is it the one that these build ids and this event were said by? */
bool sender_is_same(const struct sender *g, const struct hello *h);

#endif
