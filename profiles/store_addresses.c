/* SPDX-License-Identifier: MIT */
#include "store_addresses.h"

#include <libgen.h>
#include <stdlib.h>

#include "../imports/spread.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "elfmap.h"
#include "exclusions.h"

static void xread(struct address_counts *a, const char *path)
{
	size_t bytes;
	char *text = xfs_read(path, &bytes), *error = addresses_parse(a, path, text, bytes);

	if (error)
		die("%s", error);
	free(text);
}

/* How many samples were in code that waits; they are gone afterwards. */
static uint64_t xdrop_waiting(struct address_counts *a, const char *elf)
{
	char *self = xfs_absolute("/proc/self/exe");
	char *rules = xasprintf("%s/src/profiles/excluded.rules", dirname(self));
	struct exclusions waiting;
	struct elfmap map;
	uint64_t dropped = 0;
	size_t kept = 0, next = 0;

	xelfmap_read(&map, elf);
	xexclusions_read(&waiting, rules, &map);
	for (size_t i = 0; i < a->n; i++) {
		while (next < waiting.n && waiting.v[next].end <= a->v[i].address)
			next++;
		if (next < waiting.n && waiting.v[next].start <= a->v[i].address)
			dropped += a->v[i].count;
		else
			a->v[kept++] = a->v[i];
	}
	a->n = kept;
	free(rules);
	free(self);
	return dropped;
}

static json_t *describe(const struct spread_result *r, uint64_t waiting)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:I}", "samples",
			 (json_int_t)(r->samples + waiting), "waiting", (json_int_t)waiting,
			 "outside", (json_int_t)r->outside, "unplaced", (json_int_t)r->unplaced,
			 "taken", r->only_at_starts ? "at block starts" : "anywhere", "blocks",
			 (json_int_t)r->blocks, "blocks_hit", (json_int_t)r->blocks_hit,
			 "functions_hit", (json_int_t)r->functions_hit, "functions",
			 (json_int_t)r->functions);
}

void xstore_addresses(struct raw_profile *raw, struct code *code, const char *from,
		      const char *copy, json_t **quality)
{
	struct spread_result result = { 0 };
	struct address_counts a;
	uint64_t waiting;
	char *error;

	xread(&a, from);
	xfs_copy(from, copy);
	waiting = xdrop_waiting(&a, code->path);
	error = spread_addresses(raw, code, &a, &result);
	/* then nothing is counted, which is what the check refuses it for */
	if (error)
		warn("'%s': %s", from, error);
	*quality = describe(&result, waiting);
	free(error);
	addresses_release(&a);
}
