/* SPDX-License-Identifier: MIT */
#include "initcall_name.h"

#include <ctype.h>
#include <string.h>

#include "../pipeline/lib/util.h"

char *initcall_name(const char *section, const char *symbol)
{
	static const char section_prefix[] = ".initcall", symbol_prefix[] = "__initcall__kmod_";
	const char *name, *level, *at = NULL;
	size_t level_length, length;

	if (strncmp(section, section_prefix, strlen(section_prefix)) ||
	    strncmp(symbol, symbol_prefix, strlen(symbol_prefix)))
		return NULL;
	level = section + strlen(section_prefix);
	level_length = strcspn(level, ".");
	name = symbol + strlen(symbol_prefix);
	/* the last "__" that two numbers follow */
	for (const char *p = name; (p = strstr(p, "__")); p++) {
		const char *q = p + 2;

		q += strspn(q, "0123456789");
		if (q > p + 2 && *q == '_' && isdigit((unsigned char)q[1])) {
			q++;
			q += strspn(q, "0123456789");
			at = *q == '_' ? q + 1 : at;
		}
	}
	length = at ? strlen(at) : 0;
	return length > level_length ? xstrndup(at, length - level_length) : NULL;
}
