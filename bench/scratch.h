/* SPDX-License-Identifier: MIT */
/*
 * scratch.h - a directory for what a measurement needs only while it runs
 */
#ifndef BENCH_SCRATCH_H
#define BENCH_SCRATCH_H

#include <stdbool.h>

#include "../pipeline/lib/process.h"

/*
 * A new directory in TMPDIR, or /tmp. It is removed by scratch_remove(), or at exit. From the first
 * call on SIGINT, SIGTERM and SIGHUP, where the caller has not decided otherwise, are only noted.
 */
char *xscratch_make(void);

/* Remove it, and free its path. */
void scratch_remove(char *path);

/* Whether one of these signals came: time to die(), and to leave nothing behind. */
bool scratch_interrupted(void);

/* Run a program; returns its exit status as process_run(). Interrupted: ends it, and dies. */
int scratch_run(const struct process *p);

#endif
