/* SPDX-License-Identifier: MIT */
/*
 * tap.h - the Test Anything Protocol, as test programs print it
 *
 *   1..3			the plan, first or last; "1..0 # SKIP why" leaves all out
 *   ok 1 - NAME		passed
 *   not ok 2 - NAME		failed; the "# ..." lines behind it are the reason
 *   ok 3 - NAME # SKIP WHY	left out; so is "not ok ... # TODO WHY", which was known to fail
 *   Bail out! WHY		nothing more will come, and that is wrong
 *
 * Other lines, indented ones too (subtests), are passed over. Source: testanything.org, version 13.
 */
#ifndef PIPELINE_TAP_H
#define PIPELINE_TAP_H

#include <stdbool.h>
#include <stddef.h>

enum { TAP_MOST_POINTS = 1000 }; /* that are kept; all are counted */

/* One that did not just pass. */
struct tap_point {
	char *name, *reason; /* "" if none was given */
	bool failed;	     /* false: skipped */
};

struct tap {
	unsigned long passed, failed, skipped;
	struct tap_point *v;
	size_t n;
	long planned;	/* -1: no plan yet */
	char *skip_all; /* why all are left out, or NULL */
	char *wrong;	/* what is wrong with the output, or NULL: a sentence */
	bool in_reason; /* "# ..." lines belong to the last point */
};

#define TAP_INIT { .planned = -1 }

/* One line, without its newline. */
void tap_line(struct tap *t, const char *line);

/* All of an output; `text` is changed. */
void tap_text(struct tap *t, char *text);

/*
 * The end. NULL if what came is a whole run in which nothing failed, or why not, to be freed: points
 * that failed, no plan or another number than planned, an exit status that is not 0.
 */
char *tap_end(const struct tap *t, int exit_status);

void tap_release(struct tap *t);

#endif
