/* SPDX-License-Identifier: MIT */
/*
 * strlist.h - a growing list of strings, always NULL-terminated
 *
 * `v` can be passed as an argv. The list owns its strings.
 */
#ifndef PIPELINE_STRLIST_H
#define PIPELINE_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
	char **v; /* n strings, then NULL; never NULL after the first push */
	size_t n;
	size_t room;
};

#define STRLIST_INIT { NULL, 0, 0 }

void strlist_push(struct strlist *l, const char *s);
void strlist_pushf(struct strlist *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void strlist_concat(struct strlist *to, const struct strlist *from);

/* Split at white space; no quoting. */
void strlist_split(struct strlist *l, const char *words);

bool strlist_has(const struct strlist *l, const char *s);
void strlist_sort(struct strlist *l);

/* All strings with `separator` between them; the caller frees. */
char *strlist_join(const struct strlist *l, const char *separator);

/*
 * The string nearest to `word` by edit distance, or NULL if none is near
 * enough (more than a third of the word would have to change).
 */
const char *strlist_nearest(const struct strlist *l, const char *word);

void strlist_release(struct strlist *l);

#endif
