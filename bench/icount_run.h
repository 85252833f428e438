/* SPDX-License-Identifier: MIT */
/*
 * icount_run.h - one boot with the client inside, under the tracer
 */
#ifndef BENCH_ICOUNT_RUN_H
#define BENCH_ICOUNT_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "../pipeline/imagespec.h"
#include "../pipeline/lib/hash.h"
#include "../profiles/loadfile.h"

/* The client's last line (client/client.c). */
struct icount_report {
	uint64_t requests, failed;
	uint64_t p50_ns, p90_ns, p99_ns, max_ns;
	char latencies[17]; /* the checksum of them all */
};

/* The client: its file in `tools`, and its region in `trace`. */
#define ICOUNT_CLIENT "load-client"

struct icount_run {
	/* filled in by the caller */
	const char *generation;
	const char *tools;   /* directory of "record" and "load-client" */
	const char *scratch; /* a directory that is there, for files of this run */
	const char *name;    /* of the run: "warm-up" */
	const struct imagespec *spec;
	const struct loadfile *load;
	unsigned port, timeout_s;
	uint64_t counted; /* requests of the counted part */

	/* what came of it */
	struct icount_report report;
	json_t *trace; /* trace.json of profiles/tracefiles.h */
	char sha256[HASH_HEX_BYTES];
};

/* NULL, or why there is nothing to count: a sentence, to be freed. */
char *icount_run(struct icount_run *r);

/*
 * Look for the client's report in what the console said. NULL, or what the client or the kernel
 * complained of: a sentence, to be freed.
 */
char *icount_read_console(const char *text, struct icount_report *report);

#endif
