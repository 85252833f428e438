/* SPDX-License-Identifier: MIT */
/*
 * annotate.h - what the tracer cannot know of its trace.json: names
 *
 * Adds symbol and reason to each of excluded.ranges, and left_out: programs whose code is counted
 * as outside, with the reason.
 */
#ifndef PROFILES_ANNOTATE_H
#define PROFILES_ANNOTATE_H

#include "exclusions.h"
#include "pipeline/lib/strlist.h"

void xannotate_trace(const char *path, const struct exclusions *e, const struct strlist *left_out);

#endif
