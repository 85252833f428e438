/* SPDX-License-Identifier: MIT */
/*
 * What went before goes on to count. A profile that its generation was relinked with is taken apart into
 * the recordings that one is of, each with its part of the whole, and the weights are new ones. So the
 * newest recordings have their part however often that is repeated, and sums do not grow from round to round.
 *
 * "add" gives a recording and what went before about the same part; "merge --onward" takes recordings of several
 * generations, each of which keeps its part of the whole, half of it for what went before.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "profile-store.h"

/* Parts of the whole below this are old, and left out. */
static const double least_part = 0.002;

/* No weight is less, so that rounding it is no matter; and all together are at most so many samples. */
static const double least_weight = 100, most_samples = (double)(UINT64_C(1) << 60);

struct piece {
	struct profile profile;
	double part; /* of the whole */
};

struct pieces {
	struct piece *v;
	size_t n;
	const struct profile *profiles; /* all there are */
	size_t profile_count;
};

double profile_samples(const struct profile *p)
{
	json_t *units = json_object_get(p->record, "units"), *unit;
	const char *name;
	double sum = 0;

	json_object_foreach(units, name, unit)
		sum += json_number_value(json_object_get(unit, "samples"));
	return sum > 0 ? sum : 1;
}

double store_samples(const struct parent *parents, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)parents[i].weight * profile_samples(&parents[i].profile);
	return sum;
}

static void add(struct pieces *s, const struct profile *p, double part)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].profile.id, p->id)) {
			s->v[i].part += part;
			return;
		}
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n++] = (struct piece){ *p, part };
}

/* NULL if it is not there, or not fit to be used. */
static const struct profile *find(const struct pieces *s, const json_t *parent)
{
	const char *id = json_string_value(json_object_get(parent, "id"));

	for (size_t i = 0; id && i < s->profile_count; i++)
		if (!strcmp(s->profiles[i].id, id) && s->profiles[i].accepted &&
		    !s->profiles[i].damage)
			return &s->profiles[i];
	return NULL;
}

/* What a parent has of a merged profile; 0 if it is not there any more. */
static double counts_of(const struct pieces *s, const json_t *parent)
{
	const struct profile *p = find(s, parent);

	return p ? profile_samples(p) * json_number_value(json_object_get(parent, "weight")) : 0;
}

/* Parents are older, so this comes to an end; and each takes less than a merged profile had. */
static void take_apart(struct pieces *s, const struct profile *p, double part)
{
	json_t *parents = json_object_get(p->record, "merged_from"), *parent;
	double all = 0;
	bool complete = true;
	size_t i;

	if (part < least_part)
		return;
	json_array_foreach(parents, i, parent) {
		double counts = counts_of(s, parent);

		complete &= counts > 0;
		all += counts;
	}
	if (!json_array_size(parents) || !complete) {
		add(s, p, part);
		return;
	}
	json_array_foreach(parents, i, parent)
		take_apart(s, find(s, parent), part * counts_of(s, parent) / all);
}

/* A merged one whose recordings are gone, and which cannot count as little as it should. */
static bool is_too_large(const struct piece *piece, double weight)
{
	if (weight >= 0.5 || !json_is_array(json_object_get(piece->profile.record, "merged_from")))
		return false;
	warn("the profile %s does not count any more: those that it was merged from are gone, and its counts "
	     "are too large beside new ones",
	     piece->profile.id);
	return true;
}

/* The weights; `s` is used up. `*n` is how many. */
static struct parent *weigh(struct pieces *s, size_t *n)
{
	struct parent *parents = xcalloc(s->n + 1, sizeof(*parents));
	double whole = 0;

	*n = 0;
	for (size_t i = 0; i < s->n; i++)
		whole = fmax(whole,
			     least_weight * profile_samples(&s->v[i].profile) / s->v[i].part);
	whole = fmin(whole, most_samples);
	for (size_t i = 0; i < s->n; i++) {
		double weight = whole * s->v[i].part / profile_samples(&s->v[i].profile);

		if (!is_too_large(&s->v[i], weight))
			parents[(*n)++] =
				(struct parent){ s->v[i].profile,
						 weight < 1 ? 1 : (uint64_t)(weight + 0.5) };
	}
	free(s->v);
	return parents;
}

static bool add_named(struct pieces *s, const struct store_options *o, const struct parent *named,
		      double part)
{
	struct profile before;
	bool goes_on = store_predecessor(o, &named->profile, &before) &&
		       strcmp(before.id, named->profile.id) != 0;

	add(s, &named->profile, goes_on ? part / 2 : part);
	if (goes_on)
		take_apart(s, &before, part / 2);
	return goes_on;
}

struct parent *xstore_onward(const struct store_options *o, struct parent *named, size_t *n)
{
	struct profile *profiles;
	struct pieces s = { .profile_count = store_list(o->out, o->app, &profiles) };
	bool goes_on = false;
	double all = store_samples(named, *n);

	s.profiles = profiles;
	for (size_t i = 0; i < *n; i++)
		goes_on |= add_named(&s, o, &named[i], store_samples(&named[i], 1) / all);
	if (!goes_on) /* added up as they are */
		return named;
	return weigh(&s, n);
}

struct parent *xstore_evenly(const struct store_options *o, const struct parent *newer,
			     const struct parent *older, size_t *n)
{
	struct profile *profiles;
	struct pieces s = { .profile_count = store_list(o->out, o->app, &profiles) };
	double all = (double)newer->weight + (double)older->weight;

	s.profiles = profiles;
	add(&s, &newer->profile, (double)newer->weight / all);
	take_apart(&s, &older->profile, (double)older->weight / all);
	return weigh(&s, n);
}

struct parent *xstore_taken_apart(const struct store_options *o, const struct parent *named,
				  size_t *n)
{
	struct profile *profiles;
	struct pieces s = { .profile_count = store_list(o->out, o->app, &profiles) };
	double all = store_samples(named, *n);

	s.profiles = profiles;
	for (size_t i = 0; i < *n; i++)
		take_apart(&s, &named[i].profile, store_samples(&named[i], 1) / all);
	return weigh(&s, n);
}
