/* SPDX-License-Identifier: MIT */
/*
 * countlines.h - reads text of counts by address, strictly, a piece of a line at a time
 *
 * Shared by rawtext.h and imports/addresstext.h. Each function returns false when something is
 * wrong; which is in `wrong` then, and the line's number in `line`.
 */
#ifndef PROFILES_COUNTLINES_H
#define PROFILES_COUNTLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct countlines {
	const char *name;
	const char *at, *end; /* of what is not read yet */
	const char *line_end; /* of the line that is being read */
	size_t line;	      /* its number, from 1 */
	const char *wrong;    /* what is wrong in it, or NULL */
};

/* Go to the next line. False at the end of the text, too, without `wrong`. */
bool countlines_next(struct countlines *r);

/* Digits of `base`, 10 or 16, without a sign, lower case, in 64 bits. */
bool countlines_number(struct countlines *r, int base, uint64_t *value);

/* Exactly `expected`; if it is not there, `otherwise` is what is wrong. */
bool countlines_word(struct countlines *r, const char *expected, const char *otherwise);

bool countlines_end(struct countlines *r);

/* Add `count` to `sum`, which must stay within 63 bits. */
bool countlines_add(struct countlines *r, uint64_t *sum, uint64_t count);

/* Everything announced was read: is there more? */
bool countlines_finish(struct countlines *r);

/* "NAME:LINE: what is wrong", which the caller frees. */
char *countlines_error(const struct countlines *r);

#endif
