/* SPDX-License-Identifier: MIT */
#include "counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

enum { FIRST_ROOM = 1024 };

void counts_init(struct counts *c, size_t most_lines)
{
	*c = (struct counts){ .most_lines = most_lines };
	if (getrandom(&c->seed, sizeof(c->seed), 0) != sizeof(c->seed))
		c->seed = (uint64_t)(uintptr_t)c;
}

void counts_release(struct counts *c)
{
	free(c->ranges.v);
	free(c->branches.v);
	free(c->addresses.v);
	counts_init(c, c->most_lines);
}

bool counts_is_empty(const struct counts *c)
{
	return !c->ranges.n && !c->branches.n && !c->addresses.n;
}

/* The upper and lower half of a product, mixed: every bit of both factors counts. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static struct raw_count *slot(const struct counts_table *t, uint64_t seed, uint64_t from,
			      uint64_t to)
{
	uint64_t hash =
		fold(fold(from ^ seed, 0x9e3779b97f4a7c15) ^ to ^ (seed << 32), 0xd6e8feb86659fd93);
	size_t at = (size_t)hash & (t->room - 1);

	while (t->v[at].count && (t->v[at].from != from || t->v[at].to != to))
		at = (at + 1) & (t->room - 1);
	return &t->v[at];
}

/* At most three quarters of the slots are taken. */
static void make_room(struct counts_table *t, uint64_t seed)
{
	struct counts_table larger = *t;

	if (4 * (t->n + 1) <= 3 * t->room)
		return;
	larger.room = t->room ? 2 * t->room : FIRST_ROOM;
	larger.v = xcalloc(larger.room, sizeof(*larger.v));
	for (size_t i = 0; i < t->room; i++)
		if (t->v[i].count)
			*slot(&larger, seed, t->v[i].from, t->v[i].to) = t->v[i];
	free(t->v);
	*t = larger;
}

static size_t lines(const struct counts *c)
{
	return c->ranges.n + c->branches.n + c->addresses.n;
}

static bool add(struct counts *c, struct counts_table *t, uint64_t from, uint64_t to,
		uint64_t count)
{
	struct raw_count *line;

	if (!count)
		return true;
	make_room(t, c->seed);
	line = slot(t, c->seed, from, to);
	if (count > INT64_MAX - t->total ||
	    (!line->count && c->most_lines && lines(c) >= c->most_lines)) {
		c->refused++;
		return false;
	}
	if (!line->count)
		t->n++;
	*line = (struct raw_count){ from, to, line->count + count };
	t->total += count;
	return true;
}

bool counts_range(struct counts *c, uint64_t first, uint64_t last, uint64_t count)
{
	return add(c, &c->ranges, first, last, count);
}

bool counts_branch(struct counts *c, uint64_t from, uint64_t to, uint64_t count)
{
	return add(c, &c->branches, from, to, count);
}

bool counts_address(struct counts *c, uint64_t address, uint64_t count)
{
	return add(c, &c->addresses, address, address, count);
}

struct raw_counts counts_sorted(const struct counts_table *t)
{
	struct raw_counts sorted = { 0 };

	for (size_t i = 0; i < t->room; i++)
		if (t->v[i].count)
			raw_push(&sorted, t->v[i].from, t->v[i].to, t->v[i].count);
	raw_sort(&sorted);
	return sorted;
}

static void xwrite(const char *directory, const char *unit, const char *suffix, const char *text,
		   size_t bytes)
{
	char *path = xasprintf("%s/%s.%s", directory, unit, suffix);

	xfs_write(path, text, bytes);
	free(path);
}

static void xwrite_raw(const struct counts *c, const char *directory, const char *unit)
{
	struct raw_profile p = { counts_sorted(&c->ranges), counts_sorted(&c->branches) };
	size_t bytes;
	char *text = raw_format(&p, &bytes);

	xwrite(directory, unit, "raw", text, bytes);
	free(text);
	raw_release(&p);
}

static void xwrite_addresses(const struct counts *c, const char *directory, const char *unit)
{
	struct raw_counts sorted = counts_sorted(&c->addresses);
	size_t bytes;
	char *text = NULL;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		die("out of memory");
	fprintf(out, "%zu\n", sorted.n);
	for (size_t i = 0; i < sorted.n; i++)
		fprintf(out, "%" PRIx64 ":%" PRIu64 "\n", sorted.v[i].from, sorted.v[i].count);
	if (fclose(out))
		die("out of memory");
	xwrite(directory, unit, "addresses", text, bytes);
	free(text);
	free(sorted.v);
}

void xcounts_write(struct counts *c, const char *directory, const char *unit)
{
	if (c->ranges.n || c->branches.n)
		xwrite_raw(c, directory, unit);
	if (c->addresses.n)
		xwrite_addresses(c, directory, unit);
}
