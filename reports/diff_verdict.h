/* SPDX-License-Identifier: MIT */
/*
 * diff_verdict.h - a comparison in one sentence
 */
#ifndef REPORTS_DIFF_VERDICT_H
#define REPORTS_DIFF_VERDICT_H

#include <jansson.h>

/*
 * Set the record's "verdict" { text, gate } from all else in it. Only what differs beyond
 * chance is said to differ; the clock of an emulated guest has no part in it. `gate` is
 * what budget_apply() said.
 */
void diff_verdict(json_t *record, const char *gate);

#endif
