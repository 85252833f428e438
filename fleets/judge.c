/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "usual.h"

bool judge_same_group(const struct sketch *a, const struct sketch *b)
{
	return a->generation == b->generation && a->kind == b->kind;
}

static int compare_sketches(const void *a, const void *b)
{
	return strcmp(((const struct sketch *)a)->about.label,
		      ((const struct sketch *)b)->about.label);
}

/* Sort, and drop those of which a worker made a second sketch. */
static void sort_sketches(struct sketches *all)
{
	size_t kept = 0;

	qsort(all->v, all->n, sizeof(*all->v), compare_sketches);
	for (size_t i = 1; i < all->n; i++) {
		if (compare_sketches(&all->v[kept], &all->v[i])) {
			all->v[++kept] = all->v[i];
			continue;
		}
		if (strcmp(all->v[kept].id, all->v[i].id) ||
		    !all->v[kept].refused != !all->v[i].refused)
			die_hint("scan again, with a list that names each recording once",
				 "the recording '%s' was scanned twice, and changed in between",
				 all->v[i].about.label);
		sketch_release(&all->v[i]);
	}
	if (all->n)
		all->n = kept + 1;
}

/* Workers that see different generations under the same number must not be mixed. */
static void check_builds(const struct judgement *j)
{
	const char *unit;
	json_t *id;

	for (size_t i = 1; i < j->n; i++)
		for (size_t k = 0; k < i; k++) {
			const struct sketch *a = j->v[i].sketch, *b = j->v[k].sketch;

			if (a->refused || b->refused || a->generation != b->generation)
				continue;
			json_object_foreach(a->build_ids, unit, id) {
				const json_t *other = json_object_get(b->build_ids, unit);

				if (other && !json_equal(id, other))
					die_hint(
						"give all workers the same generations (--out)",
						"'%s' and '%s' were scanned with different ELF files of "
						"'%s' of generation %u",
						a->about.label, b->about.label, unit,
						a->generation);
			}
			break;
		}
}

static void refuse(struct verdict *v, const char *why, char *reason)
{
	v->why = why;
	v->reason = reason;
}

/* Those that count so far, with weights by host. The caller frees; `of` gives their verdicts. */
static struct weighed *counting(const struct judgement *j, const struct wishes *w,
				struct verdict ***of, size_t *n)
{
	struct weighed *v = xcalloc(j->n + 1, sizeof(*v));

	*of = xcalloc(j->n + 1, sizeof(**of));
	*n = 0;
	for (size_t i = 0; i < j->n; i++)
		if (!j->v[i].why) {
			v[*n].sketch = j->v[i].sketch;
			(*of)[(*n)++] = &j->v[i];
		}
	weights_by_host(v, *n, w);
	return v;
}

/* The weightier first, then by contents, so that which of two copies stays is no matter of names. */
static int compare_for_copies(const void *a, const void *b)
{
	const struct verdict *x = *(const struct verdict *const *)a,
			     *y = *(const struct verdict *const *)b;
	int order;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	order = strcmp(x->sketch->id, y->sketch->id);
	if (!order)
		order = strcmp(x->sketch->about.host, y->sketch->about.host);
	return order ? order : strcmp(x->sketch->about.label, y->sketch->about.label);
}

static void refuse_copies(struct judgement *j, const struct wishes *w)
{
	struct verdict **of;
	size_t n;
	struct weighed *v = counting(j, w, &of, &n);

	for (size_t i = 0; i < n; i++)
		of[i]->weight = v[i].weight;
	qsort(of, n, sizeof(struct verdict *), compare_for_copies);
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i && !of[i]->why; k++) {
			const struct sketch *a = of[i]->sketch, *b = of[k]->sketch;
			double alike;

			if (of[k]->why || !judge_same_group(a, b))
				continue;
			alike = likeness(a->blocks, b->blocks, SKETCH_BLOCKS);
			if (!strcmp(a->id, b->id))
				refuse(of[i], "duplicate",
				       xasprintf("the same counts as '%s'", b->about.label));
			else if (alike >= JUDGE_DUPLICATE)
				refuse(of[i], "duplicate",
				       xasprintf("%.2f %% like '%s'", alike * 100, b->about.label));
		}
	free(of);
	free(v);
}

/* A place that has far more than is usual. */
static void judge_peaks(struct verdict *v, const struct usual *u)
{
	for (size_t i = 0; i < v->sketch->peak_count && !v->why; i++) {
		const struct sketch_peak *p = &v->sketch->peaks[i];
		double share = (double)p->share / SKETCH_ONE, expected = usual_share(u, p);

		if (share > JUDGE_PEAK && share > JUDGE_PEAK_TIMES * expected)
			refuse(v, "peak",
			       xasprintf("%.1f %% of its counts are at %llx%s%s, where others have "
					 "%.2f %%",
					 share * 100, (unsigned long long)p->address,
					 *p->function ? " in " : "", p->function, expected * 100));
	}
}

static void refuse_peaks(struct judgement *j, const struct wishes *w)
{
	struct verdict **of;
	size_t n;
	struct weighed *v = counting(j, w, &of, &n);
	struct usuals sets;

	weights_alike(v, n, w);
	usuals_make(&sets, v, n);
	for (size_t i = 0; i < n; i++)
		if (sets.of[i])
			judge_peaks(of[i], sets.of[i]);
	usuals_release(&sets);
	free(of);
	free(v);
}

static void judge_distance(struct verdict *v, const struct usuals *sets, size_t index,
			   const struct weighed *all, bool keep)
{
	const struct usual *u = sets->of[index];
	size_t hosts, alike;

	v->likeness = u ? sets->likeness[index] : -1;
	if (!u || v->likeness >= u->strange)
		return;
	if (v->likeness >= u->refused) {
		v->note = xasprintf("%.1f %% like the median of %s; the others are %.1f %%",
				    v->likeness * 100, u->name, u->middle * 100);
		return;
	}
	alike = usual_supporters(u, all, index, &hosts);
	if (hosts >= JUDGE_SUPPORTERS && alike * 20 >= u->n) {
		v->note =
			xasprintf("%.1f %% like the median of %s, but %zu others of %zu hosts are "
				  "like it: a load of its own?",
				  v->likeness * 100, u->name, alike, hosts);
		return;
	}
	v->note = xasprintf("%.1f %% like the median of %s; the others are %.1f %%, and less than "
			    "%.1f %% is refused",
			    v->likeness * 100, u->name, u->middle * 100, u->refused * 100);
	if (!keep) {
		refuse(v, "outlier", v->note);
		v->note = NULL;
	}
}

static void refuse_outliers(struct judgement *j, const struct wishes *w, bool keep)
{
	struct verdict **of;
	size_t n;
	struct weighed *v = counting(j, w, &of, &n);
	struct usuals sets;

	weights_alike(v, n, w);
	usuals_make(&sets, v, n);
	for (size_t i = 0; i < n; i++)
		judge_distance(of[i], &sets, i, v, keep);
	usuals_release(&sets);
	free(of);
	free(v);
}

static void share_out(struct judgement *j, const struct wishes *w)
{
	struct verdict **of;
	size_t n;
	struct weighed *v = counting(j, w, &of, &n);

	weights_by_load(v, n, w, &j->unmet_loads);
	weights_share(v, n, w, &j->caps);
	for (size_t i = 0; i < n; i++) {
		of[i]->weight = v[i].weight;
		of[i]->share = v[i].share;
		if (v[i].weight > 0)
			j->counting++;
		else
			refuse(of[i], "unwanted",
			       xasprintf("the file of weights leaves nothing for its load '%s'",
					 weights_load(v[i].sketch)));
	}
	free(of);
	free(v);
}

void judge(struct judgement *j, struct sketches *all, const struct wishes *w, bool keep_outliers)
{
	*j = (struct judgement){ 0 };
	sort_sketches(all);
	j->n = all->n;
	j->v = xcalloc(j->n + 1, sizeof(*j->v));
	for (size_t i = 0; i < j->n; i++) {
		j->v[i] = (struct verdict){ .sketch = &all->v[i], .likeness = -1 };
		if (all->v[i].refused)
			refuse(&j->v[i], "unreadable", xstrdup(all->v[i].refused));
	}
	check_builds(j);
	refuse_copies(j, w);
	refuse_peaks(j, w);
	refuse_outliers(j, w, keep_outliers);
	share_out(j, w);
}
