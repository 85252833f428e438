/* SPDX-License-Identifier: MIT */
#include "statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

enum {
	EXACT_MOST = 49,
	EXACT_MOST_TIED = 20,
};

/* A value of either side. Ranks are doubled: the mean rank of tied values is then an integer. */
struct ranked {
	double value;
	bool of_a;
	size_t rank2;
};

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int compare_ranked(const void *a, const void *b)
{
	return compare_doubles(&((const struct ranked *)a)->value,
			       &((const struct ranked *)b)->value);
}

double statistics_median(const double *v, size_t n)
{
	double *sorted, median;

	if (!n)
		return NAN;
	sorted = xmalloc(n * sizeof(*sorted));
	memcpy(sorted, v, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_doubles);
	median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
	free(sorted);
	return median;
}

/* Both sides in order, with their ranks; returns the sum of t^3 - t over groups of t equal values. */
static double rank(struct ranked *all, const double *a, size_t na, const double *b, size_t nb)
{
	size_t n = na + nb, end;
	double ties = 0;

	for (size_t i = 0; i < n; i++)
		all[i] = (struct ranked){ i < na ? a[i] : b[i - na], i < na, 0 };
	qsort(all, n, sizeof(*all), compare_ranked);
	for (size_t begin = 0; begin < n; begin = end) {
		double t;

		for (end = begin + 1; end < n && all[end].value == all[begin].value;)
			end++;
		for (size_t i = begin; i < end; i++)
			all[i].rank2 = begin + end + 1; /* twice the mean of begin + 1 ... end */
		t = (double)(end - begin);
		ties += t * t * t - t;
	}
	return ties;
}

/* Twice the sum of the ranks of a. */
static size_t sum_of_a(const struct ranked *all, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += all[i].of_a ? all[i].rank2 : 0;
	return sum;
}

/*
 * Of all ways to deal na of the n ranks to a, how many have a sum at least as far from the expected
 * one? ways[k][s]: so many ways to choose k of the ranks seen so far with the sum s.
 */
static double exact(const struct ranked *all, size_t na, size_t n)
{
	size_t most = n * (n + 1), sum = sum_of_a(all, n), expected = na * (n + 1);
	size_t far = sum > expected ? sum - expected : expected - sum;
	double *ways = xcalloc((na + 1) * (most + 1), sizeof(*ways));
	const double *of_all = ways + na * (most + 1);
	double total = 0, uneven = 0;

	ways[0] = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i < na ? i + 1 : na; k > 0; k--) {
			double *to = ways + k * (most + 1), *from = to - (most + 1);

			for (size_t s = all[i].rank2; s <= most; s++)
				to[s] += from[s - all[i].rank2];
		}
	for (size_t s = 0; s <= most; s++) {
		total += of_all[s];
		if ((s > expected ? s - expected : expected - s) >= far)
			uneven += of_all[s];
	}
	free(ways);
	return uneven / total;
}

static double approximate(const struct ranked *all, size_t na, size_t nb, double ties)
{
	double n = (double)(na + nb), product = (double)na * (double)nb;
	double far = fabs((double)sum_of_a(all, na + nb) / 2 - (double)na * (n + 1) / 2);
	double variance = product / 12 * (n + 1 - ties / (n * (n - 1)));

	far = far > 0.5 ? far - 0.5 : 0;
	return variance > 0 ? erfc(far / sqrt(variance) / sqrt(2)) : 1;
}

double statistics_mann_whitney(const double *a, size_t na, const double *b, size_t nb)
{
	size_t larger = na > nb ? na : nb;
	struct ranked *all;
	double ties, p;

	if (!na || !nb)
		return 1;
	all = xcalloc(na + nb, sizeof(*all));
	ties = rank(all, a, na, b, nb);
	if (larger <= (ties > 0 ? EXACT_MOST_TIED : EXACT_MOST))
		p = exact(all, na, na + nb);
	else
		p = approximate(all, na, nb, ties);
	free(all);
	return p < 1 ? p : 1;
}
