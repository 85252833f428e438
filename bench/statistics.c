/* SPDX-License-Identifier: MIT */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double statistics_median(const double *v, size_t n)
{
	double *s = xcalloc(n, sizeof(*s)), m;

	memcpy(s, v, n * sizeof(*s));
	qsort(s, n, sizeof(*s), compare);
	m = n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
	free(s);
	return m;
}

/* How many ways to choose na of na + nb ranks give U = u. */
static double ways(int na, int nb, int u)
{
	if (u < 0)
		return 0;
	if (!na || !nb)
		return u == 0;
	return ways(na - 1, nb, u - nb) + ways(na, nb - 1, u);
}

double statistics_mann_whitney(const double *a, size_t na, const double *b, size_t nb)
{
	double u = 0, below = 0, all = 0;

	for (size_t i = 0; i < na; i++)
		for (size_t j = 0; j < nb; j++)
			u += a[i] < b[j] ? 1 : a[i] > b[j] ? 0 : 0.5;
	u = u < (double)(na * nb) - u ? u : (double)(na * nb) - u;
	for (int i = 0; i <= (int)(na * nb); i++) {
		double w = ways((int)na, (int)nb, i);

		all += w;
		below += i <= ceil(u) ? w : 0;
	}
	return 2 * below / all < 1 ? 2 * below / all : 1;
}
