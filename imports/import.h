/* SPDX-License-Identifier: MIT */
/*
 * import.h - the kinds of files that import takes; each ends with a recording or a refusal
 */
#ifndef IMPORTS_IMPORT_H
#define IMPORTS_IMPORT_H

#include "perfevent.h"
#include "recordfile.h"

struct import {
	struct builds builds;
	const char *file, *output, *number; /* GEN=; NULL: not said */
	const char *base;		    /* the file's name without directories */
	enum perf_kind kind;
	uint64_t weight;
};

void import_perf(const struct import *im);   /* perf.data, perf script */
void import_counts(const struct import *im); /* raw counts, counts of addresses */
void import_lines(const struct import *im);  /* AutoFDO profiles */

/*
 * For the two that have counts by address: hold each unit that has any against its ELF, say what
 * was found and how good it is, refuse what cannot be of it. `samples` are those of each unit.
 * The least density.
 */
double import_judge(const struct import *im, const struct build *g,
		    const struct counts units[UNITS], const uint64_t samples[UNITS],
		    bool with_branches);

/* What is not kept, and the record. Prints the last lines. */
void import_keep(const struct import *im, const struct recordfile *r, struct counts units[UNITS]);

/* A generation that a user had to name: said in a line. Refuses if none was named. */
const struct build *import_named(const struct import *im, const char *what);

#endif
