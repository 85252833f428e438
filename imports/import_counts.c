/* SPDX-License-Identifier: MIT */
/* import: text of counts by address, of one unit or of several, told apart by address */
#include <stdlib.h>

#include "../pipeline/lib/fs.h"
#include "addresstext.h"
#include "findings.h"
#include "import.h"

struct sorted_out {
	struct counts units[UNITS];
	uint64_t samples[UNITS]; /* of each: counts */
	uint64_t all, outside;
};

/* Its unit in this generation; both ends are in the same one. */
static enum unit unit_of(const struct build *g, uint64_t from, uint64_t to)
{
	for (enum unit unit = 0; unit < UNITS; unit++) {
		const struct build_unit *u = &g->units[unit];

		if (from >= u->start && from < u->end && to >= u->start && to < u->end)
			return unit;
	}
	return UNIT_NONE;
}

typedef bool add_line(struct counts *c, uint64_t from, uint64_t to, uint64_t count);

static bool add_address(struct counts *c, uint64_t address, uint64_t same, uint64_t count)
{
	(void)same;
	return counts_address(c, address, count);
}

static void take(struct sorted_out *s, const struct build *g, add_line *add,
		 const struct raw_count *line, bool is_sample)
{
	enum unit unit = unit_of(g, line->from, line->to);

	s->all += is_sample ? line->count : 0;
	if (unit == UNIT_NONE) {
		s->outside += is_sample ? line->count : 0;
		return;
	}
	s->samples[unit] += is_sample ? line->count : 0;
	add(&s->units[unit], line->from, line->to, line->count);
}

static void take_raw(struct sorted_out *s, const struct import *im, const struct build *g,
		     const char *text, size_t bytes)
{
	struct raw_profile raw;
	char *error = raw_parse(&raw, im->file, text, bytes);

	if (error)
		die("%s", error);
	for (size_t i = 0; i < raw.ranges.n; i++)
		take(s, g, counts_range, &raw.ranges.v[i], true);
	for (size_t i = 0; i < raw.branches.n; i++)
		take(s, g, counts_branch, &raw.branches.v[i], false);
	raw_release(&raw);
}

static void take_addresses(struct sorted_out *s, const struct import *im, const struct build *g,
			   const char *text, size_t bytes)
{
	struct address_counts a;
	char *error = addresses_parse(&a, im->file, text, bytes);

	if (error)
		die("%s", error);
	for (size_t i = 0; i < a.n; i++) {
		struct raw_count line = { a.v[i].address, a.v[i].address, a.v[i].count };

		take(s, g, add_address, &line, true);
	}
	addresses_release(&a);
}

static void say_inside(const struct import *im, const struct sorted_out *s)
{
	finding("inside", "%.1f %% of the counts are in the image: vmlinux %.1f %%, %s %.1f %%",
		share_percent(s->all - s->outside, s->all),
		share_percent(s->samples[UNIT_KERNEL], s->all), im->builds.app,
		share_percent(s->samples[UNIT_APP], s->all));
}

void import_counts(const struct import *im)
{
	bool is_raw = im->kind == PERF_KIND_RAW;
	struct recordfile r = { .builds = &im->builds,
				.method = is_raw ? "raw" : "samples",
				.kind = is_raw ? "branches" : "addresses",
				.weight = im->weight };
	struct sorted_out s = { 0 };
	size_t bytes;
	char *text;

	for (enum unit unit = 0; unit < UNITS; unit++)
		counts_init(&s.units[unit], 0);
	text = xfs_read(im->file, &bytes);
	finding("file", "%s, %s", im->base,
		is_raw ? "raw counts: ranges and branches" : "counts of addresses");
	r.generation = import_named(im, "such text");
	if (is_raw)
		take_raw(&s, im, r.generation, text, bytes);
	else
		take_addresses(&s, im, r.generation, text, bytes);
	free(text);
	say_inside(im, &s);
	if (!s.samples[UNIT_KERNEL] && !s.samples[UNIT_APP])
		refuse("llvm-profgen writes absolute addresses with --use-offset=false",
		       "no count is in vmlinux or %s of generation %u", im->builds.app,
		       r.generation->number);
	r.partial = !s.samples[UNIT_KERNEL] || !s.samples[UNIT_APP];
	import_judge(im, r.generation, s.units, s.samples, is_raw);
	if (!is_raw)
		r.samples = json_pack("{s:I, s:I, s:i, s:i}", "total", (json_int_t)s.all, "inside",
				      (json_int_t)(s.all - s.outside), "lost", 0, "excluded", 0);
	import_keep(im, &r, s.units);
}
