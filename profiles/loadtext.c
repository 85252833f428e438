/* SPDX-License-Identifier: MIT */
#include "loadtext.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/escape.h"
#include "../pipeline/lib/util.h"
#include "load_draw.h"

static void add_byte(struct load_text *text, char byte)
{
	struct load_piece *last = text->n ? &text->v[text->n - 1] : NULL;

	if (!last || !last->bytes) {
		text->v = xrealloc(text->v, (text->n + 1) * sizeof(*text->v));
		last = &text->v[text->n++];
		*last = (struct load_piece){ .bytes = xstrdup("") };
	}
	last->bytes = xrealloc(last->bytes, last->length + 1);
	last->bytes[last->length++] = byte;
}

/* Behind a backslash; moves on by what it took. False if that is nothing known. */
static bool take_escape(struct load_text *text, const char **at)
{
	int byte = **at == '{' ? *(*at)++ : escape_take(at);

	if (byte >= 0)
		add_byte(text, (char)byte);
	return byte >= 0;
}

static int find(const struct load_variables *variables, int kind, const char *name)
{
	for (size_t i = 0; i < variables->n; i++)
		if ((int)variables->v[i].kind == kind && !strcmp(variables->v[i].name, name))
			return (int)i;
	return -1;
}

/* The variable, added if it is new. */
static char *declare(struct load_variables *variables, const struct load_variable *wanted,
		     size_t *place)
{
	int known = find(variables, wanted->kind, wanted->name);

	*place = known >= 0 ? (size_t)known : variables->n;
	if (known >= 0 && variables->v[known].size != wanted->size)
		return xasprintf("{%s%s%s} has another number than before on this line; give it a "
				 "name of its own, as in {key 10 a}",
				 wanted->kind == LOAD_KEY ? "key N" : "value N",
				 *wanted->name ? " " : "", wanted->name);
	if (known >= 0)
		return NULL;
	if (variables->n == LOAD_MOST_VARIABLES)
		return xasprintf("an exchange has %d variables at most", LOAD_MOST_VARIABLES);
	variables->v[variables->n] = *wanted;
	variables->v[variables->n].name = xstrdup(wanted->name);
	variables->v[variables->n++].key =
		wanted->kind == LOAD_VALUE ? find(variables, LOAD_KEY, wanted->name) : -1;
	return NULL;
}

/* `text` is what stands between the braces. */
static char *read_variable(struct load_variables *variables, const char *text, size_t *place)
{
	char kind[8], name[32] = "", number[24];
	struct load_variable wanted = { 0 };
	int end = -1, named_end = -1;
	unsigned long long most;

	if (sscanf(text, "%7[a-z] %23[0-9]%n %31[a-z0-9_]%n", kind, number, &end, name,
		   &named_end) < 2 ||
	    text[named_end > 0 ? named_end : end] || (strcmp(kind, "key") && strcmp(kind, "value")))
		return xasprintf(
			"'{%s}' is no variable: there are {key N}, {value N}, each perhaps "
			"with a name as {key N NAME}; a { by itself is \\{",
			text);
	wanted.kind = *kind == 'k' ? LOAD_KEY : LOAD_VALUE;
	wanted.name = name;
	errno = 0;
	wanted.size = strtoull(number, NULL, 10);
	most = wanted.kind == LOAD_KEY ? LOAD_MOST_KEYS : LOAD_MOST_VALUE_BYTES;
	if (errno || !wanted.size || wanted.size > most)
		return xasprintf("the number in '{%s}' is from 1 to %llu", text, most);
	return declare(variables, &wanted, place);
}

/* *at is behind the brace. */
static char *take_variable(struct load_text *text, struct load_variables *variables,
			   const char **at)
{
	size_t length = strcspn(*at, "}\"");
	char *inside = xstrndup(*at, length), *wrong;
	size_t place = 0;

	if ((*at)[length] != '}')
		wrong = xasprintf("a } is missing behind '{%s'; a { by itself is \\{", inside);
	else
		wrong = read_variable(variables, inside, &place);
	free(inside);
	if (wrong)
		return wrong;
	text->v = xrealloc(text->v, (text->n + 1) * sizeof(*text->v));
	text->v[text->n++] = (struct load_piece){ .variable = place };
	*at += length + 1;
	return NULL;
}

char *load_text_parse(struct load_text *text, struct load_variables *variables, const char **at)
{
	char *wrong = NULL;

	*text = (struct load_text){ 0 };
	while (!wrong && **at && **at != '"') {
		char c = *(*at)++;

		if (c == '{')
			wrong = take_variable(text, variables, at);
		else if (c != '\\')
			add_byte(text, c);
		else if (!take_escape(text, at))
			wrong = xstrdup("after a \\ comes one of n r t \" \\ { or xNN");
	}
	if (!wrong && **at != '"')
		wrong = xstrdup("the closing \" is missing");
	return wrong;
}

static void append(struct load_bytes *to, const char *data, size_t bytes)
{
	to->data = xrealloc(to->data, to->bytes + bytes + 1);
	memcpy(to->data + to->bytes, data, bytes);
	to->bytes += bytes;
	to->data[to->bytes] = '\0';
}

static uint64_t number_of(const struct load_variable *key, uint64_t draw)
{
	return load_draw_below(draw, key->size);
}

static void append_key(struct load_bytes *to, const struct load_variable *key, uint64_t draw)
{
	char digits[24], widest[24];
	int width = snprintf(widest, sizeof(widest), "%llu", (unsigned long long)key->size - 1);

	append(to, digits,
	       (size_t)snprintf(digits, sizeof(digits), "%0*llu", width,
				(unsigned long long)number_of(key, draw)));
}

/* Ten of 64 characters from each step of a generator that begins with `seed`. */
static void append_value(struct load_bytes *to, uint64_t bytes, uint64_t seed)
{
	static const char characters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint64_t draw = 0;

	to->data = xrealloc(to->data, to->bytes + bytes + 1);
	for (uint64_t i = 0; i < bytes; i++, draw >>= 6) {
		if (i % 10 == 0)
			draw = load_draw(&seed);
		to->data[to->bytes++] = characters[draw & 63];
	}
	to->data[to->bytes] = '\0';
}

void load_text_render(const struct load_text *text, const struct load_variables *variables,
		      const uint64_t *drawn, struct load_bytes *to)
{
	append(to, "", 0);
	for (size_t i = 0; i < text->n; i++) {
		const struct load_piece *p = &text->v[i];
		const struct load_variable *variable = &variables->v[p->variable];

		if (p->bytes)
			append(to, p->bytes, p->length);
		else if (variable->kind == LOAD_KEY)
			append_key(to, variable, drawn[p->variable]);
		else if (variable->key < 0)
			append_value(to, variable->size, drawn[p->variable]);
		else
			append_value(to, variable->size,
				     number_of(&variables->v[variable->key], drawn[variable->key]));
	}
}

void load_text_release(struct load_text *text)
{
	for (size_t i = 0; i < text->n; i++)
		free(text->v[i].bytes);
	free(text->v);
	*text = (struct load_text){ 0 };
}

void load_variables_release(struct load_variables *variables)
{
	for (size_t i = 0; i < variables->n; i++)
		free(variables->v[i].name);
	variables->n = 0;
}
