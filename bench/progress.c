/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/lib/clock.h"
#include "pipeline/lib/term.h"
#include "pipeline/lib/util.h"

void progress_plan(struct progress *p, unsigned kind)
{
	p->total++;
	p->left[kind]++;
}

double progress_left_s(const struct progress *p)
{
	double sum = 0;

	for (unsigned kind = 0; kind < PROGRESS_KINDS; kind++) {
		double each = p->ended[kind] ? p->spent_s[kind] / (double)p->ended[kind]
					     : p->guess_s[kind];

		sum += each * (double)p->left[kind];
	}
	return sum;
}

static char *duration(double seconds)
{
	unsigned s = (unsigned)(seconds + 0.5);

	return s < 60 ? xasprintf("%u s", s) : xasprintf("%u min %u s", s / 60, s % 60);
}

void progress_begin(struct progress *p, const char *title)
{
	char *left = duration(progress_left_s(p));

	p->began_s = clock_s();
	fprintf(stderr, "%s  [%2zu/%zu] %-44s about %s left%s", term_is_live() ? "\r" : "",
		p->done + 1, p->total, title, left, term_is_live() ? "\033[K" : "\n");
	free(left);
}

void progress_end(struct progress *p, unsigned kind)
{
	p->spent_s[kind] += clock_s() - p->began_s;
	p->ended[kind]++;
	p->left[kind]--;
	p->done++;
	if (p->done == p->total)
		progress_interrupt();
}

void progress_interrupt(void)
{
	if (term_is_live())
		fprintf(stderr, "\r\033[K");
}
