/* SPDX-License-Identifier: MIT */
#include "likeness.h"

#include <stdlib.h>

#include "../pipeline/lib/util.h"
#include "sketch.h"

double likeness(const uint32_t *a, const uint32_t *b, size_t n)
{
	uint32_t sum = 0; /* neither is more than SKETCH_ONE together */

	for (size_t i = 0; i < n; i++)
		sum += a[i] < b[i] ? a[i] : b[i];
	return (double)sum / SKETCH_ONE;
}

static int compare(const void *a, const void *b)
{
	const struct weighted *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->weight > y->weight) - (x->weight < y->weight);
}

double weighted_median(struct weighted *v, size_t n)
{
	double all = 0, until = 0;

	qsort(v, n, sizeof(*v), compare);
	for (size_t i = 0; i < n; i++)
		all += v[i].weight;
	for (size_t i = 0; i < n; i++) {
		until += v[i].weight;
		if (until >= all / 2)
			return v[i].value;
	}
	return 0;
}

void histogram_median(uint32_t *result, const uint32_t *const *histograms, const double *weights,
		      size_t n, size_t buckets)
{
	struct weighted *column = xcalloc(n + 1, sizeof(*column));
	double *medians = xcalloc(buckets, sizeof(*medians)), sum = 0;

	for (size_t bucket = 0; bucket < buckets; bucket++) {
		for (size_t i = 0; i < n; i++)
			column[i] = (struct weighted){ histograms[i][bucket], weights[i] };
		medians[bucket] = weighted_median(column, n);
		sum += medians[bucket];
	}
	for (size_t bucket = 0; bucket < buckets; bucket++)
		result[bucket] = sum > 0 ? (uint32_t)(medians[bucket] / sum * SKETCH_ONE) : 0;
	free(medians);
	free(column);
}
