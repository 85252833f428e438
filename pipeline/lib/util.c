/* SPDX-License-Identifier: MIT */
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report(const char *prefix, const char *format, va_list ap)
{
	char message[4096];

	/* One write a line: several processes share the terminal. */
	vsnprintf(message, sizeof(message), format, ap);
	fflush(stdout);
	fprintf(stderr, "%s%s\n", prefix, message);
}

void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report("error: ", format, ap);
	va_end(ap);
	exit(EXIT_FAILED);
}

void die_hint(const char *hint, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report("error: ", format, ap);
	va_end(ap);
	fprintf(stderr, "hint: %s\n", hint);
	exit(EXIT_FAILED);
}

void warn(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report("warning: ", format, ap);
	va_end(ap);
}

int verbosity(void)
{
	const char *v = getenv("V");

	return v ? atoi(v) : 0;
}

void say(int level, const char *format, ...)
{
	va_list ap;

	if (verbosity() < level)
		return;
	va_start(ap, format);
	report("", format, ap);
	va_end(ap);
}

void *xmalloc(size_t bytes)
{
	void *p = malloc(bytes ? bytes : 1);

	if (!p)
		die("out of memory (%zu bytes wanted)", bytes);
	return p;
}

void *xcalloc(size_t count, size_t bytes)
{
	void *p = calloc(count ? count : 1, bytes ? bytes : 1);

	if (!p)
		die("out of memory (%zu x %zu bytes wanted)", count, bytes);
	return p;
}

void *xrealloc(void *p, size_t bytes)
{
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		die("out of memory (%zu bytes wanted)", bytes);
	return p;
}

char *xstrndup(const char *s, size_t length)
{
	char *copy = xmalloc(length + 1);

	memcpy(copy, s, length);
	copy[length] = '\0';
	return copy;
}

char *xdoubled(const char *s, char c)
{
	char *result = xmalloc(2 * strlen(s) + 1), *end = result;

	for (; *s; s++) {
		*end++ = *s;
		if (*s == c)
			*end++ = c;
	}
	*end = '\0';
	return result;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xasprintf(const char *format, ...)
{
	char *s;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		die("out of memory");
	va_end(ap);
	return s;
}
