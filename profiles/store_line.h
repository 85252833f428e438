/* SPDX-License-Identifier: MIT */
/*
 * store_line.h - which profiles "auto" may take once a generation is promoted
 *
 * As long as no generation is promoted, all. Then only those that come from the promoted line
 * (pipeline/promotion.h): recorded on a generation of it, or on one with the same ELF files; what such a generation was linked
 * with, and what that was merged from; or a merged one of only such.
 */
#ifndef PROFILES_STORE_LINE_H
#define PROFILES_STORE_LINE_H

#include "../pipeline/lib/strlist.h"
#include "../pipeline/promotion.h"
#include "store.h"

struct store_line {
	const char *out, *app;
	struct promotions promotions;
	const struct profile *profiles; /* all of the app */
	size_t count;
	struct strlist linked_with; /* ids: the profiles of the line's generations */
};

/* Dies if a record of promotion is damaged. `profiles` stay the caller's, and are used until release. */
void xstore_line_open(struct store_line *line, const char *out, const char *app,
		      const struct profile *profiles, size_t count);

bool store_line_has(const struct store_line *line, const struct profile *p);

/* "recorded on generation 12, which is not promoted": why not. The caller frees. */
char *store_line_why_not(const struct store_line *line, const struct profile *p);

void store_line_release(struct store_line *line);

#endif
