/* SPDX-License-Identifier: MIT */
/*
 * weights.h - how much of the result each recording gets
 *
 *   w  = list's weight * recording's weight * 2^(-age / half-life)
 *   of a host with recordings w1.. together at most host-records * the largest of them
 *   of a load with a wished share p: w * p / (sum of w of that load); the others likewise
 *   share = min(record cap, level * w), of a host together at most the host cap; `level` is
 *   what makes the sum of all shares 1
 *
 * Docs: docs/fleets.md. The last step is known as water-filling.
 */
#ifndef FLEETS_WEIGHTS_H
#define FLEETS_WEIGHTS_H

#include "../pipeline/lib/strlist.h"
#include "sketch.h"
#include "wishes.h"

struct weighed {
	const struct sketch *sketch;
	double weight; /* by age, host, load */
	double share;  /* of the result, from 0 to 1 */
	size_t host;   /* the same number for the same host; one of its own if it is not known */
};

struct caps {
	double record, host; /* asked for, after relaxing where there are few */
	double relaxed; /* shares are up to this much larger, because the caps cannot all hold; 1 */
	size_t hosts;
};

/* The list's load, else the recording's, else "". */
const char *weights_load(const struct sketch *s);

/*
 * Everyone alike, whatever weight it claims, but of a host together at most host-records: for what
 * is usual. All have a sketch that is not refused.
 */
void weights_alike(struct weighed *v, size_t n, const struct wishes *w);

/* Weights by age and host. */
void weights_by_host(struct weighed *v, size_t n, const struct wishes *w);

/*
 * Then by load. Zero for one whose load is left nothing. `*unmet` gets the names of loads with a
 * share that no recording has.
 */
void weights_by_load(struct weighed *v, size_t n, const struct wishes *w, struct strlist *unmet);

/* Then the shares, which sum up to 1 if there is a weight. */
void weights_share(struct weighed *v, size_t n, const struct wishes *w, struct caps *caps);

#endif
