/* SPDX-License-Identifier: MIT */
/*
 * load_schedule.h - when each request of an open loop is due
 *
 * In a closed loop a slow answer delays the requests behind it, so the time that these would have
 * waited is in no latency ("coordinated omission": Gil Tene, wrk2's README). Here request i is due
 * i / rate seconds after the first, whatever the answers do, and its latency begins then.
 *
 * All times are nanoseconds since the first request was due.
 */
#ifndef PROFILES_LOAD_SCHEDULE_H
#define PROFILES_LOAD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct load_schedule {
	double rate_rps;	/* above 0 */
	uint64_t requests;	/* in all; at least one */
	uint64_t sent;		/* so many are noted */
	uint64_t least_late_ns; /* of the last tenth of the requests, as far as noted */
};

void load_schedule_begin(struct load_schedule *s, double rate_rps, uint64_t requests);

/* When request `number`, counted from 0, is due. */
uint64_t load_schedule_due_ns(const struct load_schedule *s, uint64_t number);

/* Note that the next request was sent at `now_ns`. */
void load_schedule_note(struct load_schedule *s, uint64_t now_ns);

/*
 * Was the rate held? Yes if all were sent, and in the last tenth of them one at least within a
 * millisecond of its time, or before the next was due: then no queue was left. A queue that grows
 * without end is never empty again; one that a hiccup left behind is, after a while.
 */
bool load_schedule_held(const struct load_schedule *s);

#endif
