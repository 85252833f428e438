/* SPDX-License-Identifier: MIT */
#include "linemap.h"

#include <stdint.h>
#include <stdlib.h>

#include "../pipeline/lib/util.h"

/* What a table may have; larger functions are compared from both their ends only. */
enum { MOST_CELLS = 16 << 20, OFFSETS = 0x10000 };

struct pair {
	const struct body_line *from, *to;
	size_t from_lines, to_lines;
	size_t *match; /* of each line of `from`: its line of `to`, or SIZE_MAX */
};

static bool same(const struct pair *p, size_t i, size_t j)
{
	return p->from[i].signature == p->to[j].signature;
}

/* Lengths of the longest common subsequences of what begins at i and j, for all i and j. */
static uint16_t *lengths(const struct pair *p, size_t first, size_t rows, size_t columns)
{
	uint16_t *cell = xcalloc((rows + 1) * (columns + 1), sizeof(*cell));

	for (size_t i = rows; i-- > 0;)
		for (size_t j = columns; j-- > 0;) {
			uint16_t *c = &cell[i * (columns + 1) + j];
			uint16_t down = c[columns + 1], right = c[1], both = c[columns + 2];

			*c = same(p, first + i, first + j) ? (uint16_t)(both + 1)
							   : (down > right ? down : right);
		}
	return cell;
}

static void match_between(struct pair *p, size_t first, size_t rows, size_t columns)
{
	uint16_t *cell;

	if (!rows || !columns || rows >= UINT16_MAX || columns >= MOST_CELLS / (rows + 1))
		return;
	cell = lengths(p, first, rows, columns);
	for (size_t i = 0, j = 0; i < rows && j < columns;) {
		const uint16_t *c = &cell[i * (columns + 1) + j];

		if (same(p, first + i, first + j))
			p->match[first + i++] = first + j++;
		else if (c[columns + 1] >= c[1])
			i++;
		else
			j++;
	}
	free(cell);
}

/* What is equal at the beginning and the end is taken off first: most of it, as a rule. */
static void match_equal(struct pair *p)
{
	size_t least = p->from_lines < p->to_lines ? p->from_lines : p->to_lines, head = 0,
	       tail = 0;

	while (head < least && same(p, head, head)) {
		p->match[head] = head;
		head++;
	}
	while (tail < least - head && same(p, p->from_lines - 1 - tail, p->to_lines - 1 - tail)) {
		tail++;
		p->match[p->from_lines - tail] = p->to_lines - tail;
	}
	match_between(p, head, p->from_lines - head - tail, p->to_lines - head - tail);
}

/* Lines between two equal ones, as many here as there. */
static void match_changed(struct pair *p)
{
	size_t i = 0, j = 0;

	while (i < p->from_lines) {
		size_t next = i, end;

		while (next < p->from_lines && p->match[next] == SIZE_MAX)
			next++;
		end = next < p->from_lines ? p->match[next] : p->to_lines;
		if (next - i == end - j)
			for (; i < next; i++)
				p->match[i] = j++;
		i = next + 1;
		j = end + 1;
	}
}

void linemap_make(struct linemap *m, const struct body *from, const struct body *to)
{
	struct pair p = { from->lines, to->lines, from->n, to->n,
			  xcalloc(from->n + 1, sizeof(*p.match)) };
	size_t equal = 0;

	for (size_t i = 0; i < from->n; i++)
		p.match[i] = SIZE_MAX;
	match_equal(&p);
	for (size_t i = 0; i < from->n; i++)
		equal += p.match[i] != SIZE_MAX;
	match_changed(&p);
	*m = (struct linemap){ .v = xcalloc(from->n + 1, sizeof(*m->v)), .n = from->n };
	m->similarity = from->n + to->n ? 2.0 * (double)equal / (double)(from->n + to->n) : 1;
	for (size_t i = 0; i < from->n; i++) {
		bool found = p.match[i] != SIZE_MAX;

		m->v[i] = (struct linemap_line){ from->lines[i].offset,
						 found ? to->lines[p.match[i]].offset : 0, found };
	}
	free(p.match);
}

bool linemap_find(const struct linemap *m, unsigned from, unsigned *to)
{
	size_t i = m->n;

	while (i && m->v[i - 1].from > from)
		i--;
	if (i && m->v[i - 1].from == from) {
		*to = m->v[i - 1].to;
		return m->v[i - 1].found;
	}
	while (i && !m->v[i - 1].found)
		i--;
	*to = i ? (from + m->v[i - 1].to - m->v[i - 1].from) % OFFSETS : from;
	return true;
}

bool linemap_has(const struct linemap *m, unsigned from)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].from == from)
			return true;
	return !m->n || from < m->v[0].from;
}

void linemap_release(struct linemap *m)
{
	free(m->v);
	*m = (struct linemap){ 0 };
}
