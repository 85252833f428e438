/* SPDX-License-Identifier: MIT */
#include "chain.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* Which entries a row has: its edges, and where elimination of the rows before puts something. */
static void mark_row(const struct chain *c, uint32_t row, char *marks)
{
	for (uint32_t k = 0; k < row; k++)
		if (marks[k])
			for (size_t i = c->diagonal[k] + 1; i < c->first[k + 1]; i++)
				marks[c->entries[i].state] = 1;
}

static void keep_row(struct chain *c, uint32_t row, const char *marks, size_t *room)
{
	size_t n = c->first[row];

	for (uint32_t state = 0; state < c->n; state++) {
		if (!marks[state])
			continue;
		if (n == *room) {
			*room = *room ? 2 * *room : 64;
			c->entries = xrealloc(c->entries, *room * sizeof(*c->entries));
		}
		if (state == row)
			c->diagonal[row] = n;
		c->entries[n++] = (struct chain_entry){ state, 0 };
	}
	c->first[row + 1] = n;
}

/* The edges of each state, one after the other: first[state] and so on. */
static uint32_t *by_state(uint32_t n, const uint32_t *from, const uint32_t *to, size_t edges,
			  size_t **first)
{
	uint32_t *list = xcalloc(edges + 1, sizeof(*list));

	*first = xcalloc((size_t)n + 2, sizeof(**first));
	for (size_t i = 0; i < edges; i++)
		(*first)[from[i] + 2]++;
	for (uint32_t i = 2; i <= n + 1; i++)
		(*first)[i] += (*first)[i - 1];
	for (size_t i = 0; i < edges; i++)
		list[(*first)[from[i] + 1]++] = to[i];
	return list;
}

void chain_build(struct chain *c, uint32_t n, const uint32_t *from, const uint32_t *to,
		 size_t edges)
{
	size_t *first, room = 0;
	uint32_t *list = by_state(n, from, to, edges, &first);
	char *marks = xmalloc((size_t)n + 1);

	*c = (struct chain){ .n = n,
			     .first = xcalloc((size_t)n + 1, sizeof(*c->first)),
			     .diagonal = xcalloc((size_t)n + 1, sizeof(*c->diagonal)),
			     .row = xcalloc((size_t)n + 1, sizeof(*c->row)) };
	for (uint32_t row = 0; row < n; row++) {
		memset(marks, 0, n);
		marks[row] = 1;
		for (size_t i = first[row]; i < first[row + 1]; i++)
			marks[list[i]] = 1;
		mark_row(c, row, marks);
		keep_row(c, row, marks, &room);
	}
	free(marks);
	free(list);
	free(first);
}

void chain_release(struct chain *c)
{
	free(c->entries);
	free(c->first);
	free(c->diagonal);
	free(c->row);
	*c = (struct chain){ 0 };
}

void chain_clear(struct chain *c)
{
	for (size_t i = 0; i < c->first[c->n]; i++)
		c->entries[i].value = 0;
	for (uint32_t row = 0; row < c->n; row++)
		c->entries[c->diagonal[row]].value = 1;
}

void chain_share(struct chain *c, uint32_t from, uint32_t to, double share)
{
	size_t low = c->first[from], high = c->first[from + 1];

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (c->entries[middle].state <= to)
			low = middle;
		else
			high = middle;
	}
	c->entries[low].value -= share;
}

/* Doolittle's factors of the identity less the shares, row by row. */
void chain_factorize(struct chain *c)
{
	for (uint32_t row = 0; row < c->n; row++) {
		size_t first = c->first[row], end = c->first[row + 1];

		for (size_t i = first; i < end; i++)
			c->row[c->entries[i].state] = c->entries[i].value;
		for (size_t i = first; i < c->diagonal[row]; i++) {
			uint32_t k = c->entries[i].state;
			double factor = c->row[k] / c->entries[c->diagonal[k]].value;

			c->row[k] = factor;
			for (size_t j = c->diagonal[k] + 1; j < c->first[k + 1]; j++)
				c->row[c->entries[j].state] -= factor * c->entries[j].value;
		}
		for (size_t i = first; i < end; i++)
			c->entries[i].value = c->row[c->entries[i].state];
	}
}

/* With the transposed factors: upper ones first. */
void chain_visits(const struct chain *c, double *visits)
{
	for (uint32_t row = 0; row < c->n; row++) {
		visits[row] /= c->entries[c->diagonal[row]].value;
		for (size_t i = c->diagonal[row] + 1; i < c->first[row + 1]; i++)
			visits[c->entries[i].state] -= c->entries[i].value * visits[row];
	}
	for (uint32_t row = c->n; row-- > 0;)
		for (size_t i = c->first[row]; i < c->diagonal[row]; i++)
			visits[c->entries[i].state] -= c->entries[i].value * visits[row];
}

void chain_worth(const struct chain *c, double *worth)
{
	for (uint32_t row = 0; row < c->n; row++)
		for (size_t i = c->first[row]; i < c->diagonal[row]; i++)
			worth[row] -= c->entries[i].value * worth[c->entries[i].state];
	for (uint32_t row = c->n; row-- > 0;) {
		for (size_t i = c->diagonal[row] + 1; i < c->first[row + 1]; i++)
			worth[row] -= c->entries[i].value * worth[c->entries[i].state];
		worth[row] /= c->entries[c->diagonal[row]].value;
	}
}
