/* SPDX-License-Identifier: MIT */
/* import: perf.data and the text of perf script */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/term.h"
#include "advice.h"
#include "choice.h"
#include "findings.h"
#include "import.h"

/* PERF_SAMPLE_BRANCH_ANY: every taken branch, not only calls or returns (linux/perf_event.h) */
static const uint64_t branch_any = 1 << 3, branch_privileges = 7;

/* Of the records. Some are wrong on every processor; above this nothing is to be believed. */
static const double most_bogus_percent = 5;

struct reading {
	const struct import *im;
	struct processes processes;
	struct gather gather;
	struct perf_facts facts;
	struct choice choice;
	const char *doing; /* for the progress */
	unsigned shown_percent;
};

/* On a terminal a line that is rewritten, elsewhere a line for each tenth of a large file. */
static void show_progress(struct reading *r, uint64_t done, uint64_t all)
{
	enum { LARGE = 64 << 20, STEP = 10 };
	unsigned percent = all ? (unsigned)(100 * (double)done / (double)all) : 0;
	bool is_live = term_is_live();

	if (all < LARGE ||
	    (is_live ? percent == r->shown_percent : percent / STEP == r->shown_percent / STEP))
		return;
	r->shown_percent = percent;
	fprintf(stderr, "%s  %s, %u %%%s", is_live ? "\r" : "", r->doing, percent,
		is_live ? "\033[K" : "\n");
	if (is_live && percent >= 100)
		fputs("\r\033[K", stderr);
}

static void on_progress(void *user, uint64_t done, uint64_t all)
{
	show_progress(user, done, all);
}

static void on_mapping(void *user, const struct perf_mapping *m)
{
	processes_mapping(&((struct reading *)user)->processes, m);
}

static void on_fork(void *user, int32_t pid, int32_t parent)
{
	processes_fork(&((struct reading *)user)->processes, pid, parent);
}

static void on_exec(void *user, int32_t pid, const char *name)
{
	processes_exec(&((struct reading *)user)->processes, pid, name);
}

static void on_sample(void *user, const struct perf_sample *s)
{
	gather_sample(&((struct reading *)user)->gather, s);
}

static void xpass(struct reading *r, const char *doing, const struct perf_handlers *h)
{
	const struct import *im = r->im;
	char *error;

	r->doing = doing;
	r->shown_percent = 0;
	error = im->kind == PERF_KIND_DATA ? perfdata_read(im->file, h, &r->facts)
					   : perfscript_read(im->file, h, &r->facts);
	if (error)
		die("%s", error);
}

static void say_file(const struct reading *r)
{
	char *size = fs_human_bytes(r->facts.file_bytes), *samples = grouped(r->facts.samples);

	finding("file", "%s, %s, %s, %s samples%s", r->im->base,
		r->im->kind == PERF_KIND_DATA ? "perf.data" : "text of perf script", size, samples,
		r->facts.truncated ? "; it ends before its end: what is there is used" : "");
	free(samples);
	free(size);
}

/* Files of other architectures are no files for the reader. */
static void say_machine(const struct reading *r)
{
	char *arch = printable(r->facts.arch ? r->facts.arch : "architecture not said"),
	     *vendor = printable(r->facts.cpu_vendor ? r->facts.cpu_vendor : "vendor not said");

	finding("processor", "%s, %s", arch, vendor);
	free(vendor);
	free(arch);
}

static const struct perf_event_kind *event_of(const struct reading *r)
{
	return r->choice.event < r->facts.event_count ? &r->facts.events[r->choice.event] : NULL;
}

/* Names of events that people make up themselves may say more than is to be kept. */
static const char *event_name(const struct perf_event_kind *e)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/=,";
	bool is_path = e && e->name && (*e->name == '/' || strstr(e->name, "//"));

	if (!e || !e->name)
		return "not said";
	return is_path || strlen(e->name) > 64 || e->name[strspn(e->name, plain)] ? "other"
										  : e->name;
}

static void say_event(const struct reading *r)
{
	static const char *const filters[] = { "kernel and user", "kernel only (:k)",
					       "user only (:u)" };
	const struct perf_event_kind *e = event_of(r);
	char *number = grouped(e ? e->period_or_frequency : 0),
	     *rate = !e || !e->period_or_frequency ? xstrdup("how often is not said")
		     : e->is_frequency		   ? xasprintf("%s times a second", number)
						   : xasprintf("every %s", number);

	finding("event", "%s, %s, %s%s%s", event_name(e), rate, filters[r->choice.privilege],
		r->choice.guest ? ", of a guest" : "",
		r->gather.event_count > 1 ? "; other events in the file are left out" : "");
	free(rate);
	free(number);
}

static void say_ids(const struct reading *r)
{
	const struct choice *c = &r->choice;
	const char *app = r->im->builds.app;

	if (!*c->kernel_id && !*c->app_id)
		finding("build ids", "none in the file; generation %u, because GEN= says so",
			c->generation->number);
	else
		finding("build ids", "kernel %.12s%s, %s %.12s: generation %u",
			*c->kernel_id ? c->kernel_id : "not said",
			c->kernel_is_other ? " (another one: left out)" : "", app,
			*c->app_id ? c->app_id : "not said", c->generation->number);
}

/* Refuses where no sample can be of the app, or nothing says of which generation. */
static void choose(struct reading *r)
{
	char *error, *hint;

	if (!r->gather.samples)
		refuse("record again; did the load run, and did perf say how many samples it has?",
		       "there is no sample in the file");
	if (!choice_event(&r->choice, &r->gather, &r->facts)) {
		say_event(r);
		finding("better", "%s", advice_better(&r->choice, &r->facts, 0, &r->im->builds));
		refuse("record on the machine where the image runs, all processors (-a)",
		       "no sample is at an address of the kernel or the app of any generation");
	}
	say_event(r);
	error = choice_generation(&r->choice, &r->gather, r->im->number, &hint);
	if (error)
		refuse(hint, "%s", error);
	say_ids(r);
}

static void check_filter(const struct reading *r)
{
	const struct perf_event_kind *e = event_of(r);
	uint64_t filter = e ? e->branch_filter & ~branch_privileges : 0;

	if (filter && !(filter & branch_any))
		refuse("record with -b, or -j any",
		       "only branches of some kinds were recorded: what ran between them cannot be "
		       "known");
}

static void check_branches(const struct reading *r)
{
	const struct choice *c = &r->choice;
	uint64_t bogus = 0;
	char *entries;

	if (!c->with_branches) {
		finding("branches", "no branch records: plain samples, spread over basic blocks");
		return;
	}
	for (size_t i = 0; i < BOGUS_KINDS; i++)
		bogus += c->bogus[i];
	entries = grouped(c->entries);
	finding("branches",
		"%s records, stacks of up to %zu; %.2f %% bogus: zero %.2f %%, from nowhere %.2f %%, "
		"backwards %.2f %%, too far %.2f %%",
		entries, c->deepest, share_percent(bogus, c->entries),
		share_percent(c->bogus[BOGUS_ZERO], c->entries),
		share_percent(c->bogus[BOGUS_NOWHERE], c->entries),
		share_percent(c->bogus[BOGUS_BACKWARDS], c->entries),
		share_percent(c->bogus[BOGUS_FAR], c->entries));
	free(entries);
	check_filter(r);
	if (share_percent(bogus, c->entries) > most_bogus_percent) {
		finding("better", "%s", advice_better(c, &r->facts, 0, &r->im->builds));
		refuse("AMD's LBRv2 is known for it (google/autofdo 256); record plain samples, without "
		       "-b, or on another processor",
		       "more than %.0f %% of the branch records are bogus", most_bogus_percent);
	}
}

static void say_inside(const struct reading *r)
{
	const struct choice *c = &r->choice;
	char *lost = grouped(r->facts.lost);

	finding("inside", "%.1f %% of samples in the image: vmlinux %.1f %%, %s %.1f %%",
		share_percent(c->inside, c->samples),
		share_percent(c->unit_samples[UNIT_KERNEL], c->samples), r->im->builds.app,
		share_percent(c->unit_samples[UNIT_APP], c->samples));
	if (c->other_builds)
		finding("left out",
			"%.1f %% of samples are of other builds, or programs, where %s is; GEN= says which build is meant",
			share_percent(c->other_builds, c->samples), r->im->builds.app);
	if (c->no_room)
		finding("lost",
			"%llu counts were of more different places than are kept; import a part of the file",
			(unsigned long long)c->no_room);
	if (r->facts.lost || r->facts.throttled)
		finding("lost", "%s samples; the kernel slowed sampling down %llu times%s", lost,
			(unsigned long long)r->facts.throttled,
			r->facts.lost > c->samples / 10 ? ": record with larger buffers, -m 512"
							: "");
	free(lost);
}

/*
 * Is it no fault that this one was never hit? Plain samples are where the time went, and a load may
 * spend all of it in the kernel, or in the app. Branch records of both are there whenever something runs.
 */
static bool may_miss(const struct reading *r, enum unit missing)
{
	const struct choice *c = &r->choice;
	enum privilege other = missing == UNIT_KERNEL ? PRIVILEGE_USER : PRIVILEGE_KERNEL;

	return c->privilege == other || !c->with_branches;
}

/* The kernel or the app is missing: on purpose, by the load, or something is wrong. */
static bool check_units(const struct reading *r, const struct counts units[UNITS])
{
	const struct choice *c = &r->choice;
	bool no_kernel = counts_is_empty(&units[UNIT_KERNEL]),
	     no_app = counts_is_empty(&units[UNIT_APP]);

	if (no_app && (no_kernel || c->other_builds || !may_miss(r, UNIT_APP)))
		refuse("did the load run while perf recorded?",
		       "%s has no counts, though user space was sampled, too", r->im->builds.app);
	if (no_kernel && !c->kernel_is_other && !may_miss(r, UNIT_KERNEL))
		refuse("may perf sample the kernel here? as root, or with kernel.perf_event_paranoid at "
		       "most 1; of the app alone record with :u",
		       "the kernel has no counts, though it was sampled, too");
	return no_kernel || no_app;
}

static json_t *describe_event(const struct reading *r)
{
	const struct perf_event_kind *e = event_of(r);
	json_t *rate = e && e->period_or_frequency
			       ? json_integer((json_int_t)e->period_or_frequency)
			       : json_null();

	return json_pack("{s:s, s:o, s:o, s:s}", "name", event_name(e), "period",
			 e && e->is_frequency ? json_null() : json_incref(rate), "frequency_hz",
			 e && e->is_frequency ? json_incref(rate) : json_null(), "privilege",
			 privilege_name(r->choice.privilege));
}

/* "GenuineIntel" and the like, or NULL. */
static const char *vendor_of(const char *vendor)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ";

	return vendor && *vendor && strlen(vendor) <= 12 && !vendor[strspn(vendor, letters)]
		       ? vendor
		       : NULL;
}

static void keep(const struct reading *r, struct counts units[UNITS], bool partial)
{
	const struct choice *c = &r->choice;
	struct recordfile record = {
		.builds = &r->im->builds,
		.generation = c->generation,
		.method = c->with_branches ? "lbr" : "samples",
		.kind = c->with_branches ? "branches" : "addresses",
		.event = describe_event(r),
		.samples =
			json_pack("{s:I, s:I, s:I, s:I}", "total", (json_int_t)c->samples, "inside",
				  (json_int_t)c->inside, "lost", (json_int_t)r->facts.lost,
				  "excluded", (json_int_t)(r->gather.samples - c->samples)),
		.cpu = vendor_of(r->facts.cpu_vendor),
		.weight = r->im->weight,
		.partial = partial,
	};

	import_keep(r->im, &record, units);
}

void import_perf(const struct import *im)
{
	struct reading r = { .im = im };
	struct perf_handlers mappings = { .user = &r,
					  .mapping = on_mapping,
					  .fork = on_fork,
					  .exec = on_exec,
					  .progress = on_progress },
			     samples = { .user = &r, .sample = on_sample, .progress = on_progress };
	struct counts units[UNITS];
	bool partial;
	double density;

	processes_init(&r.processes, &im->builds);
	xpass(&r, "reading mappings", &mappings);
	say_file(&r);
	say_machine(&r);
	processes_name(&r.processes, &r.facts);
	perf_facts_release(&r.facts);
	gather_init(&r.gather, &r.processes);
	xpass(&r, "reading samples", &samples);
	choose(&r);
	for (enum unit unit = 0; unit < UNITS; unit++)
		counts_init(&units[unit], 0);
	choice_take(&r.choice, &r.gather, units);
	gather_release(&r.gather);
	check_branches(&r);
	say_inside(&r);
	partial = check_units(&r, units);
	density = import_judge(im, r.choice.generation, units, r.choice.unit_samples,
			       r.choice.with_branches);
	finding("better", "%s", advice_better(&r.choice, &r.facts, density, &im->builds));
	keep(&r, units, partial);
}
