/* SPDX-License-Identifier: MIT */
/*
 * diff_side.h - one of the two generations that are compared
 *
 * Also where reasons go: what could not be compared is said in the record and is no error.
 */
#ifndef REPORTS_DIFF_SIDE_H
#define REPORTS_DIFF_SIDE_H

#include <jansson.h>

struct diff_side {
	const char *app;
	unsigned number;
	char *directory;  /* OUT/APP/NUMBER */
	json_t *manifest; /* an object */
};

struct diff_sides {
	struct diff_side from, to;
};

/*
 * Find the generations named `from` and `to`: numbers, "latest", or "" and NULL for the
 * newest and the one before the other. Dies, listing what there is, if one is not there.
 */
void xdiff_sides_open(struct diff_sides *sides, const char *out, const char *app, const char *from,
		      const char *to);

/*
 * A JSON object of the generation. NULL with a sentence in *why, which the caller frees,
 * if it is missing or damaged.
 */
json_t *diff_side_read(const struct diff_side *side, const char *name, char **why);

/* Add { what, why } to record's not_compared[]. */
void diff_not_compared(json_t *record, const char *what, const char *why);

#endif
