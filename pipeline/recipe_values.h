/* SPDX-License-Identifier: MIT */
/*
 * recipe_values.h - does a value have the form that its variable needs?
 */
#ifndef PIPELINE_RECIPE_VALUES_H
#define PIPELINE_RECIPE_VALUES_H

#include "lib/strlist.h"

/* What there is: names that some variables choose from. An empty list is not looked at. */
struct choices {
	struct strlist build_systems, allocators, features;
};

/*
 * What is wrong with `value` of `variable` ("READY", without prefix), as a sentence that says what
 * would be right; NULL if nothing is. Values with make's "$" in them are not looked at. The caller
 * frees.
 */
char *recipe_value_fault(const char *variable, const char *value, const struct choices *there_are);

#endif
