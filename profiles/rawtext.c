/* SPDX-License-Identifier: MIT */
#include "rawtext.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../pipeline/lib/util.h"
#include "countlines.h"

void raw_push(struct raw_counts *c, uint64_t from, uint64_t to, uint64_t count)
{
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		c->v = xrealloc(c->v, c->room * sizeof(*c->v));
	}
	c->v[c->n++] = (struct raw_count){ from, to, count };
}

void raw_release(struct raw_profile *p)
{
	free(p->ranges.v);
	free(p->branches.v);
	*p = (struct raw_profile){ 0 };
}

/* How the two kinds of lines look. */
struct shape {
	const char *between, *otherwise;
};

static const struct shape range_shape = { "-", "'-' is expected between the addresses of a range" },
			  branch_shape = { "->",
					   "'->' is expected between the addresses of a branch" };

static bool read_entry(struct countlines *r, const struct shape *shape, struct raw_counts *to,
		       uint64_t *sum)
{
	struct raw_count e;

	if (!countlines_next(r) || !countlines_number(r, 16, &e.from) ||
	    !countlines_word(r, shape->between, shape->otherwise) ||
	    !countlines_number(r, 16, &e.to) ||
	    !countlines_word(r, ":", "':' is expected behind the addresses") ||
	    !countlines_number(r, 10, &e.count) || !countlines_end(r) ||
	    !countlines_add(r, sum, e.count))
		return false;
	raw_push(to, e.from, e.to, e.count);
	return true;
}

/* A number of lines, and that many lines. */
static bool read_block(struct countlines *r, const struct shape *shape, struct raw_counts *to)
{
	uint64_t lines, sum = 0;

	if (!countlines_next(r) || !countlines_number(r, 10, &lines) || !countlines_end(r))
		return false;
	for (uint64_t i = 0; i < lines; i++)
		if (!read_entry(r, shape, to, &sum))
			return false;
	return true;
}

char *raw_parse(struct raw_profile *p, const char *name, const char *text, size_t bytes)
{
	struct countlines r = { .name = name, .at = text, .end = text + bytes };

	*p = (struct raw_profile){ 0 };
	if (!bytes)
		return xasprintf("%s:1: the file is empty", name);
	if (read_block(&r, &range_shape, &p->ranges) &&
	    read_block(&r, &branch_shape, &p->branches) && countlines_finish(&r))
		return NULL;
	raw_release(p);
	return countlines_error(&r);
}

static int compare(const void *a, const void *b)
{
	const struct raw_count *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

void raw_sort(struct raw_counts *c)
{
	size_t kept = 0;

	if (!c->n)
		return;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	for (size_t i = 1; i < c->n; i++)
		if (compare(&c->v[kept], &c->v[i]))
			c->v[++kept] = c->v[i];
		else
			c->v[kept].count += c->v[i].count;
	c->n = kept + 1;
}

static void print_block(FILE *out, const struct raw_counts *c, const char *between)
{
	fprintf(out, "%zu\n", c->n);
	for (size_t i = 0; i < c->n; i++)
		fprintf(out, "%" PRIx64 "%s%" PRIx64 ":%" PRIu64 "\n", c->v[i].from, between,
			c->v[i].to, c->v[i].count);
}

char *raw_format(const struct raw_profile *p, size_t *bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);

	if (!out)
		die("out of memory");
	print_block(out, &p->ranges, "-");
	print_block(out, &p->branches, "->");
	if (fclose(out))
		die("out of memory");
	return text;
}
