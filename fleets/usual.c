/* SPDX-License-Identifier: MIT */
#include "usual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "judge.h"

/*
 * How far below the middle a recording may be whatever the others do. Loads of one build differ
 * more than recordings of one load; builds make other instructions of a function.
 */
static const double allowed[USUAL_LEVELS] = { 0.10, 0.20, 0.25 };

/* The standard deviation of a normal distribution, by its median absolute deviation. */
static const double deviation_of_mad = 1.4826;

/* Does the set of `a` at this level have `b` in it, too? */
static bool together(enum usual_level level, const struct weighed *a, const struct weighed *b)
{
	if (level == USUAL_ALL)
		return true;
	if (!judge_same_group(a->sketch, b->sketch))
		return false;
	return level == USUAL_BUILD || (*weights_load(a->sketch) &&
					!strcmp(weights_load(a->sketch), weights_load(b->sketch)));
}

static size_t members(size_t *result, enum usual_level level, const struct weighed *v, size_t n,
		      size_t index)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (together(level, &v[index], &v[i]))
			result[count++] = i;
	return count;
}

static const uint32_t *histogram(const struct usual *u, const struct weighed *v)
{
	return u->level == USUAL_ALL ? v->sketch->functions : v->sketch->blocks;
}

static size_t buckets(const struct usual *u)
{
	return u->level == USUAL_ALL ? SKETCH_FUNCTIONS : SKETCH_BLOCKS;
}

/* The middle likeness, and how far below it is too far. */
static void set_limits(struct usual *u, const struct weighed *v)
{
	struct weighted *values = xcalloc(u->n, sizeof(*values));
	double deviation;

	for (size_t i = 0; i < u->n; i++) {
		const struct weighed *member = &v[u->members[i]];

		values[i] =
			(struct weighted){ likeness(histogram(u, member), u->median, buckets(u)),
					   member->weight };
	}
	u->middle = weighted_median(values, u->n);
	for (size_t i = 0; i < u->n; i++)
		values[i].value = fabs(values[i].value - u->middle);
	deviation = deviation_of_mad * weighted_median(values, u->n);
	u->refused = u->middle - fmax(allowed[u->level], JUDGE_DEVIATIONS * deviation);
	u->strange = u->middle - fmax(allowed[u->level] / 2, 3 * deviation);
	free(values);
}

static char *name_of(enum usual_level level, const struct sketch *s)
{
	switch (level) {
	case USUAL_BUILD_AND_LOAD:
		return xasprintf("generation %u, load %s", s->generation, weights_load(s));
	case USUAL_BUILD: return xasprintf("generation %u", s->generation);
	default: return xstrdup("all");
	}
}

/* Takes over `list`. */
static struct usual *make_set(enum usual_level level, const struct weighed *v, size_t *list,
			      size_t n)
{
	struct usual *u = xcalloc(1, sizeof(*u));
	const uint32_t **histograms = xcalloc(n, sizeof(*histograms));
	double *weights = xcalloc(n, sizeof(*weights));

	*u = (struct usual){ .level = level, .members = list, .n = n };
	u->name = name_of(level, v[list[0]].sketch);
	u->median = xcalloc(buckets(u), sizeof(*u->median));
	for (size_t i = 0; i < n; i++) {
		histograms[i] = histogram(u, &v[list[i]]);
		weights[i] = v[list[i]].weight;
	}
	histogram_median(u->median, histograms, weights, n, buckets(u));
	free(weights);
	free(histograms);
	set_limits(u, v);
	return u;
}

/* The set of recording `index` is there already, made for an earlier one of it? */
static struct usual *find_set(const struct usuals *sets, enum usual_level level,
			      const struct weighed *v, size_t index)
{
	for (size_t i = 0; i < sets->n; i++)
		if (sets->v[i]->level == level &&
		    together(level, &v[sets->v[i]->members[0]], &v[index]))
			return sets->v[i];
	return NULL;
}

static struct usual *set_for(struct usuals *sets, const struct weighed *v, size_t n, size_t index)
{
	for (size_t level = 0; level < USUAL_LEVELS; level++) {
		struct usual *u = find_set(sets, (enum usual_level)level, v, index);
		size_t *list, count;

		if (u)
			return u;
		list = xcalloc(n, sizeof(*list));
		count = members(list, (enum usual_level)level, v, n, index);
		if (count >= JUDGE_SET) {
			u = make_set((enum usual_level)level, v, list, count);
			sets->v = xrealloc(sets->v, (sets->n + 1) * sizeof(struct usual *));
			return sets->v[sets->n++] = u;
		}
		free(list);
	}
	return NULL;
}

void usuals_make(struct usuals *sets, const struct weighed *v, size_t n)
{
	*sets = (struct usuals){ 0 };
	sets->of = xcalloc(n + 1, sizeof(struct usual *));
	sets->likeness = xcalloc(n + 1, sizeof(*sets->likeness));
	for (size_t i = 0; i < n; i++) {
		const struct usual *u = sets->of[i] = set_for(sets, v, n, i);

		if (u)
			sets->likeness[i] = likeness(histogram(u, &v[i]), u->median, buckets(u));
	}
}

void usuals_release(struct usuals *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		free(sets->v[i]->name);
		free(sets->v[i]->members);
		free(sets->v[i]->median);
		free(sets->v[i]);
	}
	free(sets->v);
	free(sets->of);
	free(sets->likeness);
	*sets = (struct usuals){ 0 };
}

double usual_share(const struct usual *u, const struct sketch_peak *p)
{
	return (double)u->median[u->level == USUAL_ALL ? p->function_bucket : p->block_bucket] /
	       SKETCH_ONE;
}

size_t usual_supporters(const struct usual *u, const struct weighed *v, size_t index, size_t *hosts)
{
	const uint32_t *own = histogram(u, &v[index]);
	size_t *seen = xcalloc(u->n + 1, sizeof(*seen)), count = 0;

	*hosts = 0;
	for (size_t i = 0; i < u->n; i++) {
		const struct weighed *other = &v[u->members[i]];
		size_t known = 0;

		if (u->members[i] == index || other->host == v[index].host ||
		    likeness(own, histogram(u, other), buckets(u)) < u->refused)
			continue;
		count++;
		while (known < *hosts && seen[known] != other->host)
			known++;
		if (known == *hosts && *other->sketch->about.host)
			seen[(*hosts)++] = other->host;
	}
	free(seen);
	return count;
}
