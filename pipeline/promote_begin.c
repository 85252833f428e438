/* SPDX-License-Identifier: MIT */
/* promote begin: settle what is to be checked, and against what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../reports/diff_budget.h"
#include "generation.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/util.h"
#include "promote.h"
#include "promotion_write.h"

/* The usual one; a first profile inlines what is hot, and may make the image larger for it. */
static const char usual_budget[] = "instructions<=+1% taken_branches<=+2% boot<=+5% size<=+5%";
static const char first_profile_budget[] =
	"instructions<=+1% taken_branches<=+2% boot<=+20% size<=+25%";

static const struct kind {
	const char *figure; /* a name of a budget begins so */
	const char *name;   /* of benchmark's KINDS; NULL: from the files alone */
} kinds[] = {
	{ "instructions", "exact" },
	{ "taken_branches", "exact" },
	{ "l1i_misses", "exact" },
	{ "l1d_misses", "exact" },
	{ "itlb_misses", "exact" },
	{ "boot_ms", "wall" },
	{ "boot", "boot" },
	{ "icount_", "icount" },
	{ "latency_", "wall" },
	{ "throughput", "wall" },
	{ "memory_min", "memory" },
	{ "memory", "wall" },
	{ "size", NULL },
	{ "xz", NULL },
	{ "kernel", NULL },
	{ "text", NULL },
	{ "initramfs", NULL },
	{ "app", NULL },
	{ "syscalls", NULL },
	{ "drivers", NULL },
	{ "functions", NULL },
};

static const char *kind_of(const char *figure)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(figure, kinds[i].figure, strlen(kinds[i].figure)))
			return kinds[i].name;
	die("it is not known how '%s' is measured", figure);
}

/* What benchmark has to measure for a budget, as it takes it; exits if the budget cannot be read. */
static char *kinds_for(const char *text)
{
	struct strlist needed = STRLIST_INIT;
	struct budget budget;
	char *why = budget_parse(&budget, text), *words;

	if (why) {
		fprintf(stderr, "error: BUDGET cannot be read: %s\n", why);
		exit(EXIT_USAGE);
	}
	for (size_t i = 0; i < budget.n; i++) {
		const char *kind = kind_of(budget.v[i].name);

		if (kind && !strlist_has(&needed, kind))
			strlist_push(&needed, kind);
	}
	budget_release(&budget);
	strlist_sort(&needed);
	words = needed.n ? strlist_join(&needed, ",") : xstrdup("");
	strlist_release(&needed);
	return words;
}

static json_t *xmanifest(const struct promote_options *o, unsigned number)
{
	return xjson_read(xasprintf("%s/%s/%u/manifest.json", o->out, o->app, number));
}

static bool has_profile(const struct promote_options *o, unsigned number)
{
	return json_is_string(json_object_get(xmanifest(o, number), "profile"));
}

static const char *budget_of(const struct promote_options *o, unsigned number,
			     const struct promoted *against)
{
	if (o->budget && *o->budget)
		return o->budget;
	return against && has_profile(o, number) && !has_profile(o, against->number)
		       ? first_profile_budget
		       : usual_budget;
}

/* The answer is no before anything is checked; nothing is recorded. */
static int refuse_at_once(const char *sentence, const char *hint)
{
	fprintf(stderr, "error: %s\nhint: %s\n", sentence, hint);
	return EXIT_NO;
}

static int refuse_known(const struct promote_options *o, const struct promotions *p,
			unsigned number)
{
	const struct promotion *known = promotions_find(p, number);

	if (promotions_on_line(p, number))
		return refuse_at_once(
			xasprintf(
				"generation %u of '%s' was promoted before generation %u, which is now",
				number, o->app, promotions_top(p)->number),
			xasprintf("make rollback APP=%s GEN=%u goes back to it", o->app, number));
	if (known && known->state == PROMOTION_ROLLED_BACK && !o->forced)
		return refuse_at_once(
			xasprintf("generation %u of '%s' was rolled back%s%s", number, o->app,
				  known->why ? ": " : "", known->why ? known->why : ""),
			xasprintf(
				"make promote APP=%s GEN=%u FORCE=1 WHY='...' checks and promotes it "
				"again",
				o->app, number));
	return EXIT_YES;
}

/* What helps if the promoted one is gone: an earlier one if there is any, else to begin anew. */
static char *way_back(const struct promote_options *o, const struct promotions *p)
{
	for (size_t i = 0; i + 1 < p->line_count; i++)
		if (p->line[i].is_there)
			return xasprintf("make rollback APP=%s GEN=%u goes back to one before it",
					 o->app, p->line[i].number);
	return xasprintf("none that was promoted before it is there: remove '%s/%s/promoted' and "
			 "its promotion.json, then the next one is promoted as the first was",
			 o->out, o->app);
}

static void check_images(const struct promote_options *o, const struct promotions *p,
			 unsigned number)
{
	const struct promoted *against = promotions_top(p);
	char *damage = promotion_image_damage(o->out, o->app, number);

	if (damage)
		die_hint("it cannot be promoted; build it again, or promote another", "%s", damage);
	damage = against ? promotion_image_damage(o->out, o->app, against->number) : NULL;
	if (damage || (against && !against->is_there))
		die_hint(way_back(o, p),
			 "there is nothing to compare with: generation %u is promoted, but %s",
			 against->number, damage ? damage : "its directory or its record is gone");
}

static void write_plan(const struct promote_options *o, unsigned number,
		       const struct promoted *against)
{
	const char *budget = budget_of(o, number, against);
	const json_t *image = json_object_get(xmanifest(o, number), "image");
	json_t *plan = json_pack(
		"{s:i, s:s, s:i, s:O, s:o, s:o, s:s, s:b, s:s?}", "schema", 1, "app", o->app,
		"generation", (int)number, "image_sha256", json_object_get(image, "sha256"),
		"against", against ? json_integer(against->number) : json_null(), "budget",
		against ? json_string(budget) : json_null(), "kinds",
		against ? kinds_for(budget) : "", "forced", o->forced, "why", o->why);

	xjson_write(xasprintf("%s/plan.json", o->results), plan);
}

int promote_begin(const struct promote_options *o)
{
	char *directory = xgeneration_directory(o->out, o->app, o->generation);
	unsigned number = (unsigned)atoi(fs_base(directory));
	const struct promoted *top;
	struct promotions p;

	kinds_for(o->budget ? o->budget : "");
	xpromotion_lock(o->out, o->app);
	xpromotion_put_right(o->out, o->app);
	xpromotions_read(&p, o->out, o->app);
	top = promotions_top(&p);
	xfs_remove(o->results);
	xfs_mkdirs(o->results);
	if (top && top->is_there && top->number == number) {
		fprintf(stderr, "%s: generation %u is the promoted one already\n", o->app, number);
		return EXIT_YES;
	}
	if (refuse_known(o, &p, number))
		return EXIT_NO;
	check_images(o, &p, number);
	write_plan(o, number, top);
	if (top)
		fprintf(stderr, "%s: generation %u, against generation %u, which is promoted\n",
			o->app, number, top->number);
	else
		fprintf(stderr,
			"%s: generation %u; none is promoted yet, so boot, tests and audit decide "
			"alone\n",
			o->app, number);
	return EXIT_YES;
}
