/* SPDX-License-Identifier: MIT */
/*
 * diff_render.h - a comparison for people, from its JSON alone
 *
 * A record that lacks fields gives a shorter page.
 */
#ifndef REPORTS_DIFF_RENDER_H
#define REPORTS_DIFF_RENDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct diff_view {
	bool is_markdown;
	size_t lines;		    /* of symbols; 0: all */
	json_int_t threshold_bytes; /* smaller changes of symbols are not listed */
};

void diff_render(FILE *to, const json_t *record, const struct diff_view *view);

#endif
