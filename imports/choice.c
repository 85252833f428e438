/* SPDX-License-Identifier: MIT */
#include "choice.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* PERF_SAMPLE_BRANCH_*, linux/perf_event.h */
enum { BRANCHES_OF_USER = 1, BRANCHES_OF_KERNEL = 2 };

const char *privilege_name(enum privilege p)
{
	return p == PRIVILEGE_KERNEL ? "kernel" : p == PRIVILEGE_USER ? "user" : "both";
}

/* Letters behind the last colon of "cycles:k", if they are modifiers at all. */
static const char *modifiers(const char *name)
{
	const char *colon = name ? strrchr(name, ':') : NULL;

	return colon && colon[1] && !colon[1 + strspn(colon + 1, "ukhGHIpPSDWeb")] ? colon + 1 : "";
}

static enum privilege privilege_of(const struct perf_event_kind *e, bool with_branches)
{
	const char *letters = modifiers(e->name);
	bool kernel = !e->exclude_kernel, user = !e->exclude_user;
	uint64_t filter =
		with_branches ? e->branch_filter & (BRANCHES_OF_USER | BRANCHES_OF_KERNEL) : 0;

	/* text has only the name */
	if (kernel && user && strpbrk(letters, "uk")) {
		kernel = strchr(letters, 'k');
		user = strchr(letters, 'u');
	}
	kernel = kernel && filter != BRANCHES_OF_USER;
	user = user && filter != BRANCHES_OF_KERNEL;
	return kernel == user ? PRIVILEGE_BOTH : kernel ? PRIVILEGE_KERNEL : PRIVILEGE_USER;
}

static bool is_better(const struct gather_event *a, const struct gather_event *b)
{
	if (!a->with_branches != !b->with_branches)
		return a->with_branches;
	return a->inside[0] + a->inside[1] > b->inside[0] + b->inside[1];
}

/* Is there anything of it in a unit? Samples with branches may be elsewhere themselves. */
static bool is_of_use(const struct gather *g, size_t event)
{
	for (size_t i = 0; i < g->bucket_count; i++)
		if (g->buckets[i].event == event &&
		    (g->buckets[i].samples || g->buckets[i].entries))
			return true;
	return false;
}

/* Processors with two kinds of cores have "cpu_core/cycles/" and "cpu_atom/cycles/". */
static const char *without_core(const char *name)
{
	static const char *const prefixes[] = { "cpu_core/", "cpu_atom/" };

	for (size_t i = 0; name && i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return name + strlen(prefixes[i]);
	return NULL;
}

static bool is_sibling(const struct perf_facts *facts, size_t a, size_t b)
{
	const char *x, *y;

	if (a >= facts->event_count || b >= facts->event_count)
		return false;
	x = without_core(facts->events[a].name);
	y = without_core(facts->events[b].name);
	return x && y && !strcmp(x, y);
}

static void tally_events(struct choice *c, const struct gather *g, const struct perf_facts *facts)
{
	uint64_t inside[2] = { 0 };

	for (size_t i = 0; i < g->event_count; i++) {
		const struct gather_event *e = &g->events[i];

		c->events[i] = i == c->event || (is_sibling(facts, i, c->event) &&
						 !e->with_branches == !c->with_branches);
		if (!c->events[i])
			continue;
		c->samples += e->samples;
		inside[0] += e->inside[0];
		inside[1] += e->inside[1];
		c->deepest = e->deepest > c->deepest ? e->deepest : c->deepest;
	}
	c->guest = inside[1] > inside[0];
}

bool choice_event(struct choice *c, const struct gather *g, const struct perf_facts *facts)
{
	bool found = false;

	*c = (struct choice){ 0 };
	for (size_t i = 0; i < g->event_count; i++)
		if (is_of_use(g, i) && (!found || is_better(&g->events[i], &g->events[c->event]))) {
			c->event = i;
			found = true;
		}
	c->with_branches = found && g->events[c->event].with_branches;
	tally_events(c, g, facts);
	if (c->event < facts->event_count)
		c->privilege = privilege_of(&facts->events[c->event], c->with_branches);
	return found;
}

static bool is_taken_from(const struct choice *c, const struct bucket *b)
{
	return c->events[b->event] && b->guest == c->guest;
}

static const char *program_id(const struct gather *g, const struct bucket *b)
{
	return g->processes->programs[b->program].build_id;
}

/* Is a program with samples in it known to be the app of this generation, or known not to be? */
struct app_ids {
	bool any, same;
	uint64_t samples; /* of the same, stacks with an end in it too */
};

static struct app_ids compare_app(const struct choice *c, const struct gather *g,
				  const struct build *generation)
{
	struct app_ids ids = { 0 };

	for (size_t i = 0; i < g->bucket_count; i++) {
		const struct bucket *b = &g->buckets[i];

		if (!is_taken_from(c, b) || b->unit != UNIT_APP || !*program_id(g, b))
			continue;
		ids.any = true;
		if (strcmp(program_id(g, b), generation->units[UNIT_APP].build_id))
			continue;
		ids.same = true;
		ids.samples += b->samples + b->entries;
	}
	return ids;
}

/* Does no id speak against it, and one for it? */
static bool is_possible(const struct choice *c, const struct gather *g,
			const struct build *generation, bool without_kernel)
{
	struct app_ids app = compare_app(c, g, generation);
	bool kernel = !without_kernel && *c->kernel_id;

	if (kernel && strcmp(c->kernel_id, generation->units[UNIT_KERNEL].build_id))
		return false;
	if (app.any && !app.same)
		return false;
	return kernel || app.any;
}

/* Of those that are possible the one with most samples of its app, the newest of equal ones. */
static const struct build *find(const struct choice *c, const struct gather *g,
				const struct build *named, bool without_kernel)
{
	const struct build *found = NULL;
	uint64_t most = 0;

	for (size_t i = g->builds->n; i-- > 0;) {
		const struct build *generation = &g->builds->v[i];
		uint64_t samples = compare_app(c, g, generation).samples;

		if (!is_possible(c, g, generation, without_kernel))
			continue;
		if (generation == named)
			return named;
		if (!found || samples > most) {
			found = generation;
			most = samples;
		}
	}
	return found;
}

/* A kernel of a generation runs no other app there: what has another id is another program. */
static const struct build *find_by_kernel(const struct choice *c, const struct gather *g)
{
	return builds_by_id(g->builds, UNIT_KERNEL, c->kernel_id);
}

/* For a person: any id that was seen of the app. */
static void note_app_id(struct choice *c, const struct gather *g)
{
	for (size_t i = 0; i < g->bucket_count && !*c->app_id; i++)
		if (is_taken_from(c, &g->buckets[i]) && g->buckets[i].unit == UNIT_APP)
			strcpy(c->app_id, program_id(g, &g->buckets[i]));
}

static char *unknown_ids(const struct choice *c, const struct gather *g, char **hint)
{
	char *generations = builds_list(g->builds);

	*hint = builds_elsewhere(g->builds, c->kernel_id);
	if (!*hint)
		*hint = builds_elsewhere(g->builds, c->app_id);
	if (!*hint)
		*hint = xasprintf("the generations are %s", generations);
	free(generations);
	return xasprintf("no generation of %s has these build ids: kernel %s, %s %s",
			 g->builds->app, *c->kernel_id ? c->kernel_id : "not said", g->builds->app,
			 *c->app_id ? c->app_id : "not said");
}

char *choice_generation(struct choice *c, const struct gather *g, const char *number, char **hint)
{
	const struct build *named = number ? xbuilds_number(g->builds, number) : NULL;

	*hint = NULL;
	strcpy(c->kernel_id, g->processes->kernel_id[c->guest]);
	note_app_id(c, g);
	if (!*c->kernel_id && !*c->app_id) {
		char *generations = builds_list(g->builds);

		*hint = xasprintf("say which one it was with GEN=; the generations are %s",
				  generations);
		free(generations);
		c->generation = named;
		return named ? NULL
			     : xasprintf(
				       "the file has no build id of %s, so that nothing says which "
				       "generation ran",
				       c->guest ? "the guest's kernel" : "the kernel or the app");
	}
	c->generation = find(c, g, named, false);
	if (!c->generation && !c->guest) {
		c->generation = find(c, g, named, true);
		c->kernel_is_other = c->generation && *c->kernel_id;
	}
	if (!c->generation)
		c->generation = find_by_kernel(c, g);
	if (!c->generation)
		return unknown_ids(c, g, hint);
	if (compare_app(c, g, c->generation).same)
		strcpy(c->app_id, c->generation->units[UNIT_APP].build_id);
	if (named && named != c->generation &&
	    (strcmp(named->units[UNIT_KERNEL].build_id,
		    c->generation->units[UNIT_KERNEL].build_id) ||
	     strcmp(named->units[UNIT_APP].build_id, c->generation->units[UNIT_APP].build_id))) {
		*hint = xasprintf("leave GEN= out: the file says itself what it is of");
		return xasprintf("the build ids in the file are of generation %u, not of %u",
				 c->generation->number, named->number);
	}
	if (named)
		c->generation = named;
	return NULL;
}

static bool is_taken(const struct choice *c, const struct gather *g, const struct bucket *b)
{
	const char *id = program_id(g, b);

	if (!is_taken_from(c, b) || (b->unit == UNIT_KERNEL && c->kernel_is_other))
		return false;
	return b->unit == UNIT_KERNEL || !*id ||
	       !strcmp(id, c->generation->units[b->unit].build_id);
}

static void add_up(struct counts *to, const struct counts *from, bool with_branches)
{
	for (size_t i = 0; with_branches && i < from->ranges.room; i++)
		counts_range(to, from->ranges.v[i].from, from->ranges.v[i].to,
			     from->ranges.v[i].count);
	for (size_t i = 0; with_branches && i < from->branches.room; i++)
		counts_branch(to, from->branches.v[i].from, from->branches.v[i].to,
			      from->branches.v[i].count);
	for (size_t i = 0; !with_branches && i < from->addresses.room; i++)
		counts_address(to, from->addresses.v[i].from, from->addresses.v[i].count);
}

void choice_take(struct choice *c, const struct gather *g, struct counts units[UNITS])
{
	for (size_t i = 0; i < g->bucket_count; i++) {
		const struct bucket *b = &g->buckets[i];

		if (b->unit == UNIT_APP && is_taken_from(c, b) && !is_taken(c, g, b))
			c->other_builds += b->samples;
		if (!is_taken(c, g, b))
			continue;
		c->no_room += b->counts.refused;
		add_up(&units[b->unit], &b->counts, c->with_branches);
		c->inside += b->samples;
		c->unit_samples[b->unit] += b->samples;
		c->entries += b->entries;
		for (size_t j = 0; j < BOGUS_KINDS; j++)
			c->bogus[j] += b->bogus[j];
	}
}
