/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void append(const char *key, const char *format, va_list ap)
{
	const char *path = getenv("ANNEAL_REPORT");
	FILE *f = path ? fopen(path, "a") : NULL;

	if (!f)
		return;
	fputs(key, f);
	vfprintf(f, format, ap);
	fputc('\n', f);
	fclose(f);
}

static void append_words(const char *key, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	append(key, format, ap);
	va_end(ap);
}

void report_cached(void)
{
	append_words("cached", "%s", "");
}

void report_note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	append("note ", format, ap);
	va_end(ap);
}
