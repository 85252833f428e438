/* SPDX-License-Identifier: MIT */
/*
 * part.h - what one worker added up, and all of them together
 *
 *   PART/part.json          schema 1, app, plan (its digest), groups (as in the plan),
 *                           planned (how many recordings it has), records (which are in here)
 *   PART/GROUP/UNIT.raw     rawtext.h's format, in parts of an instruction (total.h)
 *
 * The result, DIR, has a recording GROUP for each group: docs/profiles.md.
 */
#ifndef FLEETS_PART_H
#define FLEETS_PART_H

#include "plan.h"
#include "total.h"

struct part {
	char *app, *digest;
	json_t *json; /* part.json, which the groups' strings belong to */
	struct plan_group *groups;
	struct total *totals; /* as groups */
	size_t group_count;
	bool *has; /* which recordings of the plan, by index */
	size_t planned;
};

/* An empty one. */
void part_start(struct part *p, const struct plan *plan);

/* Its directory, which must not be there yet; appears by one rename. */
void xpart_write(const struct part *p, const char *directory);

/* Dies if it is damaged. */
void xpart_read(struct part *p, const char *directory);

/* Add another of the same plan; dies if it has a recording that is in here already. `name` is its. */
void xpart_join(struct part *p, const struct part *other, const char *name);

/* The result, from all parts: dies if a recording is missing. `directory` must not be there yet. */
void xpart_finish(struct part *p, const char *directory);

void part_release(struct part *p);

#endif
