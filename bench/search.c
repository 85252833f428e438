/* SPDX-License-Identifier: MIT */
#include "search.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"

enum { AGREE = 2 };

/* How a value has done so far. */
struct tries {
	unsigned passed, failed;
};

struct search {
	bool (*answers)(void *context, unsigned value);
	void *context;
	struct tries *of; /* each value */
};

static bool try_once(struct search *s, unsigned value)
{
	bool good = s->answers(s->context, value);

	s->of[value].passed += good;
	s->of[value].failed += !good;
	return good;
}

/* What two tries agree on, of three at most. */
static bool try_until_sure(struct search *s, unsigned value)
{
	struct tries *t = &s->of[value];

	while (t->passed < AGREE && t->failed < AGREE)
		try_once(s, value);
	return t->passed >= AGREE;
}

unsigned search_least(unsigned least, unsigned most, bool (*answers)(void *context, unsigned value),
		      void *context)
{
	struct search s = { answers, context, xcalloc(most + 1, sizeof(*s.of)) };
	unsigned fails = least - 1, passes = most;

	if (!try_once(&s, most) && !try_until_sure(&s, most))
		passes = 0;
	while (passes && passes - fails > 1) {
		unsigned middle = fails + (passes - fails) / 2;

		if (try_once(&s, middle))
			passes = middle;
		else
			fails = middle;
	}
	while (passes && passes < most && !try_until_sure(&s, passes))
		passes++;
	while (passes > least && try_until_sure(&s, passes - 1))
		passes--;
	free(s.of);
	return passes;
}
