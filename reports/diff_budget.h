/* SPDX-License-Identifier: MIT */
/*
 * diff_budget.h - how much worse a generation may be
 *
 * BUDGET is words "NAME<=LIMIT", separated by blanks:
 *
 *   size<=+1%        it may grow by one percent of what it was
 *   syscalls<=+0     by that much: with a sign it is a change
 *   size<=4.5Mi      without a sign it is a limit of the figure itself
 *   throughput>=-5%  what is better when it is higher has >=
 *
 * A number has up to 15 digits, perhaps with a dot; of bytes it may end with Ki or Mi, of
 * time with ns, us or ms: without, boot_ms is in milliseconds and all others in nanoseconds. A
 * measure that does not differ beyond noise counts as unchanged; one with too few runs is not
 * known, whatever limit it has.
 */
#ifndef REPORTS_DIFF_BUDGET_H
#define REPORTS_DIFF_BUDGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct budget_limit {
	const char *name; /* static */
	char *text;	  /* the word as it was given */
	double number;
	bool is_percent, is_change;
};

struct budget {
	struct budget_limit *v;
	size_t n;
};

/* NULL, or a sentence that says what is wrong with `text`. The caller frees it. */
char *budget_parse(struct budget *b, const char *text);

/* All names, with blanks between them; the caller frees. */
char *budget_names(void);

/*
 * Set the record's budget[]: { name, limit, limit_percent, percent, from, to, ok, why }; ok is null,
 * and why a sentence, where the figure was not compared. Returns the gate: "pass", "fail"
 * (something is over its limit), "cannot compare" (else, if a figure is missing), or NULL
 * without a budget.
 */
const char *budget_apply(const struct budget *b, json_t *record);

void budget_release(struct budget *b);

#endif
