/* SPDX-License-Identifier: MIT */
/*
 * wrk.h - the closed loop: wrk (Debian package wrk, 4.1) and what it says
 *
 * Of its output only one line counts, which a script of ours prints at the end: a JSON object of
 * integers behind "anneal-wrk ". The text for people rounds, and differs from version to version.
 *
 * Two things that wrk does:
 * - A thread opens all its connections at once. QEMU's user network listens with a backlog of 1, so
 *   that of eight SYNs three to six were dropped, and sent again a second later. Here each connection
 *   has a thread of its own, and the script lets 10 ms pass before the next is made; so time
 *   begins with the first thread (wrk's own begins with the last).
 * - After the run it adds, for each latency more than twice the mean of its connection, the ones it
 *   supposes to have missed (stats_correct()). The medians hardly feel that, p99 and p999 do.
 */
#ifndef BENCH_WRK_H
#define BENCH_WRK_H

#include <jansson.h>
#include <stdint.h>

#include "../pipeline/lib/strlist.h"
#include "../profiles/loadfile.h"

struct wrk_result {
	uint64_t requests;    /* answered, whatever the status */
	uint64_t duration_us; /* from before the first connection to the end */
	uint64_t connect_errors, read_errors, write_errors, status_errors, timeouts;
	uint64_t p50_us, p90_us, p99_us, p999_us;
};

/*
 * What wrk can ask of a load: the GET with the largest weight that expects 200 to 299, the first
 * of several; NULL: there is none.
 */
const struct load_request *wrk_request(const struct loadfile *l);

/* Write the script to `script_path`, and the command line that uses it to `argv`. */
void xwrk_command(struct strlist *argv, const char *script_path, const struct load_request *r,
		  unsigned port, unsigned connections, unsigned seconds);

/* Read wrk's output. NULL, or what is wrong with it: a sentence, to be freed. */
char *wrk_parse(const char *output, struct wrk_result *r);

/* NULL, or why the run is no good: errors, or no answer at all. To be freed. */
char *wrk_fault(const struct wrk_result *r);

/* {"requests", "failed", "throughput_rps", "latency_ns": {p50, p90, p99, p999}}, a new reference. */
json_t *wrk_describe(const struct wrk_result *r);

#endif
