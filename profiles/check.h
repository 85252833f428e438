/* SPDX-License-Identifier: MIT */
/*
 * check.h - can these counts have come from this ELF?
 *
 * Every line is held against the disassembled code. A line that cannot have
 * happened is rejected and counted under its reason; the others remain, on the
 * boundaries of instructions. What ran where the kernel patches itself is moved
 * to the boundary of the ELF's instruction there, and counted as patched.
 */
#ifndef PROFILES_CHECK_H
#define PROFILES_CHECK_H

#include <jansson.h>
#include <stdbool.h>

#include "code.h"
#include "patched.h"
#include "rawtext.h"

enum check_reason {
	/* of ranges */
	CHECK_RANGE_OUTSIDE,
	CHECK_RANGE_REVERSED,
	CHECK_RANGE_STARTS_INSIDE,
	CHECK_RANGE_ENDS_INSIDE,
	CHECK_RANGE_CROSSES,
	CHECK_RANGE_RUNS_THROUGH,
	/* of branches */
	CHECK_BRANCH_OUTSIDE,
	CHECK_BRANCH_NOT_ONE,
	CHECK_BRANCH_TARGET_OUTSIDE,
	CHECK_BRANCH_WRONG_TARGET,
	CHECK_BRANCH_TARGET_INSIDE,
	CHECK_BRANCH_NOT_ENTRY,
	CHECK_BRANCH_NOT_RETURN,
	CHECK_REASONS,
	CHECK_GOOD = CHECK_REASONS,
	CHECK_PATCHED, /* good, as far as can be seen */
};

enum { CHECK_EXAMPLES = 3, CHECK_HOT_FUNCTIONS = 50 };

struct check_tally {
	uint64_t lines, counts;
	struct raw_count examples[CHECK_EXAMPLES];
};

struct check_total {
	uint64_t lines, counts, rejected;
};

struct check {
	struct code *code;
	const struct patched *patched;
	struct check_tally by_reason[CHECK_REASONS + 2]; /* CHECK_PATCHED, too */
	struct check_total ranges, branches;
	uint64_t instructions;	     /* executed, of these: */
	uint64_t debug_instructions; /* in functions with debug info */
	uint64_t assembly_instructions;
	uint64_t debug_bytes;	    /* counts times bytes, of functions with debug info */
	uint64_t *by_function;	    /* instructions, as code->functions */
	bool overflow;		    /* more of them than 63 bits hold */
	struct raw_profile checked; /* what remains, sorted */
};

/* What quality is asked for, in percent. */
struct check_limits {
	double rejected;   /* at most */
	double symbolized; /* at least */
};

#define CHECK_LIMITS { 1.0, 90.0 }

/* The caller releases. `c` uses the code and the sites as long as it lives. */
void check_run(struct check *c, struct code *code, const struct patched *patched,
	       const struct raw_profile *raw);
void check_release(struct check *c);

/* The larger share of rejected counts, of ranges or of branches. */
double check_rejected_percent(const struct check *c);

/*
 * Instructions in functions with debug information, of all in compiled functions
 * (assembly never has any, and nothing to optimize); 100 if there are none.
 */
double check_symbolized_percent(const struct check *c);

/* NULL if it is good enough, or why it is not; the caller frees. */
char *check_verdict(const struct check *c, const struct check_limits *limits);

/* The whole result; a new reference. docs/profiles.md describes it. */
json_t *check_result(const struct check *c, const char *verdict);

/* A share in percent, with four decimals: the same text on every machine. */
json_t *check_json_percent(uint64_t part, uint64_t whole);

#endif
