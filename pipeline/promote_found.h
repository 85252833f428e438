/* SPDX-License-Identifier: MIT */
/*
 * promote_found.h - what the commands of the checks left in files
 *
 * Each found_*() puts what is worth keeping into `found`, and returns NULL or a sentence: the check
 * did not pass for this reason. The caller frees. A file that is missing is nothing found.
 */
#ifndef PIPELINE_PROMOTE_FOUND_H
#define PIPELINE_PROMOTE_FOUND_H

#include <jansson.h>

#include "lib/strlist.h"

/* dropped[]: lines of consoles about system calls that were called though the shaker dropped them. */
char *found_dropped(json_t *found, const struct strlist *consoles);

/* did[]: the lines "  did: WORDS" of a log (pipeline/audit.sh). */
void found_did(json_t *found, const char *log);

/* One boot, from run's --result: ready_ms[] grows; accelerator, emulated, memory. */
void found_boot(json_t *found, const char *path);

/* loads[]: name, requests, failed, warmup_failed, from DIRECTORY/load-*.json (load's --result). */
void found_loads(json_t *found, const char *directory);

/* app_tests: passed, failed, skipped, dropped and tests[] (name, result, sha256) of tests.json (test-app). */
void found_tests(json_t *found, const char *path);

/*
 * gate and limits[] of diff's file. What is over its limit, or not known, is the sentence; `*gate` is
 * "pass", "fail", "cannot compare", or NULL: no verdict was found. It belongs to `found`.
 */
char *found_budget(json_t *found, const char *path, const char **gate);

/* The check `name` passed: what it found in a few words, "" if that is nothing. The caller frees. */
char *found_summary(const char *name, const json_t *found);

#endif
