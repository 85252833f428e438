/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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
