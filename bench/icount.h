/* SPDX-License-Identifier: MIT */
/*
 * icount.h - what a request costs, the same to the last instruction each time
 *
 * The image is booted under the tracer with time counted in instructions, and with a client inside
 * the guest (client/), which comes as a second initramfs: the image itself is used as it is. That
 * is done twice, once with the warm-up alone and once with the counted requests behind it; up to there
 * both are the same, so the difference is what those requests cost, and nothing of boot, start,
 * warm-up or end.
 *
 * Figures are of the guest's own network: the kernel's share has the client's system calls
 * and the loopback device in it, and no network card. They compare generations with each other, and
 * not with figures of requests that come from outside. What the client itself executes is left out.
 */
#ifndef BENCH_ICOUNT_H
#define BENCH_ICOUNT_H

#include <jansson.h>

#include "../profiles/loadfile.h"

enum { ICOUNT_REQUESTS = 2000, ICOUNT_TIMEOUT_S = 300 };

struct icount_options {
	uint64_t requests;  /* counted ones; 0: as many as the load, at most ICOUNT_REQUESTS */
	unsigned timeout_s; /* for each of the two runs; 0: ICOUNT_TIMEOUT_S */
	const char *tools;  /* where "record" and "load-client" are; NULL: beside this program */
};

/*
 * `directory` is a generation, OUT/APP/N. Returns, as a new reference,
 *
 *   { "requests": N,
 *     "per_request": {"instructions", "taken_branches", "l1i_misses", "l1d_misses", "itlb_misses"},
 *     "by": [ {"name": "kernel", the same five}, {"name": "app", ...}, {"name": "other", ...} ],
 *     "latency_ns": {"p50", "p90", "p99"},
 *     "client_sha256": of the client: with another one figures do not compare,
 *     "sha256": over all that was counted, block by block, and all latencies }
 *
 * where per_request is the sum over "by", latencies are guest time, and "other" is the vDSO and
 * init; or {"reason": "sentence"} if this generation or this load cannot be measured so, or failed.
 * Dies if the directory is no generation.
 */
json_t *icount_measure(const char *directory, const struct loadfile *l,
		       const struct icount_options *o);

#endif
