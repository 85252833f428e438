/* SPDX-License-Identifier: MIT */
#include "sample_text.h"

#include <stdlib.h>
#include <string.h>

void sample_text_each(char *text,
		      void (*visit)(const char *function, uint64_t samples, void *context),
		      void *context)
{
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *entries = *line == ' ' ? NULL : strrchr(line, ':'), *samples;

		if (!entries)
			continue;
		*entries = '\0';
		samples = strrchr(line, ':');
		if (!samples)
			continue;
		*samples = '\0';
		visit(line, strtoull(samples + 1, NULL, 10), context);
	}
}
