/* SPDX-License-Identifier: MIT */
/*
 * recipe_text.h - a recipe as text: its assignments with their lines
 *
 * A recipe is comments, blank lines, assignments "PREFIX_VARIABLE = value" (with lines that
 * continue them), helpers of its own "name-something = value", and the closing line. make reads it,
 * too; here it is read for what make would not complain about.
 */
#ifndef PIPELINE_RECIPE_TEXT_H
#define PIPELINE_RECIPE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/util.h"

struct assignment {
	unsigned line;
	char *variable; /* without the prefix: "DEPENDS" */
	char *value;	/* without blanks at its ends; make's $ in it are as they stand */
};

struct recipe {
	const char *path;
	char *name;   /* "pcre2", from the file's name */
	char *prefix; /* "PCRE2_" */
	struct assignment *v;
	size_t n;
	bool closed;	    /* the closing line is there */
	unsigned last_line; /* where something that is missing is said to be */
	unsigned faults;
};

/* Read it; what is no line of a recipe is a fault. Dies if the file cannot be read. */
void xrecipe_read(struct recipe *r, const char *path);

/* "path:line: ..." on stderr, and count it. */
void recipe_fault(struct recipe *r, unsigned line, const char *format, ...) PRINTF(3, 4);

/* The first assignment of it, or NULL. */
const struct assignment *recipe_find(const struct recipe *r, const char *variable);

#endif
