/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void finding(const char *label, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("  %-11s ", label);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
}

void refuse(const char *hint, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fflush(stdout);
	fputs("refused: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	if (hint)
		fprintf(stderr, "hint: %s\n", hint);
	va_end(ap);
	exit(EXIT_NO);
}

char *grouped(uint64_t value)
{
	char *plain = xasprintf("%" PRIu64, value), *text, *end;
	size_t length = strlen(plain);

	text = end = xmalloc(length + length / 3 + 1);
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*end++ = ',';
		*end++ = plain[i];
	}
	*end = '\0';
	free(plain);
	return text;
}

double share_percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

char *printable(const char *text)
{
	enum { LONGEST = 120 };
	char *copy = xstrndup(text, strnlen(text, LONGEST));

	for (char *c = copy; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}
