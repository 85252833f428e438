/* SPDX-License-Identifier: MIT */
/*
 * session.h - several subjects measured in turn
 */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measurement.h"
#include "profiles/loadfile.h"
#include "progress.h"

enum session_kind {
	KIND_EXACT, /* exact.h */
	KIND_BOOT,
	KIND_WALL,   /* wall.h */
	KIND_STACKS, /* the rest is measured once */
	KIND_ICOUNT,
	KIND_MEMORY,
	KIND_COUNT
};

extern const char *const session_kinds[KIND_COUNT];

struct session {
	struct loadfile load; /* requests: of an exact run */
	const char *load_path, *load_name;
	const char *tools;     /* directory of record and load */
	const char *load_tool; /* load, there */
	const char *log;       /* gets what they say */
	unsigned runs, seconds;
	double rate_rps; /* of the open loop; 0: the first run finds out */
	bool kinds[KIND_COUNT];
	struct measurement *measurements;
	size_t count;
	struct progress progress;
};

/* 16 hexadecimal digits that no other session has. The caller frees. */
char *xsession_id(void);

/*
 * Measure all: the runs of what is repeated alternate between subjects. A kind whose runs were
 * invalid twice on a subject is not tried on it again.
 */
void session_measure(struct session *s);

#endif
