/* SPDX-License-Identifier: MIT */
/*
 * measurement.h - the measurement of one subject, and the files that it becomes
 *
 * After each run what is known is in STEM.part.json; at the end that becomes STEM.json
 * (benchdata.h), and with it the functions and stacks that belong to it. One that was stopped
 * or is in part invalid does so only where there is no finished measurement of the same image, and
 * none with more runs.
 *
 * If only some kinds are measured, those that a finished measurement of the same image has, under the
 * same conditions, are taken over with the session that they are of.
 */
#ifndef BENCH_MEASUREMENT_H
#define BENCH_MEASUREMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "profiles/loadfile.h"

struct measurement {
	const char *directory; /* of the subject */
	json_t *bench;	       /* bench.json, as far as it is known */
	char *name;	       /* "generation 7", or the peer's name */
	const char *load;      /* its name; NULL: the one of the recipe */
	char *path, *symbols_path, *folded_path;
	char *part_path, *part_symbols_path, *part_folded_path;
	size_t kept_runs; /* of what is there of this image already; SIZE_MAX: it is finished */
	size_t runs;	  /* of this one */
	bool was_written; /* it has become STEM.json */
};

/* What is repeated, as "runs" and "sessions" have it. */
enum { MEASUREMENT_RUNS = 3 };
extern const char *const measurement_runs[MEASUREMENT_RUNS];

/*
 * Begin; a part that somebody left who was killed is adopted first. `session`: which measurements
 * belong together. `l`, read from `load_path`, is called `load_name`; `is_default`: it is the
 * recipe's. Dies if the directory is no subject.
 */
void xmeasurement_begin(struct measurement *m, const char *directory, const char *session,
			const struct loadfile *l, const char *load_path, const char *load_name,
			bool is_default);

/*
 * Take over what a finished measurement has of kinds that are not measured now: `keeps` is asked
 * about "exact", "boot", "wall", "stacks", "icount" and "memory". Dies if that is of other
 * conditions, so that it would be lost.
 */
void xmeasurement_take_over(struct measurement *m, bool (*keeps)(const char *kind));

/* Set a condition (conditions.h) that is known only now; takes the reference. */
void measurement_set_condition(struct measurement *m, const char *key, json_t *value);

/* Why something was not measured, in "not_measured". */
void measurement_note(struct measurement *m, const char *what, const char *why);

/* A run ended: compute the figures, keep them. */
void xmeasurement_save(struct measurement *m);

/* All runs ended. NULL; or the first invalid run's sentence, valid as long as `m` is. */
const char *xmeasurement_finish(struct measurement *m);

/* Not all runs were made. */
void measurement_stop(struct measurement *m);

#endif
