/* SPDX-License-Identifier: MIT */
#include "records.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/util.h"
#include "fields.h"

static const double oldest_days = 36500, heaviest = 1000000, lightest = 0.000001;

static void push(struct records *r, struct record record)
{
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		r->v = xrealloc(r->v, r->room * sizeof(*r->v));
	}
	r->v[r->n++] = record;
}

static void release_one(struct record *record)
{
	free(record->label);
	free(record->load);
}

static void set_host(struct record *record, const char *host)
{
	char hex[HASH_HEX_BYTES];

	hash_bytes(host, strlen(host), hex);
	memcpy(record->host, hex, HOST_DIGEST_BYTES - 1);
}

/* Is there a field, and does it say something? */
static bool has(const struct fields *f, size_t index)
{
	return f->v.n > index && strcmp(f->v.v[index], "-") != 0;
}

static bool parse_line(struct fields *f, struct record *record)
{
	*record = (struct record){ .weight = 1 };
	if (f->v.n > 5)
		return fields_wrong(f,
				    "more than five fields: a directory, host, age in days, load, "
				    "weight; write a blank within one as \"\\ \"");
	if (!*f->v.v[0])
		return fields_wrong(f, "the directory is empty");
	if (has(f, 2) && !fields_number(f, 2, "the age in days", 0, oldest_days, &record->age_days))
		return false;
	if (has(f, 3) && !fields_is_word(f->v.v[3]))
		return fields_wrong(f,
				    "the load '%.40s' is not a word of letters, digits and '._-'",
				    f->v.v[3]);
	if (has(f, 4) && !fields_number(f, 4, "the weight", lightest, heaviest, &record->weight))
		return false;
	if (has(f, 1))
		set_host(record, f->v.v[1]);
	if (has(f, 3))
		record->load = xstrdup(f->v.v[3]);
	record->label = xstrdup(f->v.v[0]);
	return true;
}

char *records_parse(struct records *r, const char *name, const char *text, size_t bytes)
{
	struct record record;
	struct fields f;

	fields_start(&f, name, text, bytes);
	while (fields_next(&f)) {
		if (!parse_line(&f, &record))
			break;
		push(r, record);
	}
	fields_release(&f);
	return f.error;
}

static bool is_recording(const char *directory)
{
	char *path = xasprintf("%s/record.json", directory);
	bool is = fs_exists(path);

	free(path);
	return is;
}

/* A directory of recordings: each one in it, and broken ones that still look like it. */
static void add_directory(struct records *r, const char *directory)
{
	struct strlist names = STRLIST_INIT;
	size_t before = r->n;

	fs_list(&names, directory);
	for (size_t i = 0; i < names.n; i++) {
		char *path = xasprintf("%s/%s", directory, names.v[i]);

		if (fs_is_directory(path))
			push(r, (struct record){ .label = path, .weight = 1 });
		else
			free(path);
	}
	strlist_release(&names);
	if (r->n == before)
		die_hint("name recordings, directories of them, or a list file (docs/fleets.md)",
			 "there is no recording in '%s'", directory);
}

void xrecords_add(struct records *r, const char *word)
{
	const char *file = strcmp(word, "-") ? word : "/dev/stdin";
	char *text, *error;
	size_t bytes;

	if (fs_is_directory(word)) {
		if (is_recording(word))
			push(r, (struct record){ .label = xstrdup(word), .weight = 1 });
		else
			add_directory(r, word);
		return;
	}
	text = xfs_read(file, &bytes);
	error = records_parse(r, word, text, bytes);
	if (error)
		die("%s", error);
	free(text);
}

static int compare(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = strcmp(x->label, y->label);

	if (!order)
		order = strcmp(x->host, y->host);
	if (!order)
		order = (x->age_days > y->age_days) - (x->age_days < y->age_days);
	if (!order)
		order = (x->weight > y->weight) - (x->weight < y->weight);
	return order ? order : strcmp(x->load ? x->load : "", y->load ? y->load : "");
}

size_t records_sort(struct records *r)
{
	size_t kept = 0, all = r->n;

	if (!all)
		return 0;
	qsort(r->v, all, sizeof(*r->v), compare);
	for (size_t i = 1; i < all; i++)
		if (strcmp(r->v[kept].label, r->v[i].label))
			r->v[++kept] = r->v[i];
		else
			release_one(&r->v[i]);
	r->n = kept + 1;
	return all - r->n;
}

void records_release(struct records *r)
{
	for (size_t i = 0; i < r->n; i++)
		release_one(&r->v[i]);
	free(r->v);
	*r = (struct records){ 0 };
}
