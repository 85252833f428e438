/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

enum { GUEST_LINES = 10, GUEST_NUMBERS = 9999 };

static const char *const event_names[] = {
	[EVENT_BRANCH_STACKS] = "branch-stacks",
	[EVENT_CYCLES] = "cycles",
	[EVENT_CPU_CLOCK] = "cpu-clock",
};

static json_t *describe_builds(const struct receiver *r, const struct tally *t)
{
	json_t *ids = json_object();

	for (enum unit u = 0; u < UNITS; u++) {
		const char *id = t->generation->units[u].build_id;

		if (*id)
			json_object_set_new(ids, builds_unit_name(r->builds, u), json_string(id));
	}
	return ids;
}

/* Of branch stacks counts and samples are not the same: the share of the counts is taken. */
static uint64_t samples_inside(const struct tally *t)
{
	uint64_t inside = tally_inside(t);

	if (t->event != EVENT_BRANCH_STACKS || !t->received)
		return inside;
	return (uint64_t)((double)t->samples * ((double)inside / (double)t->received));
}

static json_t *describe(const struct receiver *r, const struct tally *t)
{
	json_t *record, *counts;

	counts = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "received", (json_int_t)t->received,
			   "inside", (json_int_t)tally_inside(t), "outside", (json_int_t)t->outside,
			   "no_room", (json_int_t)t->no_room, "impossible",
			   (json_int_t)t->impossible, "short", (json_int_t)t->missing);
	record = json_pack(
		"{s:i, s:s, s:i, s:o, s:s, s:s, s:{s:s, s:n, s:I, s:s}, s:{s:I, s:I, s:I, s:I}, "
		"s:o, s:i, s:{s:i, s:i, s:i, s:o}}",
		"schema", 1, "app", r->builds->app, "generation", (int)t->generation->number,
		"build_ids", describe_builds(r, t), "method", "collector", "kind",
		t->event == EVENT_BRANCH_STACKS ? "branches" : "addresses", "event", "name",
		event_names[t->event], "period", "frequency_hz", (json_int_t)r->o.frequency_hz,
		"privilege", "both", "samples", "total", (json_int_t)t->samples, "inside",
		(json_int_t)samples_inside(t), "lost", (json_int_t)t->lost, "excluded",
		(json_int_t)t->excluded, "cpu", *t->vendor ? json_string(t->vendor) : json_null(),
		"weight", 1, "collection", "guests", (int)t->guests, "unfinished",
		(int)t->unfinished, "seconds", (int)(t->seconds + 0.5), "counts", counts);
	if (!record)
		die("cannot describe what was received");
	return record;
}

/* `path` is new, or a recording of an earlier run that is replaced. */
static void write_recording(const struct receiver *r, struct tally *t, const char *directory,
			    const char *path)
{
	char *made, *description;
	json_t *record = describe(r, t);
	mode_t mask = umask(0);

	umask(mask);
	xfs_mkdirs(directory);
	made = xfs_temporary_directory(directory, ".recording");
	for (unsigned u = 0; u < UNITS; u++)
		xcounts_write(&t->units[u], made, builds_unit_name(r->builds, u));
	description = xasprintf("%s/record.json", made);
	xjson_write(description, record);
	chmod(made, 0777 & ~mask); /* the temporary one was for us alone */
	xfs_remove(path);
	xfs_rename(made, path);
	json_decref(record);
	free(description);
	free(made);
}

static void note_shortfalls(const struct tally *t, const char *path)
{
	char *what = xstrdup("");
	const struct {
		uint64_t n;
		const char *words;
	} all[] = { { t->lost, "samples lost in the guests" },
		    { t->missing, "counts sent and never come" },
		    { t->outside, "counts outside the image" },
		    { t->impossible, "more than can be sampled" },
		    { t->no_room, "without room" },
		    { t->unfinished, "gone without an END" } };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char *longer;

		if (!all[i].n)
			continue;
		longer = xasprintf("%s%s%llu %s", what, *what ? ", " : "",
				   (unsigned long long)all[i].n, all[i].words);
		free(what);
		what = longer;
	}
	if (*what)
		fprintf(stderr, "short: %s: %s\n", path, what);
	free(what);
}

static void note_empty(const struct receiver *r, const struct tally *t)
{
	for (unsigned u = 0; u < UNIT_INIT; u++)
		if (!t->inside[u])
			warn("no sample was in %s: did it have work to do?",
			     builds_unit_name(r->builds, u));
}

/* Older generations first, and of each the event whose counts are worth most last. */
static int by_worth(const void *a, const void *b)
{
	const struct tally *x = *(struct tally *const *)a, *y = *(struct tally *const *)b;

	if (x->generation->number != y->generation->number)
		return x->generation->number < y->generation->number ? -1 : 1;
	return (x->event < y->event) - (x->event > y->event);
}

size_t xoutcome_write(const struct receiver *r, const char *directory)
{
	size_t written = 0;

	qsort(r->sums, r->sum_count, sizeof(struct tally *), by_worth);
	for (size_t i = 0; i < r->sum_count; i++) {
		struct tally *t = r->sums[i];
		char *path;

		if (!tally_inside(t))
			continue;
		path = xasprintf("%s/%u-%s", directory, t->generation->number,
				 event_names[t->event]);
		note_empty(r, t);
		write_recording(r, t, directory, path);
		fprintf(stderr,
			"recorded: generation %u, %s: %llu counts of %u guest%s, %llu in %s, "
			"%llu in vmlinux\n",
			t->generation->number, event_names[t->event],
			(unsigned long long)tally_inside(t), t->guests, t->guests == 1 ? "" : "s",
			(unsigned long long)t->inside[UNIT_APP], r->builds->app,
			(unsigned long long)t->inside[UNIT_KERNEL]);
		note_shortfalls(t, path);
		printf("%s\n", path);
		free(path);
		written++;
	}
	return written;
}

size_t xoutcome_write_each(const struct receiver *r, const char *directory)
{
	unsigned number = 0;
	size_t written = 0;

	for (size_t i = 0; i < r->o.most_guests; i++) {
		struct sender *g = &r->guests[i];
		char *path = NULL;

		if (!g->number || !tally_inside(&g->own))
			continue;
		do {
			free(path);
			if (++number > GUEST_NUMBERS)
				die("'%s' has %u recordings already: give another directory",
				    directory, GUEST_NUMBERS);
			path = xasprintf("%s/guest-%04u", directory, number);
		} while (fs_exists(path));
		write_recording(r, &g->own, directory, path);
		free(path);
		written++;
	}
	return written;
}

static bool has_trouble(const struct sender *g)
{
	return (g->received || g->samples) && (!g->ended || g->barred || g->outside || g->no_room ||
					       g->impossible || sender_missing(g) || g->lost);
}

static void print_guest(const struct sender *g)
{
	fprintf(stderr,
		"guest %u: generation %u, %s, %.0f s, %llu samples, %llu its own and left out, "
		"%llu lost, %llu counts short, %lld frames missing%s%s\n",
		g->number, g->generation->number, event_names[g->hello.event],
		g->heard_s - g->started_s, (unsigned long long)g->samples,
		(unsigned long long)g->excluded, (unsigned long long)g->lost,
		(unsigned long long)sender_missing(g), (long long)g->frames_missing,
		g->ended ? "" : ", gone without an END", g->barred ? ", contradicted itself" : "");
}

void outcome_print(const struct receiver *r)
{
	unsigned printed = 0, unsaid = 0;

	for (size_t i = 0; i < r->o.most_guests; i++) {
		const struct sender *g = &r->guests[i];

		if (!g->number || !g->started_s)
			continue;
		/* of many, only those that something is wrong with */
		if (printed < GUEST_LINES && (r->guest_count <= GUEST_LINES || has_trouble(g))) {
			print_guest(g);
			printed++;
		} else {
			unsaid++;
		}
	}
	if (unsaid)
		fprintf(stderr, "%s%u guest%s\n", printed ? "and " : "", unsaid,
			unsaid == 1 ? "" : "s");
}
