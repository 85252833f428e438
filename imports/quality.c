/* SPDX-License-Identifier: MIT */
#include "quality.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"
#include "../profiles/check.h"
#include "../profiles/patched.h"
#include "../profiles/waiting.h"

const double quality_dense = 50;
static const double cutoff = 0.99, plain_cutoff = 0.9, too_thin = 5; /* a tenth of dense: our own */

struct part {
	double density, counted;
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

/* `counted` by function: bytes or, if `is_plain`, samples. */
static void find_density(struct quality *q, const struct code *code, const double *counted,
			 bool is_plain)
{
	struct part *parts = xcalloc(code->function_count, sizeof(*parts));
	double all = 0, sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < code->function_count; i++) {
		const struct code_function *f = &code->functions[i];

		if (!f->has_debug_info || counted[i] <= 0)
			continue;
		parts[n++] =
			(struct part){ counted[i] / (is_plain ? 1 : (double)(f->end - f->start)),
				       counted[i] };
		all += counted[i];
	}
	qsort(parts, n, sizeof(*parts), by_density);
	for (size_t i = 0; i < n && sum < all * (is_plain ? plain_cutoff : cutoff); i++) {
		sum += parts[i].counted;
		q->density = parts[i].density;
		q->functions++;
	}
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
	find_density(q, code, bytes, false);
	q->misfit_percent = check_rejected_percent(&check);
	check_release(&check);
	patched_release(&patched);
	raw_release(&raw);
	free(bytes);
}

/* A program counter is always where an instruction begins; in another program it rarely is. */
static void look_at_addresses(struct quality *q, struct code *code, const char *unit,
			      const struct counts *c)
{
	struct raw_counts sorted = counts_sorted(&c->addresses);
	double *samples = xcalloc(code->function_count, sizeof(*samples));
	struct exclusions waiting;
	struct patched patched;
	uint64_t misfits = 0, waits = 0;

	patched_read(&patched, code);
	xwaiting_read(&waiting, unit, code->path);
	for (size_t i = 0; i < sorted.n; i++) {
		const struct code_function *f = code_find(code, sorted.v[i].from);

		if (waiting_at(&waiting, sorted.v[i].from))
			waits += sorted.v[i].count;
		else if (f)
			samples[f - code->functions] += (double)sorted.v[i].count;
		if (!code_is_boundary(code, sorted.v[i].from) &&
		    !patched_find(&patched, sorted.v[i].from))
			misfits += sorted.v[i].count;
	}
	find_density(q, code, samples, true);
	q->waiting_percent = sorted.n ? 100 * (double)waits / (double)c->addresses.total : 0;
	q->misfit_percent = sorted.n ? 100 * (double)misfits / (double)c->addresses.total : 0;
	patched_release(&patched);
	free(sorted.v);
	free(samples);
}

void xquality_of(struct quality *q, const char *unit, const char *elf, const struct counts *c)
{
	struct code code;
	char *error = code_open(&code, elf);

	if (error)
		die("%s", error);
	*q = (struct quality){ 0 };
	if (c->addresses.n)
		look_at_addresses(q, &code, unit, c);
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
