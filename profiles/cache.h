/* SPDX-License-Identifier: MIT */
/*
 * cache.h - a model of a cache or of a TLB: sets, ways, true LRU
 *
 * A line holds 1 << line_shift bytes; a TLB is a cache whose lines are pages. What
 * is looked up is a virtual address, as the L1 caches of x86 are indexed with bits that
 * translation does not change. A miss fills the line, reads and writes alike.
 * Nothing else is modelled: no prefetch, no other level, no speculation.
 */
#ifndef PROFILES_CACHE_H
#define PROFILES_CACHE_H

#include <stdbool.h>
#include <stdint.h>

struct cache {
	unsigned sets; /* a power of two */
	unsigned ways;
	unsigned line_shift;
	uint64_t *lines; /* sets x ways, most recently used first; line number + 1, 0: empty */
};

/*
 * `lines` is how many there are in all. False, and nothing allocated, if lines / ways is no
 * power of two, or line_bytes is none.
 */
bool cache_init(struct cache *c, uint64_t lines, uint64_t ways, uint64_t line_bytes);
void cache_release(struct cache *c);
void cache_empty(struct cache *c);

/* Look `address` up; true if it was there. It is the most recently used one afterwards. */
bool cache_touch(struct cache *c, uint64_t address);

/* The same without filling: is it there? */
bool cache_has(const struct cache *c, uint64_t address);

#endif
