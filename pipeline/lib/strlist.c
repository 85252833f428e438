/* SPDX-License-Identifier: MIT */
#include "strlist.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static void push_owned(struct strlist *l, char *s)
{
	if (l->n + 2 > l->room) {
		l->room = l->room ? 2 * l->room : 16;
		l->v = xrealloc(l->v, l->room * sizeof(*l->v));
	}
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void strlist_push(struct strlist *l, const char *s)
{
	push_owned(l, xstrdup(s));
}

void strlist_pushf(struct strlist *l, const char *format, ...)
{
	char *s;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		die("out of memory");
	va_end(ap);
	push_owned(l, s);
}

void strlist_concat(struct strlist *to, const struct strlist *from)
{
	for (size_t i = 0; i < from->n; i++)
		strlist_push(to, from->v[i]);
}

void strlist_split(struct strlist *l, const char *words)
{
	static const char space[] = " \t\n";

	for (words += strspn(words, space); *words; words += strspn(words, space)) {
		size_t length = strcspn(words, space);

		push_owned(l, xstrndup(words, length));
		words += length;
	}
}

bool strlist_has(const struct strlist *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strlist_sort(struct strlist *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

char *strlist_join(const struct strlist *l, const char *separator)
{
	size_t bytes = 1;
	char *joined, *end;

	for (size_t i = 0; i < l->n; i++)
		bytes += strlen(l->v[i]) + strlen(separator);
	joined = end = xmalloc(bytes);
	*end = '\0';
	for (size_t i = 0; i < l->n; i++)
		end = stpcpy(stpcpy(end, i ? separator : ""), l->v[i]);
	return joined;
}

/* Levenshtein's distance, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t columns = strlen(b) + 1, last;
	size_t *row = xcalloc(columns, sizeof(*row));

	for (size_t j = 0; j < columns; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j < columns; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	last = row[columns - 1];
	free(row);
	return last;
}

const char *strlist_nearest(const struct strlist *l, const char *word)
{
	const char *nearest = NULL;
	size_t least = strlen(word) / 3 + 2;

	for (size_t i = 0; i < l->n; i++) {
		size_t d = distance(word, l->v[i]);

		if (d < least) {
			least = d;
			nearest = l->v[i];
		}
	}
	return nearest;
}

void strlist_release(struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strlist)STRLIST_INIT;
}
