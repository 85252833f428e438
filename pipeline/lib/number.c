/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

uint64_t number_option(const char *option, const char *text, uint64_t least, uint64_t most)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number < least || number > most) {
		fprintf(stderr,
			"error: %s takes a number from %" PRIu64 " to %" PRIu64 ", not '%s'\n",
			option, least, most, text);
		exit(EXIT_USAGE);
	}
	return number;
}

uint64_t number_bytes(const char *text)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	unsigned long long count;
	unsigned shift;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	count = strtoull(text, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (errno || !unit || end[1])
		return 0;
	shift = 10 * (unsigned)(unit - units + 1);
	return count > UINT64_MAX >> shift ? 0 : (uint64_t)count << shift;
}
