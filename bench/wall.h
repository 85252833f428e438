/* SPDX-License-Identifier: MIT */
/*
 * wall.h - one run of a subject by the clock on the wall: boot, closed loop, open loop, memory
 *
 * Times of one run say little; bench runs subjects in turn and compares lots of them
 * (statistics.h), of one session on one machine only.
 */
#ifndef BENCH_WALL_H
#define BENCH_WALL_H

#include <jansson.h>

#include "../profiles/loadfile.h"

struct wall_options {
	const struct loadfile *load;
	const char *load_path; /* where it was read from */
	unsigned seconds;      /* of the closed and of the open loop each; 0: 2 */
	unsigned connections;  /* at once, in both loops; 0: 8 */
	double rate_rps;       /* of the open loop; 0: a quarter of the closed loop's throughput */
	const char *console_path; /* keep the guest's console there; NULL: nowhere */
	const char *load_tool;	  /* NULL: `load` beside this program */
};

/* Fill in what is left open. Dies if wrk or load is not installed: better before anything runs. */
void xwall_settle(struct wall_options *o);

/*
 * Boot the subject without a tracer, and measure:
 *   boot_ms               from starting QEMU to the first answer of its probe
 *   closed                wrk, the most frequent GET of the load (wrk.h) over and over; of a load that is not
 *                         plain HTTP/1.1, its sequence, by load itself
 *   open                  the load's sequence at a constant rate (profiles/load_schedule.h)
 *   memory_peak_bytes     in a second boot (memory.h)
 * Returns a new reference: { "boot_ms", "memory_peak_bytes", "closed": {...}, "open": {...} }, all
 * of it, or { "invalid": "sentence" } if a request failed, a guest died or did not stop cleanly, or
 * wrk or load ended with an error. If only the rate was not held, "open" is { "invalid":
 * "sentence" }: there is no latency, and all else stands. Dies if QEMU, wrk, or load is not installed.
 */
json_t *wall_run(const char *directory, const struct wall_options *o);

#endif
