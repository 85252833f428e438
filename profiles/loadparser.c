/* SPDX-License-Identifier: MIT */
#include "loadparser.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool loadparser_fault(struct loadparser *p, const char *format, ...)
{
	va_list ap;
	char *what;

	if (p->error)
		return false;
	va_start(ap, format);
	if (vasprintf(&what, format, ap) < 0)
		die("out of memory");
	va_end(ap);
	p->error = xasprintf("%s:%u: %s", p->path, p->line, what);
	free(what);
	return false;
}

bool loadparser_fault_word(struct loadparser *p, const char *what, const char *word,
			   const char *const *words, size_t count)
{
	struct strlist known = STRLIST_INIT;
	const char *nearest;
	char *all;

	for (size_t i = 0; i < count; i++)
		strlist_push(&known, words[i]);
	nearest = strlist_nearest(&known, word);
	all = strlist_join(&known, " ");
	if (nearest)
		loadparser_fault(p, "'%s' is not a %s; did you mean '%s'?", word, what, nearest);
	else
		loadparser_fault(p, "'%s' is not a %s; there are: %s", word, what, all);
	free(all);
	strlist_release(&known);
	return false;
}

/* What stands behind a backslash; 0 if that is nothing known. */
static char escaped(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case '"':
	case '\\': return c;
	default: return 0;
	}
}

/* p->at is at a closing quote, or not. */
static bool close_quote(struct loadparser *p)
{
	if (*p->at != '"')
		return loadparser_fault(p, "the closing \" is missing");
	p->at++;
	if (*p->at && !isblank((unsigned char)*p->at))
		loadparser_fault(p, "a blank is missing behind the closing \"");
	return !p->error;
}

/* A "text in quotes", p->at being at the first quote; NULL if it is not well formed. */
static char *quoted(struct loadparser *p)
{
	const char *c = p->at + 1;
	char *word = xmalloc(strlen(c) + 1), *to = word;

	for (; *c && *c != '"'; c++) {
		char plain = *c;

		if (plain == '\\' && !(plain = escaped(*++c))) {
			loadparser_fault(p, "after a \\ comes one of n r t \" \\");
			break;
		}
		*to++ = plain;
	}
	*to = '\0';
	p->at = c;
	if (close_quote(p))
		return word;
	free(word);
	return NULL;
}

/* To the next word. False at the end of the line. */
static bool find_word(struct loadparser *p)
{
	p->at += strspn(p->at, " \t");
	if (*p->at && *p->at != '#')
		return true;
	p->at = "";
	return false;
}

char *loadparser_word(struct loadparser *p)
{
	size_t length;
	char *word;

	if (!find_word(p))
		return NULL;
	if (*p->at == '"')
		return quoted(p);
	length = strcspn(p->at, " \t");
	word = xstrndup(p->at, length);
	p->at += length;
	if (!strchr(word, '"'))
		return word;
	loadparser_fault(p, "a \" in the middle of a word: put all of %s into quotes", word);
	free(word);
	return NULL;
}

char *loadparser_need(struct loadparser *p, const char *what)
{
	char *word = loadparser_word(p);

	if (!word)
		loadparser_fault(p, "%s is missing", what);
	return word;
}

bool loadparser_number(struct loadparser *p, const char *what, uint64_t least, uint64_t most,
		       uint64_t *value)
{
	char *word = loadparser_need(p, what), *end = NULL;
	unsigned long long number = 0;

	if (!word)
		return false;
	errno = 0;
	if (isdigit((unsigned char)*word))
		number = strtoull(word, &end, 10);
	if (!end || *end)
		loadparser_fault(p, "%s is a number, not '%s'", what, word);
	else if (errno || number < least || number > most)
		loadparser_fault(p, "%s is from %llu to %llu, not %s", what,
				 (unsigned long long)least, (unsigned long long)most, word);
	free(word);
	*value = number;
	return !p->error;
}

int loadparser_choice(struct loadparser *p, const char *what, const char *const *words,
		      size_t count)
{
	char *word = loadparser_need(p, xasprintf("the %s", what));
	int found = -1;

	for (size_t i = 0; word && i < count; i++)
		if (!strcmp(word, words[i]))
			found = (int)i;
	if (word && found < 0)
		loadparser_fault_word(p, what, word, words, count);
	free(word);
	return found;
}

bool loadparser_text(struct loadparser *p, const char *what, struct load_text *text,
		     struct load_variables *variables)
{
	char *wrong;

	*text = (struct load_text){ 0 };
	if (!find_word(p))
		return loadparser_fault(p, "%s is missing", what);
	if (*p->at != '"')
		return loadparser_fault(p, "%s stands in quotes", what);
	p->at++;
	wrong = load_text_parse(text, variables, &p->at);
	if (wrong)
		loadparser_fault(p, "%s", wrong);
	else
		close_quote(p);
	free(wrong);
	return !p->error;
}

struct load_request *loadparser_add(struct loadparser *p)
{
	struct loadfile *l = p->l;

	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n] = (struct load_request){ .line = p->line };
	return &l->v[l->n++];
}
