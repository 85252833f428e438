/* SPDX-License-Identifier: MIT */
#include "escape.h"

#include <string.h>

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;
	long place = at ? at - digits : -1;

	return (int)(place > 15 ? place - 6 : place);
}

int escape_take(const char **at)
{
	static const char from[] = "nrt\"\\", to[] = "\n\r\t\"\\";
	const char *known = **at ? strchr(from, **at) : NULL;
	int high, low;

	if (known) {
		(*at)++;
		return to[known - from];
	}
	if (**at != 'x' || (high = digit_of((*at)[1])) < 0 || (low = digit_of((*at)[2])) < 0)
		return -1;
	*at += 3;
	return high << 4 | low;
}
