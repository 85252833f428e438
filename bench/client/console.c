/* SPDX-License-Identifier: MIT */
#include "console.h"

#include <stdarg.h>
#include <stddef.h>

#include "system.h"

enum { CONSOLE = 2 };

void line_begin(struct line *l)
{
	l->bytes = 0;
	line_text(l, "anneal: client ");
}

void line_text(struct line *l, const char *text)
{
	for (; *text && l->bytes < sizeof(l->text) - 1; text++)
		l->text[l->bytes++] = *text;
}

void line_number(struct line *l, uint64_t number, unsigned width)
{
	char digits[32], *at = digits + sizeof(digits) - 1;
	unsigned count = 0;

	*at = '\0';
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
		count++;
	} while (number || (count < width && count < sizeof(digits) - 1));
	line_text(l, at);
}

void line_hex(struct line *l, uint64_t number)
{
	char digits[17] = { 0 };

	for (int i = 15; i >= 0; i--, number >>= 4)
		digits[i] = "0123456789abcdef"[number & 15];
	line_text(l, digits);
}

void line_end(struct line *l)
{
	l->text[l->bytes++] = '\n';
	system_write(CONSOLE, l->text, l->bytes);
}

void fatal(const char *first, ...)
{
	struct line l;
	va_list ap;

	line_begin(&l);
	line_text(&l, "fatal: ");
	va_start(ap, first);
	for (const char *text = first; text; text = va_arg(ap, const char *))
		line_text(&l, text);
	va_end(ap);
	line_end(&l);
	system_exit(1);
}
