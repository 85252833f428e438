/* SPDX-License-Identifier: MIT */
/*
 * recipe_draft.h - a recipe to begin with, from what a survey found
 */
#ifndef PIPELINE_RECIPE_DRAFT_H
#define PIPELINE_RECIPE_DRAFT_H

#include <stdbool.h>

#include "lib/strlist.h"
#include "recipe_survey.h"

struct draft {
	const char *app;    /* the recipe's name */
	const char *source; /* a package, or a directory */
	bool is_tree;	    /* it is a directory */
	struct survey survey;
	struct strlist depends; /* recipes for what it is built against */
	struct strlist missing; /* "libsystemd-dev (systemd)": what has none */
};

/* The text: variables in their order, and a comment for each guess. The caller frees. */
char *draft_text(const struct draft *d);

#endif
