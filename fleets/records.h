/* SPDX-License-Identifier: MIT */
/*
 * records.h - which recordings make a fleet, and what is known of each besides
 *
 * A list file has one recording a line, fields as in fields.h:
 *
 *   DIRECTORY [HOST [AGE-DAYS [LOAD [WEIGHT]]]]         "-" where nothing is known
 *
 * DIRECTORY is relative to the working directory. HOST may be any text; only a digest of
 * it goes on. What stands behind the directory is used to weigh, and is not kept in
 * what comes out.
 */
#ifndef FLEETS_RECORDS_H
#define FLEETS_RECORDS_H

#include <stddef.h>

enum { HOST_DIGEST_BYTES = 17 }; /* with the NUL */

struct record {
	char *label;		      /* the directory, as it was written */
	char host[HOST_DIGEST_BYTES]; /* the same for the same host; "" if it is not known */
	double age_days;	      /* 0 if it is not known */
	char *load;		      /* NULL if the list does not say */
	double weight;		      /* 1 if the list does not say */
};

struct records {
	struct record *v;
	size_t n, room;
};

/* Add the lines of a list. NULL, or a sentence with file and line that the caller frees. */
char *records_parse(struct records *r, const char *name, const char *text, size_t bytes);

/*
 * Add what a word of a command line stands for: a recording, a directory of recordings, a
 * list file, or "-", a list on standard input. Dies if it is none of them.
 */
void xrecords_add(struct records *r, const char *word);

/* Sorted by label; a label that is there more than once remains once. Returns how many went. */
size_t records_sort(struct records *r);

void records_release(struct records *r);

#endif
