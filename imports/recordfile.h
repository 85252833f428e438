/* SPDX-License-Identifier: MIT */
/*
 * recordfile.h - a recording made of what was imported (profiles/intake.h reads it)
 *
 * Only counts, and what is needed to judge them: no names of hosts, programs, users or files.
 */
#ifndef IMPORTS_RECORDFILE_H
#define IMPORTS_RECORDFILE_H

#include <jansson.h>

#include "counts.h"
#include "../profiles/builds.h"

struct recordfile {
	const struct builds *builds;
	const struct build *generation;
	const char *method, *kind;
	json_t *event, *samples; /* or NULL; consumed */
	const char *cpu;	 /* vendor, or NULL */
	uint64_t weight;
	bool partial;
};

/*
 * Make the directory `path`, which appears at once: record.json and the files of `units`, or the
 * profile `lines` as the .prof of one unit. What was there is replaced. Dies if it cannot.
 */
void xrecordfile_write(const struct recordfile *r, const char *path, struct counts units[UNITS]);
void xrecordfile_write_lines(const struct recordfile *r, const char *path, enum unit unit,
			     const char *lines);

#endif
