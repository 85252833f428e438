/* SPDX-License-Identifier: MIT */
#include "addresstext.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../pipeline/lib/util.h"
#include "../profiles/countlines.h"

void addresses_push(struct address_counts *a, uint64_t address, uint64_t count)
{
	if (a->n == a->room) {
		a->room = a->room ? 2 * a->room : 256;
		a->v = xrealloc(a->v, a->room * sizeof(*a->v));
	}
	a->v[a->n++] = (struct address_count){ address, count };
}

void addresses_release(struct address_counts *a)
{
	free(a->v);
	*a = (struct address_counts){ 0 };
}

static bool read_line(struct countlines *r, struct address_counts *a, uint64_t *sum)
{
	struct address_count e;

	if (!countlines_next(r) || !countlines_number(r, 16, &e.address) ||
	    !countlines_word(r, ":", "':' is expected behind the address") ||
	    !countlines_number(r, 10, &e.count))
		return false;
	if (!e.count)
		r->wrong = "a count is 0; addresses without samples are left out";
	else if (a->n && a->v[a->n - 1].address >= e.address)
		r->wrong = "the address is not above the one before; each comes once, ascending";
	if (r->wrong || !countlines_end(r) || !countlines_add(r, sum, e.count))
		return false;
	addresses_push(a, e.address, e.count);
	return true;
}

char *addresses_parse(struct address_counts *a, const char *name, const char *text, size_t bytes)
{
	struct countlines r = { .name = name, .at = text, .end = text + bytes };
	uint64_t lines, sum = 0;
	bool good;

	*a = (struct address_counts){ 0 };
	if (!bytes)
		return xasprintf("%s:1: the file is empty", name);
	good = countlines_next(&r) && countlines_number(&r, 10, &lines) && countlines_end(&r);
	for (uint64_t i = 0; good && i < lines; i++)
		good = read_line(&r, a, &sum);
	if (good && countlines_finish(&r))
		return NULL;
	addresses_release(a);
	return countlines_error(&r);
}

static int compare(const void *a, const void *b)
{
	const struct address_count *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

void addresses_sort(struct address_counts *a)
{
	size_t kept = 0;

	if (!a->n)
		return;
	qsort(a->v, a->n, sizeof(*a->v), compare);
	for (size_t i = 1; i < a->n; i++)
		if (a->v[kept].address != a->v[i].address)
			a->v[++kept] = a->v[i];
		else
			a->v[kept].count += a->v[i].count;
	a->n = kept + 1;
}

uint64_t addresses_total(const struct address_counts *a)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < a->n; i++)
		sum += a->v[i].count;
	return sum;
}

char *addresses_format(const struct address_counts *a, size_t *bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);

	if (!out)
		die("out of memory");
	fprintf(out, "%zu\n", a->n);
	for (size_t i = 0; i < a->n; i++)
		fprintf(out, "%" PRIx64 ":%" PRIu64 "\n", a->v[i].address, a->v[i].count);
	if (fclose(out))
		die("out of memory");
	return text;
}
