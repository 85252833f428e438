/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* Is it known what instructions ran at `address`? */
static bool is_patched(const struct check *c, uint64_t address)
{
	return patched_find(c->patched, address) != NULL;
}

/* Count a range that is good: instructions first..last of one function. */
static void accept_part(struct check *c, const struct code_function *f, size_t first, size_t last,
			uint64_t count)
{
	uint64_t *function = &c->by_function[f - c->code->functions], instructions;

	raw_push(&c->checked.ranges, code_address(f, first), code_address(f, last), count);
	if (__builtin_mul_overflow(count, last - first + 1, &instructions) ||
	    __builtin_add_overflow(c->instructions, instructions, &c->instructions) ||
	    c->instructions > INT64_MAX) {
		c->overflow = true;
		return;
	}
	*function += instructions;
	if (f->has_debug_info) {
		c->debug_instructions += instructions;
		/* wraps only far beyond the limit above times the longest instruction */
		c->debug_bytes +=
			count * (f->v[last].offset + f->v[last].length - f->v[first].offset);
	}
	if (f->is_assembly)
		c->assembly_instructions += instructions;
}

/* Does an instruction of first..last, all of `f`, always go elsewhere? Patched ones may not. */
static bool flow_ends_within(const struct check *c, const struct code_function *f, size_t first,
			     size_t last)
{
	for (size_t i = first; i <= last; i++)
		if (instruction_ends_flow(f->v[i].kind) && !is_patched(c, code_address(f, i)))
			return true;
	return false;
}

/*
 * A range through several functions is possible where assembly falls through from
 * one to the next. It becomes one range for each.
 */
static enum check_reason check_path(struct check *c, const struct code_function *f, size_t first,
				    uint64_t last, uint64_t count, bool store)
{
	while (last >= f->end) {
		if (flow_ends_within(c, f, first, f->n - 1))
			return CHECK_RANGE_CROSSES;
		if (store)
			accept_part(c, f, first, f->n - 1, count);
		f = code_next(c->code, f);
		if (!f)
			return CHECK_RANGE_CROSSES;
		first = 0;
	}
	if (code_index(f, last) > first && flow_ends_within(c, f, first, code_index(f, last) - 1))
		return CHECK_RANGE_RUNS_THROUGH;
	if (store)
		accept_part(c, f, first, code_index(f, last), count);
	return CHECK_GOOD;
}

static enum check_reason check_range(struct check *c, const struct raw_count *r)
{
	const struct code_function *f = code_find(c->code, r->from);
	bool start_patched = is_patched(c, r->from), end_patched = is_patched(c, r->to);
	enum check_reason reason;
	size_t first;

	if (!f || !code_find(c->code, r->to))
		return CHECK_RANGE_OUTSIDE;
	if (r->to < r->from)
		return CHECK_RANGE_REVERSED;
	first = code_index(f, r->from);
	if (code_address(f, first) != r->from && !start_patched)
		return CHECK_RANGE_STARTS_INSIDE;
	if (!code_is_boundary(c->code, r->to) && !end_patched)
		return CHECK_RANGE_ENDS_INSIDE;
	reason = check_path(c, f, first, r->to, r->count, false);
	if (reason != CHECK_GOOD)
		return reason;
	check_path(c, f, first, r->to, r->count, true);
	return start_patched || end_patched ? CHECK_PATCHED : CHECK_GOOD;
}

/* A return goes behind a call; the first one of a new thread goes to a function. */
static enum check_reason check_return(struct check *c, uint64_t target)
{
	const struct code_function *before = code_find(c->code, target - 1);
	const struct instruction *last;

	if (code_is_entry(c->code, target))
		return CHECK_GOOD;
	if (is_patched(c, target - 1))
		return CHECK_PATCHED;
	if (!before)
		return CHECK_BRANCH_NOT_RETURN;
	last = &before->v[code_index(before, target - 1)];
	return instruction_is_call(last->kind) ? CHECK_GOOD : CHECK_BRANCH_NOT_RETURN;
}

/* From a place whose bytes are unknown: only the target can be judged. */
static enum check_reason check_patched_branch(const struct patch_site *site, struct check *c,
					      uint64_t target)
{
	if (!code_is_boundary(c->code, target) && !is_patched(c, target))
		return CHECK_BRANCH_TARGET_INSIDE;
	if (site->kind == PATCH_JUMP_LABEL && target != site->target)
		return CHECK_BRANCH_WRONG_TARGET;
	/* calls a function, or returns to behind a call */
	if (site->kind == PATCH_CALL && check_return(c, target) == CHECK_BRANCH_NOT_RETURN)
		return CHECK_BRANCH_NOT_ENTRY;
	return CHECK_PATCHED;
}

static enum check_reason check_branch(struct check *c, const struct raw_count *b)
{
	const struct code_function *f = code_find(c->code, b->from);
	const struct patch_site *site = patched_find(c->patched, b->from);
	const struct instruction *i;
	uint64_t address;

	if (!f)
		return CHECK_BRANCH_OUTSIDE;
	if (!code_find(c->code, b->to))
		return CHECK_BRANCH_TARGET_OUTSIDE;
	if (site)
		return check_patched_branch(site, c, b->to);
	i = &f->v[code_index(f, b->from)];
	address = f->start + i->offset;
	if (address != b->from || i->kind == INSTRUCTION_PLAIN || i->kind == INSTRUCTION_TRAP ||
	    i->kind == INSTRUCTION_UNKNOWN)
		return CHECK_BRANCH_NOT_ONE;
	if (instruction_is_direct(i->kind))
		return b->to == address + i->length + (uint64_t)(int64_t)i->displacement
			       ? CHECK_GOOD
			       : CHECK_BRANCH_WRONG_TARGET;
	if (!code_is_boundary(c->code, b->to))
		return is_patched(c, b->to) ? CHECK_PATCHED : CHECK_BRANCH_TARGET_INSIDE;
	if (i->kind == INSTRUCTION_CALL_INDIRECT && !code_is_entry(c->code, b->to))
		return CHECK_BRANCH_NOT_ENTRY;
	return i->kind == INSTRUCTION_RETURN ? check_return(c, b->to) : CHECK_GOOD;
}

/* An address in patched code, on the boundary of the instruction the ELF has there. */
static uint64_t on_boundary(struct check *c, uint64_t address)
{
	const struct code_function *f = code_find(c->code, address);

	return code_address(f, code_index(f, address));
}

static void tally(struct check *c, enum check_reason reason, const struct raw_count *line,
		  struct check_total *total)
{
	struct check_tally *t = &c->by_reason[reason];

	if (t->lines < CHECK_EXAMPLES)
		t->examples[t->lines] = *line;
	t->lines++;
	t->counts += line->count;
	total->lines++;
	total->counts += line->count;
	if (reason < CHECK_REASONS)
		total->rejected += line->count;
}

void check_run(struct check *c, struct code *code, const struct patched *patched,
	       const struct raw_profile *raw)
{
	*c = (struct check){ .code = code, .patched = patched };
	c->by_function = xcalloc(code->function_count, sizeof(*c->by_function));
	for (size_t i = 0; i < raw->ranges.n; i++)
		tally(c, check_range(c, &raw->ranges.v[i]), &raw->ranges.v[i], &c->ranges);
	for (size_t i = 0; i < raw->branches.n; i++) {
		const struct raw_count *b = &raw->branches.v[i];
		enum check_reason reason = check_branch(c, b);

		tally(c, reason, b, &c->branches);
		if (reason >= CHECK_GOOD)
			raw_push(&c->checked.branches, on_boundary(c, b->from),
				 on_boundary(c, b->to), b->count);
	}
	raw_sort(&c->checked.ranges);
	raw_sort(&c->checked.branches);
}

void check_release(struct check *c)
{
	free(c->by_function);
	raw_release(&c->checked);
	*c = (struct check){ 0 };
}
