/* SPDX-License-Identifier: MIT */
/*
 * report_data.h - all that a report is made from, read and judged
 *
 * Figures come from JSON files below OUT/APP alone. A file that is missing, of another schema,
 * half-written or of another image is not used, and the reason is kept as a sentence, which the
 * report prints in its place. Only what identifies an image (manifest.json) is needed.
 * Everything is kept until the program ends.
 */
#ifndef REPORTS_REPORT_DATA_H
#define REPORTS_REPORT_DATA_H

#include <jansson.h>
#include <stddef.h>

struct report_generation {
	unsigned number;
	char *directory;
	json_t *manifest;   /* never NULL */
	json_t *bench;	    /* NULL: there is none that can be used */
	char *why_no_bench; /* then a sentence */
	json_t *tests;	    /* of the app itself; NULL: there are none that can be used */
	char *why_no_tests; /* then a sentence */
	/* beside the manifest, each may be NULL: of `to`, and the last one of `from`, too */
	json_t *shake, *syscalls, *symbols;
};

struct report_peer {
	const char *name;
	json_t *peer, *bench; /* each may be NULL */
	char *why_no_bench;
};

struct report_data {
	const char *out, *app;
	struct report_generation *generations; /* by number */
	size_t generation_count;
	struct report_generation *from, *to; /* from is NULL if there is only one generation */
	struct report_peer *peers;	     /* by name */
	size_t peer_count;
	json_t *diff; /* of from and to, or NULL */
	char *why_no_diff;
	const char *diff_program; /* makes it, or NULL: only read it */
};

/*
 * `from` and `to` are numbers as the user wrote them, or NULL or "": the last two. Dies with
 * what there is if there is no such generation.
 */
void xreport_data_read(struct report_data *d, const char *from, const char *to);

/* "image.xz_bytes": the number there, or NAN. */
double report_number(const json_t *object, const char *path);

/* The string there, or NULL. */
const char *report_string(const json_t *object, const char *path);

/* What is there, or NULL. */
json_t *report_value(const json_t *object, const char *path);

/* The element of an array of objects whose "name" is this, or NULL. */
json_t *report_named(const json_t *array, const char *name);

#endif
