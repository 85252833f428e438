/* SPDX-License-Identifier: MIT */
/*
 * merge --onward: recordings of several generations, and what those were relinked with. Each recording
 * keeps its part of the whole; half of it goes to the profile that its generation was relinked with,
 * taken apart into the recordings that one is of. So sums do not grow from round to round.
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

static struct parent *weigh(const struct pieces *s)
{
	struct parent *parents = xcalloc(s->n, sizeof(*parents));
	double whole = 0;

	for (size_t i = 0; i < s->n; i++)
		whole = fmax(whole,
			     least_weight * profile_samples(&s->v[i].profile) / s->v[i].part);
	whole = fmin(whole, most_samples);
	for (size_t i = 0; i < s->n; i++) {
		double weight = whole * s->v[i].part / profile_samples(&s->v[i].profile);

		parents[i] = (struct parent){ s->v[i].profile,
					      weight < 1 ? 1 : (uint64_t)(weight + 0.5) };
	}
	return parents;
}

struct parent *xstore_onward(const struct store_options *o, struct parent *named, size_t *n)
{
	struct profile *profiles;
	struct pieces s = { .profile_count = store_list(o->out, o->app, &profiles) };
	struct parent *parents;
	bool goes_on = false;
	double all = 0;

	s.profiles = profiles;
	for (size_t i = 0; i < *n; i++)
		all += (double)named[i].weight * profile_samples(&named[i].profile);
	for (size_t i = 0; i < *n; i++)
		goes_on |= add_named(&s, o, &named[i],
				     (double)named[i].weight * profile_samples(&named[i].profile) /
					     all);
	if (!goes_on) /* added up as they are */
		return named;
	parents = weigh(&s);
	*n = s.n;
	free(s.v);
	return parents;
}
