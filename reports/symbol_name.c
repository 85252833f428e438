/* SPDX-License-Identifier: MIT */
#include "symbol_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

static bool is_number(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

/* Words that stand before a number. */
static bool is_numbered_word(const char *s, size_t n)
{
	static const char *const words[] = { "llvm",   "__uniq",    "isra",	  "part",
					     "__part", "constprop", "specialized" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == n && !memcmp(words[i], s, n))
			return true;
	return false;
}

/* Words that stand alone. */
static bool is_word(const char *s, size_t n)
{
	static const char *const words[] = { "cold", "warm", "split", "unlikely" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == n && !memcmp(words[i], s, n))
			return true;
	return false;
}

/* Position of the last dot in s[0..n) that has something before it; n if there is none. */
static size_t last_dot(const char *s, size_t n)
{
	for (size_t i = n; i > 1; i--)
		if (s[i - 1] == '.')
			return i - 1;
	return n;
}

/* Length of the name without its last suffix; n if it has none that is known. */
static size_t without_suffix(const char *s, size_t n)
{
	size_t dot = last_dot(s, n), above;

	if (dot == n)
		return n;
	if (is_word(s + dot + 1, n - dot - 1))
		return dot;
	if (!is_number(s + dot + 1, n - dot - 1))
		return n;
	above = last_dot(s, dot);
	if (above < dot && is_numbered_word(s + above + 1, dot - above - 1))
		return above;
	return dot;
}

/* "__x64_" and what follows the wrapper's own prefix, or NULL. */
static char *system_call(const char *name)
{
	static const char *const prefixes[] = { "__se_sys_", "__do_sys_", "__se_compat_sys_",
						"__do_compat_sys_" };
	static const char other[] = "__ia32_";

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return xasprintf("__x64_%s", name + strlen("__se_"));
	if (!strncmp(name, other, strlen(other)))
		return xasprintf("__x64_%s", name + strlen(other));
	return NULL;
}

static char *without_suffixes(const char *symbol)
{
	size_t n = strlen(symbol), shorter;

	while ((shorter = without_suffix(symbol, n)) < n)
		n = shorter;
	return xstrndup(symbol, n);
}

char *symbol_frame(const char *symbol)
{
	char *frame = without_suffixes(symbol);

	for (char *c = frame; *c; c++)
		if (*c == ';' || (unsigned char)*c < ' ')
			*c = ':';
	return frame;
}

char *symbol_name(const char *symbol)
{
	char *name = without_suffixes(symbol), *call = system_call(name);

	if (!call)
		return name;
	free(name);
	return call;
}
