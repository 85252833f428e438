/* SPDX-License-Identifier: MIT */
#include "console.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void say(const char *first, ...)
{
	char line[512] = "anneal: ";
	size_t used = strlen(line);
	va_list ap;

	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *)) {
		size_t length = strlen(s);

		if (length > sizeof(line) - 1 - used)
			length = sizeof(line) - 1 - used;
		memcpy(line + used, s, length);
		used += length;
	}
	va_end(ap);
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* no console: nobody to tell */
}

const char *digits(long n)
{
	static char text[24];
	char *p = text + sizeof(text) - 1;
	unsigned long rest = n < 0 ? -(unsigned long)n : (unsigned long)n;

	do
		*--p = (char)('0' + rest % 10);
	while (rest /= 10);
	if (n < 0)
		*--p = '-';
	return p;
}

const char *reason(int error)
{
	switch (error) {
	case ENOENT: return "no such file or directory";
	case EACCES: return "permission denied";
	case ENOEXEC: return "not an x86-64 program";
	case ENOMEM: return "out of memory";
	case ENODEV: return "no such device";
	default: return digits(error);
	}
}
