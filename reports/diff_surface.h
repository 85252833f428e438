/* SPDX-License-Identifier: MIT */
/*
 * diff_surface.h - what a guest offers: system calls, drivers, functions; and its size by part
 */
#ifndef REPORTS_DIFF_SURFACE_H
#define REPORTS_DIFF_SURFACE_H

#include "diff_side.h"

/* Set the record's "size": parts[] { name, depth, from, to, delta }, bytes. */
void diff_parts(json_t *record, const struct diff_sides *sides);

/*
 * Set the record's "syscalls" and "drivers" { from, to, added, removed } and "functions"
 * { from, to }. What a side does not record is in not_compared[].
 */
void diff_surface(json_t *record, const struct diff_sides *sides);

#endif
