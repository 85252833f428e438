/* SPDX-License-Identifier: MIT */
#include "quality.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"
#include "../profiles/check.h"
#include "../profiles/patched.h"

const double quality_dense = 50;
static const double cutoff = 0.99, too_thin = 5; /* a tenth of dense: our own line */

struct part {
	double density, bytes;
};

/* Counts times bytes by function, as code->functions. */
static void add_range(double *bytes, struct code *code, const struct raw_count *r)
{
	const struct code_function *f = code_find(code, r->from);
	size_t last;

	if (!f || r->to < r->from || r->to >= f->end)
		return;
	last = code_index(f, r->to);
	bytes[f - code->functions] +=
		(double)r->count *
		(double)(f->v[last].offset + f->v[last].length - (r->from - f->start));
}

static int by_density(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->density < y->density) - (x->density > y->density);
}

static void find_density(struct quality *q, const struct code *code, const double *bytes)
{
	struct part *parts = xcalloc(code->function_count, sizeof(*parts));
	double all = 0, sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < code->function_count; i++) {
		const struct code_function *f = &code->functions[i];

		if (!f->has_debug_info || bytes[i] <= 0)
			continue;
		parts[n++] = (struct part){ bytes[i] / (double)(f->end - f->start), bytes[i] };
		all += bytes[i];
	}
	qsort(parts, n, sizeof(*parts), by_density);
	for (size_t i = 0; i < n && sum < all * cutoff; i++) {
		sum += parts[i].bytes;
		q->density = parts[i].density;
		q->functions++;
	}
	q->counted = all < (double)INT64_MAX ? (uint64_t)all : INT64_MAX;
	free(parts);
}

/* Every line of branches and ranges against the code, as when it is kept. */
static void look_at_ranges(struct quality *q, struct code *code, const struct counts *c)
{
	struct raw_profile raw = { counts_sorted(&c->ranges), counts_sorted(&c->branches) };
	double *bytes = xcalloc(code->function_count, sizeof(*bytes));
	struct patched patched;
	struct check check;

	patched_read(&patched, code);
	check_run(&check, code, &patched, &raw);
	for (size_t i = 0; i < check.checked.ranges.n; i++)
		add_range(bytes, code, &check.checked.ranges.v[i]);
	find_density(q, code, bytes);
	q->misfit_percent = check_rejected_percent(&check);
	check_release(&check);
	patched_release(&patched);
	raw_release(&raw);
	free(bytes);
}

/* A program counter is always where an instruction begins; in another program it rarely is. */
static void look_at_addresses(struct quality *q, struct code *code, const struct counts *c)
{
	struct raw_counts sorted = counts_sorted(&c->addresses);
	double *bytes = xcalloc(code->function_count, sizeof(*bytes));
	struct patched patched;
	uint64_t misfits = 0;

	patched_read(&patched, code);
	for (size_t i = 0; i < sorted.n; i++) {
		add_range(bytes, code, &sorted.v[i]);
		if (!code_is_boundary(code, sorted.v[i].from) &&
		    !patched_find(&patched, sorted.v[i].from))
			misfits += sorted.v[i].count;
	}
	find_density(q, code, bytes);
	q->misfit_percent = sorted.n ? 100 * (double)misfits / (double)c->addresses.total : 0;
	patched_release(&patched);
	free(sorted.v);
	free(bytes);
}

void xquality_of(struct quality *q, const char *elf, const struct counts *c)
{
	struct code code;
	char *error = code_open(&code, elf);

	if (error)
		die("%s", error);
	*q = (struct quality){ 0 };
	if (c->addresses.n)
		look_at_addresses(q, &code, c);
	else
		look_at_ranges(q, &code, c);
	code_release(&code);
}

uint64_t quality_needed(const struct quality *q, uint64_t samples)
{
	double needed = q->density > 0 ? (double)samples * quality_dense / q->density : 0;

	return needed < 1 ? 1 : needed > 1e15 ? (uint64_t)1e15 : (uint64_t)(needed + 0.5);
}

const char *quality_word(double density, bool with_branches)
{
	if (density < too_thin)
		return "poor";
	return with_branches && density >= quality_dense ? "good" : "fair";
}

const char *quality_sentence(double density, bool with_branches)
{
	if (density < too_thin)
		return "too few samples: much of what is counted is chance, and rare but hot code is missing";
	if (!with_branches)
		return "plain samples: which code is hot is known, how often a branch is taken or a call "
		       "made is estimated";
	return density >= quality_dense
		       ? "branch records, and enough of them: counts of blocks, branches and calls"
		       : "branch records, but fewer than LLVM asks for: the hot code is right, the rest rough";
}
