/* SPDX-License-Identifier: MIT */
#include "load_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "loadparser.h"

enum { NAME_BYTES = 60, MOST_COUNT = 1 << 30 };

static const char *const ends[] = {
	[EXCHANGE_UNTIL] = "until", [EXCHANGE_LINES] = "lines", [EXCHANGE_BYTES] = "bytes",
	[EXCHANGE_RESP] = "resp",   [EXCHANGE_CLOSE] = "close",
};

/* The text as it stands in the file from `begin`, at an opening quote, to `end`. */
static char *shortened(const char *begin, const char *end)
{
	size_t bytes = (size_t)(end - begin);

	if (bytes <= NAME_BYTES)
		return xstrndup(begin, bytes);
	return xasprintf("%.*s...\"", NAME_BYTES - 4, begin);
}

static bool has_variable(const struct load_text *text)
{
	for (size_t i = 0; i < text->n; i++)
		if (!text->v[i].bytes)
			return true;
	return false;
}

static bool parse_until(struct loadparser *p, struct load_exchange *x)
{
	if (!loadparser_text(p, "the text behind until", &x->until, &x->variables))
		return false;
	if (has_variable(&x->until))
		return loadparser_fault(p, "an answer cannot end with a variable");
	if (!x->until.n || x->until.v[0].length > EXCHANGE_MOST_UNTIL)
		return loadparser_fault(p, "until takes 1 to %d bytes", EXCHANGE_MOST_UNTIL);
	return true;
}

/* until "text" | lines N | bytes N | resp | close */
static bool parse_end(struct loadparser *p, struct load_exchange *x)
{
	int end = loadparser_choice(p, "way to end an answer", ends, ARRAY_SIZE(ends));

	if (end < 0)
		return false;
	x->end = (enum exchange_end)end;
	if (x->end == EXCHANGE_UNTIL)
		return parse_until(p, x);
	if (x->end == EXCHANGE_LINES)
		return loadparser_number(p, "the number behind lines", 1, MOST_COUNT, &x->count);
	if (x->end == EXCHANGE_BYTES)
		return loadparser_number(p, "the number behind bytes", 1, MOST_COUNT, &x->count);
	return true;
}

static bool parse_expected(struct loadparser *p, struct load_exchange *x)
{
	static const char *const words[] = { "expect" };
	char *word;

	while ((word = loadparser_word(p))) {
		bool known = !strcmp(word, *words);

		if (!known)
			loadparser_fault_word(p, "part of an exchange", word, words, 1);
		free(word);
		if (!known)
			return false;
		if (x->expected == EXCHANGE_MOST_EXPECTED)
			return loadparser_fault(p, "an exchange has %d times expect at most",
						EXCHANGE_MOST_EXPECTED);
		if (!loadparser_text(p, "the text behind expect", &x->expect[x->expected++],
				     &x->variables))
			return false;
	}
	return !p->error;
}

bool loadparser_exchange(struct loadparser *p)
{
	struct load_request *r = loadparser_add(p);
	struct load_exchange *x = xcalloc(1, sizeof(*x));
	const char *begin;

	r->exchange = x;
	r->method = "exchange";
	x->name = xstrdup("");
	if (!loadparser_number(p, "the weight", 1, 1000000, &r->weight))
		return false;
	begin = p->at += strspn(p->at, " \t");
	if (!loadparser_text(p, "what is sent", &x->sent, &x->variables))
		return false;
	free(x->name);
	x->name = shortened(begin, p->at);
	r->path = xstrdup(x->name);
	if (!x->sent.n)
		return loadparser_fault(p, "nothing is sent");
	return parse_end(p, x) && parse_expected(p, x);
}

void load_message_make(struct load_message *m, const struct load_exchange *x, const uint64_t *drawn)
{
	size_t at[EXCHANGE_MOST_EXPECTED + 1];

	*m = (struct load_message){ 0 };
	m->rule = (struct exchange_rule){ .end = x->end, .count = x->count };
	load_text_render(&x->sent, &x->variables, drawn, &m->sent);
	load_text_render(&x->until, &x->variables, drawn, &m->texts);
	m->rule.until_bytes = (uint32_t)m->texts.bytes;
	for (size_t i = 0; i < x->expected; i++) {
		at[i] = m->texts.bytes;
		load_text_render(&x->expect[i], &x->variables, drawn, &m->texts);
	}
	at[x->expected] = m->texts.bytes;
	m->rule.until = m->texts.data;
	m->rule.expected = (uint32_t)x->expected;
	for (size_t i = 0; i < x->expected; i++) {
		m->rule.expect[i].text = m->texts.data + at[i];
		m->rule.expect[i].bytes = (uint32_t)(at[i + 1] - at[i]);
	}
}

void load_message_release(struct load_message *m)
{
	free(m->sent.data);
	free(m->texts.data);
	*m = (struct load_message){ 0 };
}

void load_exchange_free(struct load_exchange *x)
{
	if (!x)
		return;
	free(x->name);
	load_text_release(&x->sent);
	load_text_release(&x->until);
	for (size_t i = 0; i < x->expected; i++)
		load_text_release(&x->expect[i]);
	load_variables_release(&x->variables);
	free(x);
}
