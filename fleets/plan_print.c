/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "plan.h"

/* Recordings that have something in common: how many, and their share of the result. */
struct line {
	char *name;
	size_t records;
	double share;
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return strcmp(x->name, y->name);
}

static char *generation_of(const struct sketch *s)
{
	return s->kind == READING_EXACT
		       ? xasprintf("generation %u", s->generation)
		       : xasprintf("generation %u, %s", s->generation, reading_kind_names[s->kind]);
}

static char *load_of(const struct sketch *s)
{
	return *weights_load(s) ? xasprintf("load %s", weights_load(s)) : xstrdup("load not known");
}

static char *host_of(const struct sketch *s)
{
	return xstrdup(*s->about.host ? s->about.host : s->about.label);
}

/* Sum up by what `name` says; largest first. The caller frees the lines. */
static size_t sum_up(const struct judgement *j, char *(*name)(const struct sketch *),
		     struct line **lines)
{
	size_t n = 0;

	*lines = xcalloc(j->n + 1, sizeof(**lines));
	for (size_t i = 0; i < j->n; i++) {
		char *of;
		size_t known = 0;

		if (j->v[i].why)
			continue;
		of = name(j->v[i].sketch);
		while (known < n && strcmp((*lines)[known].name, of))
			known++;
		if (known == n)
			(*lines)[n++].name = of;
		else
			free(of);
		(*lines)[known].records++;
		(*lines)[known].share += j->v[i].share;
	}
	qsort(*lines, n, sizeof(**lines), compare_lines);
	return n;
}

static void free_lines(struct line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i].name);
	free(lines);
}

static void print_lines(const struct judgement *j, char *(*name)(const struct sketch *))
{
	struct line *lines;
	size_t n = sum_up(j, name, &lines);

	for (size_t i = 0; i < n; i++)
		printf("  %-28s %6zu  %6.2f %%\n", lines[i].name, lines[i].records,
		       lines[i].share * 100);
	free_lines(lines, n);
}

static void print_largest(const struct judgement *j)
{
	struct line *hosts;
	size_t n = sum_up(j, host_of, &hosts);
	double largest = 0;

	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].share > largest)
			largest = j->v[i].share;
	printf("  %-28s %6s  %6.2f %%, cap %.2f %%\n", "largest recording", "", largest * 100,
	       j->caps.record * 100);
	printf("  %-28s %6zu  %6.2f %%, cap %.2f %%\n", "largest host, of", n, hosts[0].share * 100,
	       j->caps.host * 100);
	if (j->caps.relaxed > 1 + 1e-9)
		printf("  the caps cannot all hold, with so few: shares are %.2f times as large\n",
		       j->caps.relaxed);
	free_lines(hosts, n);
}

void plan_print(const struct judgement *j, const char *app)
{
	printf("%zu recordings of %s: %zu count, %zu do not\n", j->n, app, j->counting,
	       j->n - j->counting);
	if (j->counting) {
		print_lines(j, generation_of);
		print_lines(j, load_of);
		print_largest(j);
	}
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].why)
			printf("refused  %-10s %s: %s\n", j->v[i].why, j->v[i].sketch->about.label,
			       j->v[i].reason);
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].note)
			printf("note     %s: %s\n", j->v[i].sketch->about.label, j->v[i].note);
	for (size_t i = 0; i < j->unmet_loads.n; i++)
		printf("note     no recording has the load '%s', which the file of weights gives a "
		       "share\n",
		       j->unmet_loads.v[i]);
}
