/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/util.h"

enum { MAXIMUM_LINES = 1 << 20 };

static bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

bool cache_init(struct cache *c, uint64_t lines, uint64_t ways, uint64_t line_bytes)
{
	if (!ways || !lines || lines > MAXIMUM_LINES || lines % ways ||
	    !is_power_of_two(lines / ways) || !is_power_of_two(line_bytes))
		return false;
	c->sets = (unsigned)(lines / ways);
	c->ways = (unsigned)ways;
	c->line_shift = (unsigned)__builtin_ctzll(line_bytes);
	c->lines = xcalloc(lines, sizeof(*c->lines));
	return true;
}

void cache_release(struct cache *c)
{
	free(c->lines);
	c->lines = NULL;
}

void cache_empty(struct cache *c)
{
	memset(c->lines, 0, (size_t)c->sets * c->ways * sizeof(*c->lines));
}

static uint64_t *set_of(const struct cache *c, uint64_t line)
{
	return c->lines + (line & (c->sets - 1)) * c->ways;
}

bool cache_touch(struct cache *c, uint64_t address)
{
	uint64_t line = address >> c->line_shift, *set = set_of(c, line);
	unsigned way = 0;
	bool hit;

	if (set[0] == line + 1)
		return true;
	while (way < c->ways && set[way] != line + 1)
		way++;
	hit = way < c->ways;
	if (!hit)
		way = c->ways - 1;
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = line + 1;
	return hit;
}

bool cache_has(const struct cache *c, uint64_t address)
{
	uint64_t line = address >> c->line_shift, *set = set_of(c, line);

	for (unsigned way = 0; way < c->ways; way++)
		if (set[way] == line + 1)
			return true;
	return false;
}
