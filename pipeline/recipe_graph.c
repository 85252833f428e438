/* SPDX-License-Identifier: MIT */
#include "recipe_graph.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

void recipe_depends(const struct strlist *words, const char *name, struct strlist *depends)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < words->n; i++) {
		char *list, *save;

		if (strncmp(words->v[i], name, length) || words->v[i][length] != ':')
			continue;
		list = xstrdup(words->v[i] + length + 1);
		for (char *one = strtok_r(list, ",", &save); one; one = strtok_r(NULL, ",", &save))
			strlist_push(depends, one);
		free(list);
		return;
	}
}

/*
 * Breadth first: `reached` are names in the order they were met, `from[i]` is the number of the one
 * that led to reached[i].
 */
char *recipe_cycle(const struct strlist *words, const char *name)
{
	struct strlist reached = STRLIST_INIT;
	size_t *from = xcalloc(1, sizeof(*from));
	char *cycle = NULL;

	strlist_push(&reached, name);
	for (size_t i = 0; !cycle && i < reached.n; i++) {
		struct strlist depends = STRLIST_INIT;

		recipe_depends(words, reached.v[i], &depends);
		for (size_t d = 0; !cycle && d < depends.n; d++) {
			if (!strcmp(depends.v[d], name)) {
				cycle = xasprintf("%s -> %s", reached.v[i], name);
				for (size_t at = i; at; at = from[at])
					cycle = xasprintf("%s -> %s", reached.v[from[at]], cycle);
			} else if (!strlist_has(&reached, depends.v[d])) {
				strlist_push(&reached, depends.v[d]);
				from = xrealloc(from, reached.n * sizeof(*from));
				from[reached.n - 1] = i;
			}
		}
		strlist_release(&depends);
	}
	strlist_release(&reached);
	free(from);
	return cycle;
}
