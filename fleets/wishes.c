/* SPDX-License-Identifier: MIT */
#include "wishes.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "fields.h"

static bool percent(struct fields *f, size_t index, const char *what, double least, double *share)
{
	if (!fields_number(f, index, what, least, 100, share))
		return false;
	*share /= 100;
	return true;
}

static bool add_load(struct wishes *w, struct fields *f)
{
	double share, sum = 0;

	if (!fields_is_word(f->v.v[1]))
		return fields_wrong(f,
				    "the load '%.40s' is not a word of letters, digits and '._-'",
				    f->v.v[1]);
	if (!percent(f, 2, "the load's share in percent", 0, &share))
		return false;
	for (size_t i = 0; i < w->load_count; i++) {
		if (!strcmp(w->loads[i].name, f->v.v[1]))
			return fields_wrong(f, "the load '%s' is there twice", f->v.v[1]);
		sum += w->loads[i].share;
	}
	if (sum + share > 1 + 1e-9)
		return fields_wrong(f, "with this one the loads have more than 100 %%");
	w->loads = xrealloc(w->loads, (w->load_count + 1) * sizeof(*w->loads));
	w->loads[w->load_count++] = (struct wished_load){ xstrdup(f->v.v[1]), share };
	return true;
}

static bool parse_line(struct wishes *w, struct fields *f)
{
	const char *key = f->v.v[0];
	size_t wanted = strcmp(key, "load") ? 2 : 3;

	if (f->v.n != wanted)
		return fields_wrong(f,
				    "'%.40s' is followed by %s; there are half-life DAYS, "
				    "host-records NUMBER, load NAME PERCENT, record-cap PERCENT, "
				    "host-cap PERCENT",
				    key, wanted == 2 ? "one value" : "a name and a percentage");
	if (!strcmp(key, "load"))
		return add_load(w, f);
	if (!strcmp(key, "half-life")) {
		if (strcmp(f->v.v[1], "never"))
			return fields_number(f, 1, "the half-life in days", 0.01, 36500,
					     &w->half_life_days);
		w->half_life_days = 0;
		return true;
	}
	if (!strcmp(key, "host-records"))
		return fields_number(f, 1, "the number of records of a host", 1, 1000000,
				     &w->host_records);
	if (!strcmp(key, "record-cap"))
		return percent(f, 1, "the cap in percent", 0.01, &w->record_cap);
	if (!strcmp(key, "host-cap"))
		return percent(f, 1, "the cap in percent", 0.01, &w->host_cap);
	return fields_wrong(f,
			    "'%.40s' is not known; there are half-life, host-records, load, "
			    "record-cap, host-cap",
			    key);
}

char *wishes_parse(struct wishes *w, const char *name, const char *text, size_t bytes)
{
	struct fields f;

	fields_start(&f, name, text, bytes);
	while (fields_next(&f) && parse_line(w, &f))
		;
	fields_release(&f);
	return f.error;
}

void wishes_release(struct wishes *w)
{
	for (size_t i = 0; i < w->load_count; i++)
		free(w->loads[i].name);
	free(w->loads);
	*w = (struct wishes)WISHES_DEFAULT;
}
