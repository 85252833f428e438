/* SPDX-License-Identifier: MIT */
/*
 * fields.h - lines of fields, as the list of records and the file of weights have them
 *
 * Fields stand between blanks and tabs. A backslash takes the next character as it is, so
 * that "\ " is a blank within a field. "#" at the beginning of a field starts a comment;
 * lines without fields are passed over.
 */
#ifndef FLEETS_FIELDS_H
#define FLEETS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "../pipeline/lib/strlist.h"

struct fields {
	const char *name; /* of the file, for errors */
	const char *at, *end;
	size_t line; /* of the fields, from 1 */
	struct strlist v;
	char *error; /* NULL, or "NAME:LINE: ...", which the caller frees */
};

/* `text` has to stay. */
void fields_start(struct fields *f, const char *name, const char *text, size_t bytes);

/* The next line that has fields. False at the end, and when something is wrong. */
bool fields_next(struct fields *f);

/* Set the error of this line; false, to be returned. */
bool fields_wrong(struct fields *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The number that field `index` is, from `least` to `most`; `what` names it in the error, after
 * which `value` is as it was.
 */
bool fields_number(struct fields *f, size_t index, const char *what, double least, double most,
		   double *value);

/* Frees all but the error. */
void fields_release(struct fields *f);

/* May it be the name of a load or the like: letters, digits, "._-", at most 64? */
bool fields_is_word(const char *text);

#endif
