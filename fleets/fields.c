/* SPDX-License-Identifier: MIT */
#include "fields.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

enum { LONGEST_LINE = 1 << 16, LONGEST_WORD = 64 };

void fields_start(struct fields *f, const char *name, const char *text, size_t bytes)
{
	*f = (struct fields){ .name = name, .at = text, .end = text + bytes };
}

void fields_release(struct fields *f)
{
	strlist_release(&f->v);
}

bool fields_wrong(struct fields *f, const char *format, ...)
{
	char *sentence = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&sentence, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	free(f->error);
	f->error = xasprintf("%s:%zu: %s", f->name, f->line, sentence);
	free(sentence);
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One line, without its end. */
static bool split(struct fields *f, const char *at, const char *end)
{
	char *field = xmalloc((size_t)(end - at) + 1);
	bool good = true;

	while (good) {
		size_t n = 0;

		while (at < end && is_blank(*at))
			at++;
		if (at == end || *at == '#')
			break;
		for (; at < end && !is_blank(*at); at++) {
			if (*at == '\\' && ++at == end) {
				good = fields_wrong(f, "a backslash ends the line");
				break;
			}
			field[n++] = *at;
		}
		field[n] = '\0';
		strlist_push(&f->v, field);
	}
	free(field);
	return good;
}

bool fields_next(struct fields *f)
{
	fields_release(f);
	while (f->at < f->end && !f->v.n) {
		const char *at = f->at, *end = memchr(at, '\n', (size_t)(f->end - at));

		f->line++;
		f->at = end ? end + 1 : f->end;
		end = end ? end : f->end;
		if (end - at > LONGEST_LINE)
			return fields_wrong(f, "the line is longer than %d bytes", LONGEST_LINE);
		if (memchr(at, '\0', (size_t)(end - at)))
			return fields_wrong(f, "there is a NUL byte");
		if (end > at && end[-1] == '\r')
			return fields_wrong(f, "the line ends with CR LF; lines end with LF alone");
		if (!split(f, at, end))
			return false;
	}
	return f->v.n > 0;
}

bool fields_number(struct fields *f, size_t index, const char *what, double least, double most,
		   double *value)
{
	const char *text = f->v.v[index];
	char *end;
	double number = strtod(text, &end);

	/* strtod takes "0x1p3" and "inf", too */
	if (!*text || *end || text[strspn(text, "0123456789.")] || !isfinite(number) ||
	    number < least || number > most)
		return fields_wrong(f, "%s is '%.40s', and not a number from %g to %g", what, text,
				    least, most);
	*value = number;
	return true;
}

bool fields_is_word(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._-");

	return length && length <= LONGEST_WORD && !text[length];
}
