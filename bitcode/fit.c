/* SPDX-License-Identifier: MIT */
#include "fit.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

enum { MOST_LISTED = 50 };

void fit_function(struct fit *f, size_t number, const char *name, const char *now)
{
	if (number >= f->n) {
		f->v = xrealloc(f->v, (number + 1) * sizeof(*f->v));
		memset(f->v + f->n, 0, (number + 1 - f->n) * sizeof(*f->v));
		f->n = number + 1;
	}
	if (f->v[number].name)
		return;
	f->v[number].name = xstrdup(name);
	f->v[number].now = now ? xstrdup(now) : NULL;
}

/* Counts of exact recordings are large, and merging multiplies them. */
static uint64_t add(uint64_t a, uint64_t b)
{
	return a > INT64_MAX || b > INT64_MAX - a ? INT64_MAX : a + b;
}

void fit_line(struct fit *f, size_t number, uint64_t samples, bool found, bool moved)
{
	struct fit_function *v = &f->v[number];

	if (!samples)
		return;
	v->counted = true;
	v->samples = add(v->samples, samples);
	if (!found)
		v->lost = add(v->lost, samples);
	else if (moved || strcmp(v->name, v->now))
		v->moved = add(v->moved, samples);
}

static bool is_renamed(const struct fit_function *v)
{
	return v->now && strcmp(v->name, v->now) != 0;
}

bool fit_is_whole(const struct fit *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].name &&
		    (f->v[i].lost || f->v[i].moved || !f->v[i].now || is_renamed(&f->v[i])))
			return false;
	return true;
}

static int by_samples(const void *a, const void *b)
{
	const struct fit_function *x = *(struct fit_function *const *)a;
	const struct fit_function *y = *(struct fit_function *const *)b;

	if (x->samples != y->samples)
		return x->samples < y->samples ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Those with most samples, renamed ones or lost ones. */
static json_t *list(const struct fit *f, bool renamed)
{
	struct fit_function **of = xcalloc(f->n + 1, sizeof(*of));
	json_t *all = json_array();
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].counted && (renamed ? is_renamed(&f->v[i]) : !f->v[i].now))
			of[n++] = &f->v[i];
	qsort(of, n, sizeof(struct fit_function *), by_samples);
	for (size_t i = 0; i < n && i < MOST_LISTED; i++) {
		json_int_t samples = (json_int_t)of[i]->samples;

		json_array_append_new(
			all,
			renamed ? json_pack("{s:s, s:s, s:I}", "from", of[i]->name, "to",
					    of[i]->now, "samples", samples)
				: json_pack("{s:s, s:I}", "name", of[i]->name, "samples", samples));
	}
	free(of);
	return all;
}

const struct fit_limits fit_limits = { .warn_percent = 90, .refuse_percent = 50 };

bool fit_decides(const char *unit)
{
	return strcmp(unit, "init") != 0;
}

static double number(const json_t *fit, const char *key)
{
	return json_number_value(json_object_get(fit, key));
}

static double percent(const json_t *fit, const char *key)
{
	double all = number(fit, "samples");

	return all > 0 ? 100 * number(fit, key) / all : 0;
}

double fit_percent(const json_t *fit)
{
	/* only code without a line number was counted: nothing of it can be lost */
	if (number(fit, "samples") <= 0)
		return 100;
	return percent(fit, "matched_samples") + percent(fit, "salvaged_samples");
}

char *fit_sentence(const json_t *fit)
{
	return xasprintf(
		"%.1f %% of samples matched, %.1f %% salvaged, %.1f %% lost; functions %.0f, "
		"%.0f, %.0f",
		percent(fit, "matched_samples"), percent(fit, "salvaged_samples"),
		percent(fit, "lost_samples"), number(fit, "matched_functions"),
		number(fit, "salvaged_functions"), number(fit, "lost_functions"));
}

json_t *fit_json(const struct fit *f, const char *compared)
{
	uint64_t functions = 0, salvaged = 0, gone = 0, samples = 0, moved = 0, lost = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct fit_function *v = &f->v[i];

		if (!v->counted)
			continue;
		functions++;
		gone += !v->now;
		salvaged += v->now && (v->moved || v->lost || is_renamed(v));
		samples = add(samples, v->samples);
		moved = add(moved, v->moved);
		lost = add(lost, v->lost);
	}
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "compared",
			 compared, "functions", (json_int_t)functions, "matched_functions",
			 (json_int_t)(functions - salvaged - gone), "salvaged_functions",
			 (json_int_t)salvaged, "lost_functions", (json_int_t)gone, "samples",
			 (json_int_t)samples, "matched_samples",
			 (json_int_t)(samples - add(moved, lost)), "salvaged_samples",
			 (json_int_t)moved, "lost_samples", (json_int_t)lost, "renamed",
			 list(f, true), "lost", list(f, false));
}

void fit_release(struct fit *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].name);
		free(f->v[i].now);
	}
	free(f->v);
	*f = (struct fit){ 0 };
}
