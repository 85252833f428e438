/* SPDX-License-Identifier: MIT */
#include "store_addresses.h"

#include <stdlib.h>

#include "../imports/spread.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "waiting.h"

static void xread(struct address_counts *a, const char *path)
{
	size_t bytes;
	char *text = xfs_read(path, &bytes), *error = addresses_parse(a, path, text, bytes);

	if (error)
		die("%s", error);
	free(text);
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

void xstore_addresses(struct raw_profile *raw, struct code *code, const char *unit,
		      const char *from, const char *copy, json_t **quality)
{
	struct spread_result result = { 0 };
	struct exclusions waiting;
	struct address_counts a;
	uint64_t dropped;
	char *error;

	xread(&a, from);
	xfs_copy(from, copy);
	xwaiting_read(&waiting, unit, code->path);
	dropped = waiting_drop(&waiting, &a);
	error = spread_addresses(raw, code, &a, &result);
	/* then nothing is counted, which is what the check refuses it for */
	if (error)
		warn("'%s': %s", from, error);
	*quality = describe(&result, dropped);
	free(error);
	addresses_release(&a);
}
