/* SPDX-License-Identifier: MIT */
/*
 * load_result.h - what a load came to
 */
#ifndef PROFILES_LOAD_RESULT_H
#define PROFILES_LOAD_RESULT_H

#include "loadfile.h"

/* What was sent for one "request" line. */
struct load_tally {
	uint64_t sent, failed;
	uint64_t bytes; /* of bodies, as they came over the wire */
};

enum { LOAD_TLS_VERSIONS = 4 };

/* Of one version of TLS. */
struct load_handshakes {
	char version[16]; /* "TLSv1.3" */
	uint64_t full, resumed;
};

struct load_result {
	const struct loadfile *l;	/* not owned */
	struct load_tally *by_request;	/* as many as l->n */
	uint64_t failed, warmup_failed; /* answers that are not what the file expects */
	uint64_t connections;		/* opened, not counting the warm-up's */
	uint64_t *latency_ns;		/* of each counted request, in the order of their ends */
	uint64_t latencies;
	uint64_t
		elapsed_ns; /* of all counted requests together; in an open loop at least as planned */
	double rate_rps;    /* planned for an open loop, set by the caller; 0: it is closed */
	bool held;	    /* the open loop's rate */
	unsigned
		seconds; /* the closed loop sends nothing new after these, set by the caller; 0: no limit */
	struct load_handshakes tls[LOAD_TLS_VERSIONS]; /* of the counted part, by version */
};

void load_result_init(struct load_result *r, const struct loadfile *l);

/* One handshake more. */
void load_result_handshake(struct load_result *r, const char *version, bool resumed);

/*
 * The latency that `permille` thousandths of all do not exceed (nearest rank); 0 if there is none.
 * Sorts.
 */
uint64_t load_result_percentile(struct load_result *r, unsigned permille);

/*
 * Write it as JSON, schema 1. `path` is the load file's: its last part and its sha256 are in it.
 * Times are wall-clock times of this machine, for information; all else is the same in each run.
 */
void xload_result_write(struct load_result *r, const char *path, const char *output);

/* One line on standard output; and why it is no good on standard error, if a rate was not held. */
void load_result_print(struct load_result *r);

void load_result_release(struct load_result *r);

#endif
