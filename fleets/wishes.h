/* SPDX-License-Identifier: MIT */
/*
 * wishes.h - the file of weights: what shall count how much
 *
 *   half-life DAYS           a recording this old counts half; "never": age does not matter (30)
 *   host-records NUMBER      all of one host count at most as this many of its weightiest (4)
 *   load NAME PERCENT        the share of the recordings with this load; the others share the rest
 *   record-cap PERCENT       no recording has more of the result (5)
 *   host-cap PERCENT         no host has more of the result (20)
 *
 * In parentheses what holds without such a line. Lines are fields.h's.
 */
#ifndef FLEETS_WISHES_H
#define FLEETS_WISHES_H

#include <stddef.h>

struct wished_load {
	char *name;
	double share; /* from 0 to 1 */
};

struct wishes {
	double half_life_days; /* 0: never */
	double host_records;
	double record_cap, host_cap; /* from 0 to 1 */
	struct wished_load *loads;
	size_t load_count;
};

#define WISHES_DEFAULT { 30, 4, 0.05, 0.20, NULL, 0 }

/* NULL, or a sentence with file and line that the caller frees. */
char *wishes_parse(struct wishes *w, const char *name, const char *text, size_t bytes);
void wishes_release(struct wishes *w);

#endif
