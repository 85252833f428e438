/* SPDX-License-Identifier: MIT */
/*
 * exact.h - what the tracer counts: a load's requests, booting, call stacks
 *
 * Each function boots the subject once under `record` (profiles/record.c). A run that fails gives
 * { "invalid": "sentence" }, with what was said on the way in the log; only what cannot be a
 * guest's or a load's doing dies.
 */
#ifndef BENCH_EXACT_H
#define BENCH_EXACT_H

#include <jansson.h>
#include <stdint.h>

#include "figures.h"

struct exact_options {
	const char *directory; /* of the subject: image, image.spec */
	const char *tools;     /* where record and load are */
	const char *log;       /* gets what record says */
	const char *load_path, *load_name;
	uint64_t requests; /* counted ones, for those of the file */
	uint64_t warmup;   /* as the file says */
};

/*
 * A run of the load. The contract's runs.exact[] element: exact_figures for each request, the
 * warm-up's among them, for all and in by[] for each component. `*models` gets the caches'
 * sizes, `*symbols` symbols.json with "requests" added; both new references, untouched if invalid.
 */
json_t *exact_load(const struct exact_options *o, json_t **models, json_t **symbols);

/*
 * From reset to the first answer: { "instructions", "waiting_instructions" }. The second are of
 * profiles/excluded.rules, idle and delay loops, whose number is the emulator's doing; the first
 * are all others.
 */
json_t *exact_boot(const struct exact_options *o);

/* NULL, or an object with "invalid". The stacks of a run of the load, as folded text in `path`. */
json_t *exact_stacks(const struct exact_options *o, const char *path);

#endif
