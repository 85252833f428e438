/* SPDX-License-Identifier: MIT */
/*
 * diff_inputs.h - what went into two generations
 */
#ifndef REPORTS_DIFF_INPUTS_H
#define REPORTS_DIFF_INPUTS_H

#include "diff_side.h"

/*
 * Set the record's inputs[]: { name, from, to, changed }. from and to are text, or null
 * for none. Where a side was made by a version of Anneal that did not record it yet,
 * "recorded" is false, "why" says so, and changed is null: nobody knows.
 *
 * One of a component also has "component" and "what": version, source, compiler, flags, recipe or
 * capsule.
 *
 * The order is fixed: what a user sets, then each component's version, source, build and
 * capsule, kernel first, others by name.
 */
void diff_inputs(json_t *record, const struct diff_sides *sides);

#endif
