/* SPDX-License-Identifier: MIT */
/*
 * recipe_graph.h - who depends on whom, and whether that ever ends
 */
#ifndef PIPELINE_RECIPE_GRAPH_H
#define PIPELINE_RECIPE_GRAPH_H

#include "lib/strlist.h"

/*
 * `words` are "name:dependency,dependency" each, as make expanded the recipes. A cycle that
 * begins and ends at `name`, as "a -> b -> a", the shortest one; NULL if there is none. The caller frees.
 */
char *recipe_cycle(const struct strlist *words, const char *name);

/* What `name` depends on, by its own words; none if it is not among them. */
void recipe_depends(const struct strlist *words, const char *name, struct strlist *depends);

#endif
