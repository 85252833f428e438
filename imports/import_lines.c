/* SPDX-License-Identifier: MIT */
/* import: an AutoFDO profile, counts by source line; of the kernel, the app or init */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../profiles/lines.h"
#include "../profiles/profdata.h"
#include "findings.h"
#include "import.h"

/* Lines are not bound to a build: the newest generation if none is said. */
static const struct build *generation_of(const struct import *im)
{
	const struct build *g = xbuilds_number(&im->builds, im->number ? im->number : "latest");

	finding("build ids",
		"none in such a file, and none needed: counts by source line; held against "
		"generation %u%s",
		g->number, im->number ? ", because GEN= says so" : ", the newest");
	return g;
}

/* The unit with the largest share of samples in functions that it has. */
static enum unit best_unit(const struct import *im, const struct build *g, struct lines_share *best)
{
	enum unit found = UNIT_NONE;

	for (enum unit unit = UNIT_KERNEL; unit <= UNIT_APP; unit++) {
		char *elf =
			xasprintf("%s/%s.debug", g->directory, builds_unit_name(&im->builds, unit));
		struct lines_share share;
		char *error = lines_look(&share, im->file, elf);

		if (error)
			die_hint("taken are LLVM's sample profiles, as text, binary or extbinary; "
				 "gcov's of GCC are not",
				 "cannot read '%s': %s", im->file, error);
		if (found == UNIT_NONE || share.known_samples > best->known_samples) {
			found = unit;
			*best = share;
		}
		free(elf);
	}
	return found;
}

/* In the format that the store keeps, whatever it was in. */
static char *xconverted(const struct import *im)
{
	const char *base = getenv("TMPDIR");
	char *directory = xfs_temporary_directory(base ? base : "/tmp", "anneal-import"),
	     *path = xasprintf("%s/prof", directory), *error;
	struct strlist inputs = STRLIST_INIT;

	strlist_pushf(&inputs, "1,%s", im->file);
	error = profdata_merge(&inputs, path);
	if (error) {
		xfs_remove(directory);
		die("%s", error);
	}
	strlist_release(&inputs);
	free(directory);
	return path;
}

void import_lines(const struct import *im)
{
	struct recordfile r = { .builds = &im->builds,
				.method = "autofdo",
				.kind = "lines",
				.weight = im->weight,
				.partial = true };
	struct lines_share share = { 0 };
	char *prof, *samples;
	enum unit unit;

	finding("file", "%s, an AutoFDO profile", im->base);
	r.generation = generation_of(im);
	unit = best_unit(im, r.generation, &share);
	samples = grouped(share.samples);
	finding("inside",
		"%.1f %% of %s samples and %llu of %llu functions are of functions that %s has",
		lines_percent(&share), samples, (unsigned long long)share.known_functions,
		(unsigned long long)share.functions, builds_unit_name(&im->builds, unit));
	if (!share.samples || lines_percent(&share) < lines_least_percent)
		refuse("a profile of the same sources is needed; another APP=?",
		       "less than %.0f %% of the samples are in functions of vmlinux or %s: this is "
		       "a profile of another program",
		       lines_least_percent, im->builds.app);
	finding("quality",
		"fair: counts by line of a build that is not known; what has changed since "
		"does not match");
	finding("partial", "one unit alone: the relink uses the profile for %s only",
		builds_unit_name(&im->builds, unit));
	finding("kept",
		"counts by function and line; LLVM's format has no host name, command line or path");
	prof = xconverted(im);
	xrecordfile_write_lines(&r, im->output, unit, prof);
	*strrchr(prof, '/') = '\0';
	xfs_remove(prof);
}
