/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

/* What was last seen while reading: names assigned to, and tables without an end. */
struct reader {
	struct script *script;
	const char *at, *end;
	char *last_symbol;
	size_t open_tables; /* the first table that has no end symbol yet */
};

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || strchr("_.$", c);
}

static void skip_comment_or_string(struct reader *r)
{
	const char *close = *r->at == '"' ? "\"" : "*/";
	size_t skip = *r->at == '"' ? 1 : 2;
	const char *found;

	r->at += skip < (size_t)(r->end - r->at) ? skip : (size_t)(r->end - r->at);
	found = memmem(r->at, (size_t)(r->end - r->at), close, strlen(close));
	r->at = found ? found + strlen(close) : r->end;
}

static char peek(const struct reader *r)
{
	const char *p = r->at;

	while (p < r->end && isspace((unsigned char)*p))
		p++;
	return p < r->end ? *p : '\0';
}

/* "NAME = ", but not "NAME == ". */
static bool is_assignment(const struct reader *r)
{
	const char *p = r->at;

	while (p < r->end && isspace((unsigned char)*p))
		p++;
	return p + 1 < r->end && p[0] == '=' && p[1] != '=';
}

static void set_symbol(struct reader *r, const char *name)
{
	struct script *s = r->script;

	for (; r->open_tables < s->table_count; r->open_tables++)
		s->tables[r->open_tables].end = xstrdup(name);
	free(r->last_symbol);
	r->last_symbol = xstrdup(name);
}

static void add_table(struct reader *r, const char *section)
{
	struct script *s = r->script;

	if (!r->last_symbol || strpbrk(section, "*?["))
		return;
	s->tables = xrealloc(s->tables, (s->table_count + 1) * sizeof(*s->tables));
	s->tables[s->table_count++] =
		(struct script_table){ xstrdup(section), xstrdup(r->last_symbol), NULL };
}

/* Behind "*": the input sections in parentheses, with SORT() and the like around. */
static void read_sections(struct reader *r)
{
	unsigned depth = 0;

	do {
		if (*r->at == '(') {
			depth++;
			r->at++;
		} else if (*r->at == ')') {
			depth--;
			r->at++;
		} else if (isspace((unsigned char)*r->at)) {
			r->at++;
		} else {
			const char *start = r->at;
			char *name;

			while (r->at < r->end && !isspace((unsigned char)*r->at) && *r->at != '(' &&
			       *r->at != ')')
				r->at++;
			name = xstrndup(start, (size_t)(r->at - start));
			if (peek(r) != '(')
				add_table(r, name);
			free(name);
		}
	} while (depth && r->at < r->end);
}

static void read_word(struct reader *r)
{
	const char *start = r->at;
	char *word;

	while (r->at < r->end && in_word(*r->at))
		r->at++;
	word = xstrndup(start, (size_t)(r->at - start));
	if (strcmp(word, ".") && is_assignment(r))
		set_symbol(r, word);
	else if (!isdigit((unsigned char)*word) && *word != '.')
		strlist_push(&r->script->words, word);
	free(word);
}

static void make_unique(struct strlist *l)
{
	size_t n = 0;

	strlist_sort(l);
	for (size_t i = 0; i < l->n; i++) {
		if (n && !strcmp(l->v[n - 1], l->v[i]))
			free(l->v[i]);
		else
			l->v[n++] = l->v[i];
	}
	l->n = n;
	if (l->v)
		l->v[n] = NULL;
}

void script_parse(struct script *s, const char *text, size_t bytes)
{
	struct reader r = { .script = s, .at = text, .end = text + bytes };

	*s = (struct script){ 0 };
	while (r.at < r.end) {
		if (*r.at == '"' || (*r.at == '/' && r.at + 1 < r.end && r.at[1] == '*')) {
			skip_comment_or_string(&r);
		} else if (*r.at == '*') {
			r.at++;
			if (r.at < r.end && *r.at == '(')
				read_sections(&r);
		} else if (*r.at == '{' || *r.at == '}') {
			/* bounds are inside the output section, beside what they bound */
			free(r.last_symbol);
			r.last_symbol = NULL;
			r.open_tables = s->table_count;
			r.at++;
		} else if (in_word(*r.at)) {
			read_word(&r);
		} else {
			r.at++;
		}
	}
	make_unique(&s->words);
	free(r.last_symbol);
}

static bool takes(const struct script_table *t, const char *section)
{
	size_t length = strlen(t->section);

	return !strncmp(t->section, section, length) &&
	       (!section[length] || !strncmp(section + length, "..", 2));
}

const struct script_table *script_find(const struct script *s, const char *section)
{
	for (size_t i = 0; i < s->table_count; i++)
		if (takes(&s->tables[i], section))
			return &s->tables[i];
	return NULL;
}

void script_release(struct script *s)
{
	for (size_t i = 0; i < s->table_count; i++) {
		free(s->tables[i].section);
		free(s->tables[i].start);
		free(s->tables[i].end);
	}
	free(s->tables);
	strlist_release(&s->words);
	*s = (struct script){ 0 };
}
