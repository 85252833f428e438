/* SPDX-License-Identifier: MIT */
#include "waiting.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

void xwaiting_read(struct exclusions *waiting, const char *unit, const char *elf)
{
	char *self, *rules;
	struct elfmap map;

	*waiting = (struct exclusions){ 0 };
	if (strcmp(unit, "vmlinux") != 0)
		return;
	self = xfs_absolute("/proc/self/exe");
	rules = xasprintf("%s/src/profiles/excluded.rules", dirname(self));
	xelfmap_read(&map, elf);
	xexclusions_read(waiting, rules, &map);
	free(rules);
	free(self);
}

bool waiting_at(const struct exclusions *waiting, uint64_t address)
{
	size_t low = 0, high = waiting->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (waiting->v[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < waiting->n && waiting->v[low].start <= address;
}

uint64_t waiting_drop(const struct exclusions *waiting, struct address_counts *a)
{
	uint64_t dropped = 0;
	size_t kept = 0;

	for (size_t i = 0; i < a->n; i++)
		if (waiting_at(waiting, a->v[i].address))
			dropped += a->v[i].count;
		else
			a->v[kept++] = a->v[i];
	a->n = kept;
	return dropped;
}
