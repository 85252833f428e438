/* SPDX-License-Identifier: MIT */
#include "assembly.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

struct span {
	const char *at, *end;
};

static bool starts_symbol(char c)
{
	return isalpha((unsigned char)c) || c == '_' || c == '.';
}

static bool in_symbol(char c)
{
	return starts_symbol(c) || isdigit((unsigned char)c);
}

static void skip_blanks(struct span *s)
{
	while (s->at < s->end && isspace((unsigned char)*s->at))
		s->at++;
}

static void skip_string(struct span *s)
{
	for (s->at++; s->at < s->end && *s->at != '"'; s->at++)
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
	if (s->at < s->end)
		s->at++;
}

/* The next statement of `text`: up to a newline, a semicolon or a comment. */
static bool next_statement(struct span *text, struct span *statement)
{
	if (text->at >= text->end)
		return false;
	statement->at = text->at;
	while (text->at < text->end && !strchr("\n;#", *text->at)) {
		if (*text->at == '"')
			skip_string(text);
		else
			text->at++;
	}
	statement->end = text->at;
	if (text->at < text->end && *text->at == '#')
		while (text->at < text->end && *text->at != '\n')
			text->at++;
	if (text->at < text->end)
		text->at++;
	skip_blanks(statement);
	return true;
}

/* A word at the span's start, which moves behind it; empty if none is there. */
static struct span take_word(struct span *s)
{
	struct span word = { s->at, s->at };

	if (s->at < s->end && starts_symbol(*s->at))
		while (s->at < s->end && in_symbol(*s->at))
			s->at++;
	word.end = s->at;
	return word;
}

static bool is_word(struct span word, const char *text)
{
	size_t length = (size_t)(word.end - word.at);

	return length == strlen(text) && !memcmp(word.at, text, length);
}

static bool is_one_of(struct span word, const char *const *texts)
{
	for (; *texts; texts++)
		if (is_word(word, *texts))
			return true;
	return false;
}

static void push_span(struct strlist *list, struct span s)
{
	strlist_pushf(list, "%.*s", (int)(s.end - s.at), s.at);
}

/* Labels at the start of a statement: "name:", "12:". */
static void take_labels(struct span *s, struct strlist *defined)
{
	for (;;) {
		struct span look = *s, label = { s->at, s->at };

		while (look.at < look.end && (in_symbol(*look.at)))
			look.at++;
		label.end = look.at;
		skip_blanks(&look);
		if (label.end == label.at || look.at >= look.end || *look.at != ':')
			return;
		if (starts_symbol(*label.at))
			push_span(defined, label);
		s->at = look.at + 1;
		skip_blanks(s);
	}
}

/* Directives whose operands refer to nothing. */
static const char *const declarations[] = {
	".globl",	".global",     ".weak",	    ".hidden", ".type",	 ".size",   ".section",
	".pushsection", ".popsection", ".previous", ".asciz",  ".ascii", ".string", ".align",
	".balign",	".p2align",    ".local",    ".file",   ".text",	 ".data",   NULL,
};

static void take_words(struct span s, struct strlist *words)
{
	while (s.at < s.end) {
		if (*s.at == '"') {
			skip_string(&s);
		} else if (*s.at == '%' || isdigit((unsigned char)*s.at)) {
			/* a register, or a number such as 0x0f or 986b */
			for (s.at++; s.at < s.end && (isalnum((unsigned char)*s.at));)
				s.at++;
		} else if (starts_symbol(*s.at)) {
			struct span word = take_word(&s);

			if (!is_word(word, "."))
				push_span(words, word);
		} else {
			s.at++;
		}
	}
}

static void take_statement(struct span s, struct strlist *defined, struct strlist *words)
{
	struct span first;

	take_labels(&s, defined);
	first = take_word(&s);
	skip_blanks(&s);
	if (is_one_of(first, declarations))
		return;
	if (s.at < s.end && *s.at == '=') {
		push_span(defined, first);
	} else if (is_word(first, ".set") || is_word(first, ".equ")) {
		push_span(defined, take_word(&s));
	}
	take_words(s, words);
}

void assembly_symbols(const char *text, size_t bytes, struct strlist *defined,
		      struct strlist *words)
{
	struct span rest = { text, text + bytes }, statement;

	while (next_statement(&rest, &statement))
		take_statement(statement, defined, words);
}

/* The section a statement enters, which the caller frees, or NULL. */
static char *entered_section(struct span s)
{
	static const char *const directives[] = { ".section", ".pushsection", NULL };
	struct span name;

	if (!is_one_of(take_word(&s), directives))
		return NULL;
	skip_blanks(&s);
	name = s;
	if (s.at < s.end && *s.at == '"') {
		skip_string(&s);
		name.at++;
		name.end = s.at - 1;
	} else {
		while (s.at < s.end && !isspace((unsigned char)*s.at) && *s.at != ',')
			s.at++;
		name.end = s.at;
	}
	return xstrndup(name.at, (size_t)(name.end - name.at));
}

static bool leaves_section(struct span s)
{
	static const char *const directives[] = { ".popsection", ".previous", NULL };

	return is_one_of(take_word(&s), directives);
}

static bool sets_symbol(struct span s)
{
	struct span first = take_word(&s);

	skip_blanks(&s);
	return is_word(first, ".set") || (first.at < first.end && s.at < s.end && *s.at == '=');
}

/* While text is split. */
struct splitter {
	struct assembly *result;
	const char *start;	  /* of the block that is open */
	char *section;		  /* that it entered, or NULL */
	struct strlist discarded; /* another module defines these */
};

static bool is_discarded(const struct splitter *s, const struct assembly_block *block)
{
	for (size_t i = 0; i < block->defined.n; i++)
		if (!strlist_has(&s->discarded, block->defined.v[i]))
			return false;
	return block->defined.n > 0;
}

static void add_block(struct splitter *s, struct span text)
{
	struct assembly *a = s->result;
	struct assembly_block block = { .section = xstrdup(s->section ? s->section : "") };

	assembly_symbols(text.at, (size_t)(text.end - text.at), &block.defined, &block.words);
	if (is_discarded(s, &block)) {
		free(block.section);
		strlist_release(&block.defined);
		strlist_release(&block.words);
		return;
	}
	block.text = xasprintf("%.*s\n", (int)(text.end - text.at), text.at);
	if (!(a->n & (a->n - 1)))
		a->v = xrealloc(a->v, (a->n ? 2 * a->n : 1) * sizeof(*a->v));
	a->v[a->n++] = block;
}

/* Close the block that reaches up to `end`; the next one begins at `next`. */
static void close_block(struct splitter *s, const char *end, const char *next)
{
	struct span text = { s->start, end };

	s->start = next;
	skip_blanks(&text);
	while (text.end > text.at && isspace((unsigned char)text.end[-1]))
		text.end--;
	if (text.at < text.end)
		add_block(s, text);
	free(s->section);
	s->section = NULL;
}

/*
 * lld puts ".lto_discard a, b" before the assembly of a module: of these symbols
 * the definitions in other modules prevail. It holds up to the next one.
 */
static bool is_discard(struct span s)
{
	return is_word(take_word(&s), ".lto_discard");
}

static void read_discard(struct splitter *s, struct span statement)
{
	strlist_release(&s->discarded);
	take_word(&statement);
	take_words(statement, &s->discarded);
}

void assembly_split(struct assembly *a, const char *text, size_t bytes)
{
	struct splitter s = { .result = a, .start = text };
	struct span rest = { text, text + bytes }, statement;
	const char *before = text;
	unsigned depth = 0;

	for (; next_statement(&rest, &statement); before = rest.at) {
		char *entered = entered_section(statement);

		if (entered && !depth++) {
			close_block(&s, before, before);
			s.section = entered;
			entered = NULL;
		} else if (!depth && is_discard(statement)) {
			close_block(&s, before, rest.at);
			read_discard(&s, statement);
		} else if ((leaves_section(statement) && depth && !--depth) ||
			   (!depth && sets_symbol(statement))) {
			close_block(&s, rest.at, rest.at);
		}
		free(entered);
	}
	close_block(&s, text + bytes, text + bytes);
	strlist_release(&s.discarded);
}

void assembly_release(struct assembly *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].section);
		free(a->v[i].text);
		strlist_release(&a->v[i].defined);
		strlist_release(&a->v[i].words);
	}
	free(a->v);
	*a = (struct assembly){ 0 };
}
