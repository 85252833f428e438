/* SPDX-License-Identifier: MIT */
/*
 * import - counts that were made elsewhere become a recording
 *
 *   import --out OUT --app APP --output REC [--generation N] [--weight W] FILE
 *
 * FILE is perf.data, the text of perf script, raw counts (profiles/rawtext.h), counts of addresses
 * (imports/addresstext.h) or an AutoFDO profile that llvm-profdata reads. A line is printed for
 * each thing that was looked at: kind of file, processor, event, build ids, branch records, share
 * of samples in the image, how many more are needed, quality, and the perf command that would
 * have been better. --generation names one where the file has no build ids; it is never put
 * above ids. Kept are counts by address and what docs/imports.md lists, nothing else.
 *
 * Exit status 0: REC is there, for "profile-store add"; 1: refused; 2: failed; 64: usage.
 */
#include "import.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/number.h"
#include "findings.h"
#include "quality.h"

enum { HEAVIEST = 1000000 }; /* as in profiles/store_merge.c */

/* Counts of another program fit badly: by chance a quarter to a third of addresses would fit. */
static const double most_misfits_percent = 10;

static const struct argp_option options[] = {
	{ "out", 'o', "DIR", 0, "where generations are kept", 0 },
	{ "app", 'a', "NAME", 0, "the app", 0 },
	{ "output", 'O', "DIR", 0, "the recording to make", 0 },
	{ "generation", 'g', "N", 0, "what ran, if the file does not say it", 0 },
	{ "weight", 'w', "W", 0, "what the counts are multiplied with when profiles are merged (1)",
	  0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct import *im = state->input;

	switch (key) {
	case 'o': im->builds.out = arg; return 0;
	case 'a': im->builds.app = arg; return 0;
	case 'O': im->output = arg; return 0;
	case 'g': im->number = *arg ? arg : NULL; return 0;
	case 'w': im->weight = number_option("WEIGHT", arg, 1, HEAVIEST); return 0;
	case ARGP_KEY_ARG:
		if (im->file)
			argp_usage(state);
		im->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!im->file || !im->builds.out || !im->output || !im->builds.app ||
		    !*im->builds.app || strchr(im->builds.app, '/'))
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static double judge_unit(const struct import *im, const struct build *g, enum unit unit,
			 const struct counts *c, uint64_t samples, bool with_branches)
{
	static const char
		with[] = "%s: %s samples, %s would be enough; the %llu functions with 99 %% "
			 "of the counts have a density of %.1f or more, LLVM wants %.0f",
		plain[] = "%s: %s samples, %s would be enough; the %llu functions with 90 %% "
			  "of them have %.0f or more each, %.0f are wanted";
	const char *name = builds_unit_name(&im->builds, unit);
	char *elf = xasprintf("%s/%s.debug", g->directory, name), *there, *needed;
	struct quality q;

	xquality_of(&q, name, elf, c);
	if (q.misfit_percent > most_misfits_percent)
		refuse(im->number ? "GEN= may have named the wrong generation" : NULL,
		       "%.1f %% of the counts cannot be of %s of generation %u: they are of another "
		       "program or another build",
		       q.misfit_percent, name, g->number);
	if (q.waiting_percent > 0.05)
		finding("waiting",
			"%s: %.1f %% of the samples are where it waits for work: they are left out",
			name, q.waiting_percent);
	there = grouped(samples);
	needed = grouped(quality_needed(&q, samples));
	finding("needed", with_branches ? with : plain, name, there, needed,
		(unsigned long long)q.functions, q.density, quality_dense);
	if (q.misfit_percent > 0.005)
		finding("misfits", "%s: %.2f %% of the counts do not fit the code", name,
			q.misfit_percent);
	free(needed);
	free(there);
	free(elf);
	return q.density;
}

double import_judge(const struct import *im, const struct build *g,
		    const struct counts units[UNITS], const uint64_t samples[UNITS],
		    bool with_branches)
{
	double least = -1;

	/* init runs while booting, if at all: it says nothing of the quality */
	for (enum unit unit = UNIT_KERNEL; unit <= UNIT_APP; unit++) {
		double density;

		if (counts_is_empty(&units[unit]))
			continue;
		density = judge_unit(im, g, unit, &units[unit], samples[unit], with_branches);
		least = least < 0 || density < least ? density : least;
	}
	finding("quality", "%s: %s", quality_word(least, with_branches),
		quality_sentence(least, with_branches));
	return least;
}

void import_keep(const struct import *im, const struct recordfile *r, struct counts units[UNITS])
{
	if (r->partial)
		finding("partial", "%s has no counts: the relink uses the profile for %s only",
			builds_unit_name(&im->builds, counts_is_empty(&units[UNIT_KERNEL])
							      ? UNIT_KERNEL
							      : UNIT_APP),
			builds_unit_name(&im->builds, counts_is_empty(&units[UNIT_KERNEL])
							      ? UNIT_APP
							      : UNIT_KERNEL));
	finding("kept",
		"counts by address, build ids, event, vendor of the processor; no host name, "
		"command line, path, user, process or time");
	xrecordfile_write(r, im->output, units);
}

const struct build *import_named(const struct import *im, const char *what)
{
	const struct build *g;

	if (!im->number)
		refuse(xasprintf("say which generation it is of with GEN=; there are %s",
				 builds_list(&im->builds)),
		       "%s has no build ids", what);
	g = xbuilds_number(&im->builds, im->number);
	finding("build ids", "none in the file; generation %u, because GEN= says so", g->number);
	return g;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  "FILE",  "Make a recording of counts from elsewhere.",
					  NULL,	   NULL,
					  NULL };
	struct import im = { .weight = 1 };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &im);
	if (!fs_exists(im.file))
		die("there is no file '%s'", im.file);
	if (!builds_read(&im.builds, im.builds.out, im.builds.app))
		die_hint(xasprintf("build one: make image APP=%s", im.builds.app),
			 "there is no image of '%s' in '%s' that counts could be of", im.builds.app,
			 im.builds.out);
	im.kind = perf_kind_of(im.file);
	im.base = fs_base(im.file);
	switch (im.kind) {
	case PERF_KIND_DATA:
	case PERF_KIND_SCRIPT: import_perf(&im); break;
	case PERF_KIND_RAW:
	case PERF_KIND_ADDRESSES: import_counts(&im); break;
	case PERF_KIND_AUTOFDO: import_lines(&im); break;
	case PERF_KIND_EMPTY:
		die_hint("was perf ended before it could write? end it with ctrl-C or SIGINT",
			 "'%s' is empty", im.file);
	default:
		die_hint("taken are perf.data, the text of perf script, raw counts, counts of "
			 "addresses and AutoFDO profiles; docs/imports.md",
			 "nobody knows what kind of file '%s' is", im.file);
	}
	return EXIT_YES;
}
