/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "check.h"

static const struct {
	const char *name, *sentence;
} reasons[] = {
	[CHECK_RANGE_OUTSIDE] = { "outside", "no code of this ELF is there" },
	[CHECK_RANGE_REVERSED] = { "reversed", "the range ends before it starts" },
	[CHECK_RANGE_STARTS_INSIDE] = { "starts-inside", "the range starts within an instruction" },
	[CHECK_RANGE_ENDS_INSIDE] = { "ends-inside", "the range ends within an instruction" },
	[CHECK_RANGE_CROSSES] = { "crosses-functions",
				  "the range goes from one function into the next" },
	[CHECK_RANGE_RUNS_THROUGH] = { "runs-through",
				       "the range runs through a jump, call or return" },
	[CHECK_BRANCH_OUTSIDE] = { "source-outside", "no code of this ELF is at the source" },
	[CHECK_BRANCH_NOT_ONE] = { "not-a-branch", "no branch instruction is at the source" },
	[CHECK_BRANCH_TARGET_OUTSIDE] = { "target-outside",
					  "no code of this ELF is at the target" },
	[CHECK_BRANCH_WRONG_TARGET] = { "wrong-target", "the instruction goes elsewhere" },
	[CHECK_BRANCH_TARGET_INSIDE] = { "target-inside", "the target is within an instruction" },
	[CHECK_BRANCH_NOT_ENTRY] = { "not-an-entry", "no function begins where the call goes" },
	[CHECK_BRANCH_NOT_RETURN] = { "not-behind-call",
				      "no call is before the place the return goes to" },
};

static bool is_of_range(enum check_reason reason)
{
	return reason < CHECK_BRANCH_OUTSIDE;
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* Four decimals: enough for a reader, and the same on every machine. */
static json_t *json_percent(double value)
{
	return json_real((double)(int64_t)(value * 10000 + 0.5) / 10000);
}

json_t *check_json_percent(uint64_t part, uint64_t whole)
{
	return json_percent(percent(part, whole));
}

double check_rejected_percent(const struct check *c)
{
	double ranges = percent(c->ranges.rejected, c->ranges.counts),
	       branches = percent(c->branches.rejected, c->branches.counts);

	return ranges > branches ? ranges : branches;
}

double check_symbolized_percent(const struct check *c)
{
	uint64_t compiled = c->instructions - c->assembly_instructions;

	return compiled ? percent(c->debug_instructions, compiled) : 100;
}

/* The reason with the most counts, which says where to look. */
static enum check_reason worst(const struct check *c, bool of_range)
{
	enum check_reason found = of_range ? 0 : CHECK_BRANCH_OUTSIDE;

	for (enum check_reason r = found; r < CHECK_REASONS; r++)
		if (is_of_range(r) == of_range &&
		    c->by_reason[r].counts > c->by_reason[found].counts)
			found = r;
	return found;
}

static char *rejected_verdict(const struct check *c, double limit)
{
	double ranges = percent(c->ranges.rejected, c->ranges.counts);
	bool of_range = ranges > limit;
	enum check_reason reason = worst(c, of_range);
	const struct check_tally *t = &c->by_reason[reason];

	return xasprintf(
		"%.2f %% of the counts of %s cannot have come from this ELF, which is more "
		"than %g %%; most of them: %s, as in %" PRIx64 "%s%" PRIx64 ":%" PRIu64,
		check_rejected_percent(c), of_range ? "ranges" : "branches", limit,
		reasons[reason].sentence, t->examples[0].from, of_range ? "-" : "->",
		t->examples[0].to, t->examples[0].count);
}

/* How much of the functions that have names has debug information, by bytes. */
static double code_percent(const struct code *code)
{
	uint64_t all = 0, known = 0;

	for (size_t i = 0; i < code->function_count; i++) {
		const struct code_function *f = &code->functions[i];

		all += *f->name ? f->end - f->start : 0;
		known += f->has_debug_info ? f->end - f->start : 0;
	}
	return percent(known, all);
}

char *check_verdict(const struct check *c, const struct check_limits *limits)
{
	if (c->overflow)
		return xasprintf("the counted instructions do not fit in 63 bits: these are no "
				 "counts of executions");
	if (!c->ranges.counts)
		return xasprintf("it is empty: nothing was counted");
	if (check_rejected_percent(c) > limits->rejected)
		return rejected_verdict(c, limits->rejected);
	if (!c->code->debug_function_count)
		return xasprintf("its ELF has no debug information, so that counts cannot become "
				 "lines of source");
	if (code_percent(c->code) < limits->symbolized)
		return xasprintf("only %.2f %% of its ELF's code has debug information; %g %% are "
				 "needed",
				 code_percent(c->code), limits->symbolized);
	if (check_symbolized_percent(c) < limits->symbolized)
		return xasprintf(
			"only %.2f %% of its compiled instructions are in functions with debug "
			"information; %g %% are needed",
			check_symbolized_percent(c), limits->symbolized);
	return NULL;
}

static json_t *examples(const struct check_tally *t, const char *between)
{
	json_t *list = json_array();

	for (size_t i = 0; i < CHECK_EXAMPLES && i < t->lines; i++) {
		char *line = xasprintf("%" PRIx64 "%s%" PRIx64 ":%" PRIu64, t->examples[i].from,
				       between, t->examples[i].to, t->examples[i].count);

		json_array_append_new(list, json_string(line));
		free(line);
	}
	return list;
}

static json_t *rejected(const struct check *c)
{
	json_t *list = json_array();

	for (enum check_reason r = 0; r < CHECK_REASONS; r++) {
		const struct check_tally *t = &c->by_reason[r];
		bool of_range = is_of_range(r);
		const struct check_total *total = of_range ? &c->ranges : &c->branches;

		if (!t->lines)
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "kind",
					of_range ? "range" : "branch", "reason", reasons[r].name,
					"sentence", reasons[r].sentence, "lines",
					(json_int_t)t->lines, "counts", (json_int_t)t->counts,
					"percent", json_percent(percent(t->counts, total->counts)),
					"examples", examples(t, of_range ? "-" : "->")));
	}
	return list;
}

static json_t *total(const struct check_total *t, size_t kept)
{
	return json_pack("{s:I, s:I, s:I, s:o, s:I}", "lines", (json_int_t)t->lines, "counts",
			 (json_int_t)t->counts, "rejected", (json_int_t)t->rejected,
			 "rejected_percent", json_percent(percent(t->rejected, t->counts)),
			 "lines_checked", (json_int_t)kept);
}

struct hot {
	const struct code_function *function;
	uint64_t instructions;
};

static int compare_hot(const void *a, const void *b)
{
	const struct hot *x = a, *y = b;

	if (x->instructions != y->instructions)
		return x->instructions > y->instructions ? -1 : 1;
	return (x->function->start > y->function->start) -
	       (x->function->start < y->function->start);
}

static json_t *hot_functions(const struct check *c)
{
	struct hot *hot = xcalloc(c->code->function_count, sizeof(*hot));
	json_t *list = json_array();
	size_t n = 0;

	for (size_t i = 0; i < c->code->function_count; i++)
		if (c->by_function[i])
			hot[n++] = (struct hot){ &c->code->functions[i], c->by_function[i] };
	qsort(hot, n, sizeof(*hot), compare_hot);
	for (size_t i = 0; i < n && i < CHECK_HOT_FUNCTIONS; i++) {
		const struct code_function *f = hot[i].function;

		json_array_append_new(
			list,
			json_pack("{s:s, s:I, s:o, s:b}", "name", *f->name ? f->name : "(no name)",
				  "instructions", (json_int_t)hot[i].instructions, "percent",
				  json_percent(percent(hot[i].instructions, c->instructions)),
				  "debug_info", (int)f->has_debug_info));
	}
	free(hot);
	return list;
}

static uint64_t functions_with_counts(const struct check *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->code->function_count; i++)
		n += c->by_function[i] != 0;
	return n;
}

json_t *check_result(const struct check *c, const char *verdict)
{
	return json_pack("{s:i, s:s, s:b, s:o, s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}",
			 "schema", 1, "build_id", c->code->build_id, "accepted", !verdict, "reason",
			 verdict ? json_string(verdict) : json_null(), "instructions",
			 (json_int_t)(c->overflow ? 0 : c->instructions), "symbolized_percent",
			 json_percent(check_symbolized_percent(c)), "assembly_percent",
			 json_percent(percent(c->assembly_instructions, c->instructions)),
			 "functions", (json_int_t)functions_with_counts(c), "patched",
			 (json_int_t)c->by_reason[CHECK_PATCHED].counts, "ranges",
			 total(&c->ranges, c->checked.ranges.n), "branches",
			 total(&c->branches, c->checked.branches.n), "rejected", rejected(c), "hot",
			 hot_functions(c));
}
