/* SPDX-License-Identifier: MIT */
#include "flow.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* Nothing becomes less than this: what is zero once would stay so. */
static const double least = 1e-9;

/* What no observation speaks of has a scale, too, but gives way to everything. */
static const double least_scale = 1e-6, loose = 0.02;

uint32_t flow_variable(struct flow *f, double guess)
{
	if (f->n == f->room) {
		f->room = f->room ? 2 * f->room : 1024;
		f->x = xrealloc(f->x, f->room * sizeof(*f->x));
		f->scale = xrealloc(f->scale, f->room * sizeof(*f->scale));
		f->slope = xrealloc(f->slope, f->room * sizeof(*f->slope));
	}
	f->x[f->n] = guess > least ? guess : least;
	return (uint32_t)f->n++;
}

static void begin_row(struct flow_terms *t)
{
	if (t->rows + 1 >= t->row_room) {
		t->row_room = t->row_room ? 2 * t->row_room : 1024;
		t->first = xrealloc(t->first, t->row_room * sizeof(*t->first));
	}
	t->first[t->rows++] = t->n;
	t->first[t->rows] = t->n;
}

static void add_term(struct flow_terms *t, uint32_t variable, double factor)
{
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 1024;
		t->v = xrealloc(t->v, t->room * sizeof(*t->v));
	}
	t->v[t->n++] = (struct flow_term){ variable, (float)factor };
	t->first[t->rows] = t->n;
}

void flow_equation(struct flow *f)
{
	begin_row(&f->equations);
}

void flow_term(struct flow *f, uint32_t variable, int sign)
{
	add_term(&f->equations, variable, sign);
}

/* A number of each row, beside the rows. */
static double *add_number(double *v, const struct flow_terms *t, double number)
{
	v = xrealloc(v, t->row_room * sizeof(*v));
	v[t->rows - 1] = number;
	return v;
}

void flow_observation(struct flow *f, double count)
{
	begin_row(&f->observations);
	f->observed = add_number(f->observed, &f->observations, count);
}

void flow_expect(struct flow *f, uint32_t variable, double factor)
{
	add_term(&f->observations, variable, factor);
}

void flow_forget(struct flow *f)
{
	f->observations.n = f->observations.rows = 0;
}

void flow_choice(struct flow *f, uint32_t whole, double weight)
{
	begin_row(&f->choices);
	f->weights = add_number(f->weights, &f->choices, weight);
	add_term(&f->choices, whole, 1);
}

void flow_part(struct flow *f, uint32_t variable, double share)
{
	add_term(&f->choices, variable, share);
}

/*
 * Of the likelihood of a negative binomial distribution with mean m and variance m + spread m^2,
 * the slope is that of a Poisson distribution divided by 1 + spread m.
 */
static void observe(struct flow *f, double spread)
{
	const struct flow_terms *t = &f->observations;

	for (size_t row = 0; row < t->rows; row++) {
		double expected = 0, weight, slope;

		for (size_t i = t->first[row]; i < t->first[row + 1]; i++)
			expected += t->v[i].factor * f->x[t->v[i].variable];
		if (expected <= 0)
			continue;
		weight = 1 / (1 + spread * expected);
		slope = weight * (1 - f->observed[row] / expected);
		for (size_t i = t->first[row]; i < t->first[row + 1]; i++) {
			f->slope[t->v[i].variable] += t->v[i].factor * slope;
			f->scale[t->v[i].variable] += t->v[i].factor * weight;
		}
	}
}

/* As if each part had been observed `weight` times its share. */
static void choose(struct flow *f)
{
	const struct flow_terms *t = &f->choices;

	for (size_t row = 0; row < t->rows; row++) {
		size_t first = t->first[row];
		double each = f->weights[row] / f->x[t->v[first].variable];

		for (size_t i = first + 1; i < t->first[row + 1]; i++) {
			uint32_t part = t->v[i].variable;

			f->slope[part] += each - f->weights[row] * t->v[i].factor / f->x[part];
			f->scale[part] += each;
		}
	}
}

static double bounded(double value, double limit)
{
	return value > limit ? limit : value < -limit ? -limit : value;
}

/* One number for each equation, times as many terms. */
static void times_equations(const struct flow *f, const double *by_equation, double *by_variable)
{
	const struct flow_terms *t = &f->equations;

	memset(by_variable, 0, f->n * sizeof(*by_variable));
	for (size_t row = 0; row < t->rows; row++)
		for (size_t i = t->first[row]; i < t->first[row + 1]; i++)
			by_variable[t->v[i].variable] += t->v[i].factor * by_equation[row];
}

static void sum_equations(const struct flow *f, const double *by_variable, double *by_equation)
{
	const struct flow_terms *t = &f->equations;

	for (size_t row = 0; row < t->rows; row++) {
		double sum = 0;

		for (size_t i = t->first[row]; i < t->first[row + 1]; i++)
			sum += t->v[i].factor * by_variable[t->v[i].variable];
		by_equation[row] = sum;
	}
}

/* What a step of Newton's method needs: numbers by equation and by variable. */
struct newton {
	double *missing, *pressure, *direction, *image, *diagonal; /* by equation */
	double *give, *change;					   /* by variable */
};

static double product(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

static void prepare(struct flow *f, struct newton *w)
{
	const struct flow_terms *t = &f->equations;

	for (size_t i = 0; i < f->n; i++)
		w->give[i] = f->x[i] / fmax(f->scale[i], loose / f->x[i]);
	for (size_t row = 0; row < t->rows; row++) {
		w->diagonal[row] = 0;
		for (size_t i = t->first[row]; i < t->first[row + 1]; i++)
			w->diagonal[row] += w->give[t->v[i].variable];
	}
	sum_equations(f, f->x, w->missing);
}

/* Conjugate gradients, preconditioned with the diagonal: pressures that put `missing` right. */
static void solve(const struct flow *f, struct newton *w, unsigned turns)
{
	size_t n = f->equations.rows;
	double *rest = w->missing, *d = w->direction, before = 0, start = 0;

	memset(w->pressure, 0, n * sizeof(*w->pressure));
	for (unsigned turn = 0; turn < turns; turn++) {
		double now = 0, length;

		for (size_t i = 0; i < n; i++)
			now += rest[i] * rest[i] / w->diagonal[i];
		start = turn ? start : now;
		if (now <= start * 1e-12 || now < 1e-24)
			return;
		for (size_t i = 0; i < n; i++)
			d[i] = rest[i] / w->diagonal[i] + (turn ? now / before * d[i] : 0);
		times_equations(f, d, w->change);
		for (size_t i = 0; i < f->n; i++)
			w->change[i] *= w->give[i];
		sum_equations(f, w->change, w->image);
		length = now / product(d, w->image, n);
		for (size_t i = 0; i < n; i++) {
			w->pressure[i] += length * d[i];
			rest[i] -= length * w->image[i];
		}
		before = now;
	}
}

static void sweep(struct flow *f, struct newton *w, unsigned turns)
{
	prepare(f, w);
	solve(f, w, turns);
	times_equations(f, w->pressure, w->change);
	for (size_t i = 0; i < f->n; i++) {
		f->x[i] *= exp(bounded(-w->change[i] * w->give[i] / f->x[i], 1));
		if (f->x[i] < least)
			f->x[i] = least;
	}
}

static void allocate(struct newton *w, const struct flow *f)
{
	size_t rows = f->equations.rows + 1;

	w->missing = xcalloc(rows, sizeof(double));
	w->pressure = xcalloc(rows, sizeof(double));
	w->direction = xcalloc(rows, sizeof(double));
	w->image = xcalloc(rows, sizeof(double));
	w->diagonal = xcalloc(rows, sizeof(double));
	w->give = xcalloc(f->n + 1, sizeof(double));
	w->change = xcalloc(f->n + 1, sizeof(double));
}

static void release(struct newton *w)
{
	free(w->missing);
	free(w->pressure);
	free(w->direction);
	free(w->image);
	free(w->diagonal);
	free(w->give);
	free(w->change);
}

static void clear(struct flow *f)
{
	for (size_t i = 0; i < f->n; i++) {
		f->scale[i] = least_scale;
		f->slope[i] = 0;
	}
}

void flow_improve(struct flow *f, unsigned steps, double spread)
{
	struct newton w;

	allocate(&w, f);
	for (unsigned step = 0; step < steps; step++) {
		clear(f);
		observe(f, spread);
		choose(f);
		for (size_t i = 0; i < f->n; i++)
			f->x[i] *= exp(bounded(-(getenv("SP_ETA") ? atof(getenv("SP_ETA")) : 0.25) *
						       f->slope[i] / f->scale[i],
					       1));
		sweep(f, &w, getenv("SP_CG") ? (unsigned)atoi(getenv("SP_CG")) : 30);
	}
	release(&w);
}

void flow_balance(struct flow *f, unsigned sweeps)
{
	struct newton w;

	allocate(&w, f);
	for (unsigned i = 0; i < sweeps; i++) {
		double s = 0;
		sum_equations(f, f->x, w.missing);
		for (size_t j = 0; j < f->equations.rows; j++)
			s += fabs(w.missing[j]);
		say(1, "missing %g", s);
		sweep(f, &w, 200);
	}
	release(&w);
}

static void release_terms(struct flow_terms *t)
{
	free(t->v);
	free(t->first);
}

void flow_release(struct flow *f)
{
	free(f->x);
	free(f->scale);
	free(f->slope);
	free(f->observed);
	free(f->weights);
	release_terms(&f->equations);
	release_terms(&f->observations);
	release_terms(&f->choices);
	*f = (struct flow){ 0 };
}
