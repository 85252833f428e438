/* SPDX-License-Identifier: MIT */
#include "rawfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/lib/util.h"

static void add(struct raw_line **lines, size_t *count, size_t *room, struct raw_line line)
{
	if (!line.count)
		return;
	if (*count == *room) {
		*room = *room ? *room * 2 : 1024;
		*lines = xrealloc(*lines, *room * sizeof(**lines));
	}
	(*lines)[(*count)++] = line;
}

void raw_add_range(struct raw *r, uint64_t first, uint64_t last, uint64_t count)
{
	add(&r->ranges, &r->range_count, &r->range_room, (struct raw_line){ first, last, count });
}

void raw_add_branch(struct raw *r, uint64_t from, uint64_t to, uint64_t count)
{
	add(&r->branches, &r->branch_count, &r->branch_room, (struct raw_line){ from, to, count });
}

static int compare(const void *a, const void *b)
{
	const struct raw_line *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

static size_t fold(struct raw_line *lines, size_t count)
{
	size_t kept = 0;

	if (!count)
		return 0;
	qsort(lines, count, sizeof(*lines), compare);
	for (size_t i = 1; i < count; i++) {
		if (compare(&lines[kept], &lines[i]))
			lines[++kept] = lines[i];
		else
			lines[kept].count += lines[i].count;
	}
	return kept + 1;
}

static void print(FILE *f, const struct raw_line *lines, size_t count, const char *between)
{
	fprintf(f, "%zu\n", count);
	for (size_t i = 0; i < count; i++)
		fprintf(f, "%" PRIx64 "%s%" PRIx64 ":%" PRIu64 "\n", lines[i].from, between,
			lines[i].to, lines[i].count);
}

char *raw_text(struct raw *r, size_t *bytes)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, bytes);

	if (!f)
		die("out of memory");
	r->range_count = fold(r->ranges, r->range_count);
	r->branch_count = fold(r->branches, r->branch_count);
	print(f, r->ranges, r->range_count, "-");
	print(f, r->branches, r->branch_count, "->");
	if (fclose(f))
		die("out of memory");
	return text;
}

void raw_release(struct raw *r)
{
	free(r->ranges);
	free(r->branches);
	*r = (struct raw){ 0 };
}
