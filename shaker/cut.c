/* SPDX-License-Identifier: MIT */
#include "cut.h"

#include <stdlib.h>
#include <uthash.h>

#include "../pipeline/lib/util.h"

struct cut_mark {
	const void *thing;
	unsigned number;
	UT_hash_handle hh;
};

unsigned cuts_add(struct cuts *c, const char *class, const char *name, const char *evidence)
{
	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	c->v[c->n] = (struct cut){ class, xstrdup(name), xstrdup(evidence) };
	return (unsigned)++c->n;
}

void cuts_mark(struct cuts *c, unsigned number, const void *thing)
{
	struct cut_mark *mark;

	HASH_FIND_PTR(c->marks, &thing, mark);
	if (!mark) {
		mark = xcalloc(1, sizeof(*mark));
		mark->thing = thing;
		HASH_ADD_PTR(c->marks, thing, mark);
	}
	mark->number = number;
}

unsigned cuts_of(const struct cuts *c, const void *thing)
{
	struct cut_mark *mark;

	HASH_FIND_PTR(c->marks, &thing, mark);
	return mark ? mark->number : 0;
}

void cuts_release(struct cuts *c)
{
	struct cut_mark *mark, *next;

	HASH_ITER(hh, c->marks, mark, next)
	{
		HASH_DEL(c->marks, mark);
		free(mark);
	}
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].evidence);
	}
	free(c->v);
	*c = (struct cuts){ 0 };
}
