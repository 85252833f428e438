/* SPDX-License-Identifier: MIT */
#include "weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/*
 * Of n recordings none can have less than 1/n. With few of them the cap is this many
 * times the equal share: one counts at most half more than it would among equals.
 */
static const double equal_shares = 1.5;

const char *weights_load(const struct sketch *s)
{
	const char *load = json_string_value(json_object_get(s->facts, "load"));

	return s->about.load ? s->about.load : load ? load : "";
}

static int compare_hosts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Number the hosts; those that are not known come last, each for itself. */
static size_t number_hosts(struct weighed *v, size_t n)
{
	const char **hosts = xcalloc(n + 1, sizeof(*hosts)), **found;
	size_t known = 0, count = 0;

	for (size_t i = 0; i < n; i++)
		if (*v[i].sketch->about.host)
			hosts[known++] = v[i].sketch->about.host;
	qsort(hosts, known, sizeof(*hosts), compare_hosts);
	for (size_t i = 0; i < known; i++)
		if (!i || strcmp(hosts[count - 1], hosts[i]))
			hosts[count++] = hosts[i];
	known = count;
	for (size_t i = 0; i < n; i++) {
		const char *host = v[i].sketch->about.host;

		found = *host ? bsearch(&host, hosts, known, sizeof(*hosts), compare_hosts) : NULL;
		v[i].host = found ? (size_t)(found - hosts) : count++;
	}
	free(hosts);
	return count;
}

/* What the recordings of a host have together, limited. */
static void limit_hosts(struct weighed *v, size_t n, const struct wishes *w)
{
	size_t hosts = number_hosts(v, n);
	double *sum = xcalloc(hosts + 1, sizeof(*sum)), *largest = xcalloc(hosts + 1, sizeof(*sum));

	for (size_t i = 0; i < n; i++) {
		sum[v[i].host] += v[i].weight;
		largest[v[i].host] = fmax(largest[v[i].host], v[i].weight);
	}
	for (size_t i = 0; i < n; i++) {
		double most = w->host_records * largest[v[i].host];

		if (sum[v[i].host] > most)
			v[i].weight *= most / sum[v[i].host];
	}
	free(largest);
	free(sum);
}

void weights_alike(struct weighed *v, size_t n, const struct wishes *w)
{
	for (size_t i = 0; i < n; i++)
		v[i].weight = 1;
	limit_hosts(v, n, w);
}

void weights_by_host(struct weighed *v, size_t n, const struct wishes *w)
{
	for (size_t i = 0; i < n; i++) {
		const struct sketch *s = v[i].sketch;

		v[i].weight = s->about.weight * s->weight;
		if (w->half_life_days > 0)
			v[i].weight *= exp2(-s->about.age_days / w->half_life_days);
	}
	limit_hosts(v, n, w);
}

/* The wish for the load of a recording; load_count if there is none. */
static size_t wish_for(const struct weighed *v, const struct wishes *w)
{
	size_t i = 0;

	while (i < w->load_count && strcmp(w->loads[i].name, weights_load(v->sketch)))
		i++;
	return i;
}

void weights_by_load(struct weighed *v, size_t n, const struct wishes *w, struct strlist *unmet)
{
	double *sum = xcalloc(w->load_count + 1, sizeof(*sum)), rest = 1;

	if (!w->load_count) {
		free(sum);
		return;
	}
	for (size_t i = 0; i < n; i++)
		sum[wish_for(&v[i], w)] += v[i].weight;
	for (size_t i = 0; i < w->load_count; i++) {
		rest -= w->loads[i].share;
		if (!(sum[i] > 0) && w->loads[i].share > 0)
			strlist_push(unmet, w->loads[i].name);
	}
	for (size_t i = 0; i < n; i++) {
		size_t wish = wish_for(&v[i], w);
		double share = wish < w->load_count ? w->loads[wish].share : rest;

		v[i].weight *= share > 1e-9 ? share / sum[wish] : 0;
	}
	free(sum);
}

/* All shares at this level, within the caps; their sum. `of_host` has room for one a host. */
static double fill(struct weighed *v, size_t n, const struct caps *caps, double level,
		   double *of_host)
{
	double sum = 0;

	memset(of_host, 0, caps->hosts * sizeof(*of_host));
	for (size_t i = 0; i < n; i++) {
		v[i].share = v[i].weight > 0 ? fmin(level * v[i].weight, caps->record) : 0;
		of_host[v[i].host] += v[i].share;
	}
	for (size_t i = 0; i < n; i++) {
		if (of_host[v[i].host] > caps->host)
			v[i].share *= caps->host / of_host[v[i].host];
		sum += v[i].share;
	}
	return sum;
}

/* The lowest level at which the shares sum up to 1; they do at `high`. */
static void find_level(struct weighed *v, size_t n, const struct caps *caps, double high,
		       double *of_host)
{
	double low = 0;

	for (int step = 0; step < 200; step++) {
		double middle = low + (high - low) / 2;

		if (fill(v, n, caps, middle, of_host) < 1)
			low = middle;
		else
			high = middle;
	}
	fill(v, n, caps, high, of_host);
}

void weights_share(struct weighed *v, size_t n, const struct wishes *w, struct caps *caps)
{
	double *of_host, sum, smallest = INFINITY;
	size_t counting = 0, hosts = 0;

	*caps = (struct caps){ .relaxed = 1, .hosts = number_hosts(v, n) };
	of_host = xcalloc(caps->hosts + 1, sizeof(*of_host));
	for (size_t i = 0; i < n; i++)
		if (v[i].weight > 0) {
			counting++;
			hosts += of_host[v[i].host]++ == 0;
			smallest = fmin(smallest, v[i].weight);
		}
	if (counting) {
		double high;

		caps->record = fmin(1, fmax(w->record_cap, equal_shares / (double)counting));
		caps->host = fmin(1, fmax(w->host_cap, equal_shares / (double)hosts));
		high = 1 / smallest; /* here each is at its cap */
		sum = fill(v, n, caps, high, of_host);
		if (sum >= 1) {
			find_level(v, n, caps, high, of_host);
			sum = 0;
			for (size_t i = 0; i < n; i++)
				sum += v[i].share;
		} else {
			caps->relaxed = 1 / sum;
		}
		for (size_t i = 0; i < n; i++)
			v[i].share /= sum;
	}
	free(of_host);
}
