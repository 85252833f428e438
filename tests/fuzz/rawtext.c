/* SPDX-License-Identifier: MIT */
/*
 * rawtext.c - any bytes as raw counts: an error, or counts that are the same once written and read
 */
#include <stdlib.h>

#include "../../profiles/rawtext.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct raw_profile p, q;
	char *error = raw_parse(&p, "F", (const char *)data, bytes);
	char *text;
	size_t length;

	if (error) {
		fuzz_expect(!p.ranges.v && !p.branches.v);
		free(error);
		return 0;
	}
	raw_sort(&p.ranges);
	raw_sort(&p.branches);
	text = raw_format(&p, &length);
	error = raw_parse(&q, "F", text, length);
	fuzz_expect(!error);
	fuzz_expect(q.ranges.n == p.ranges.n && q.branches.n == p.branches.n);
	for (size_t i = 0; i < p.ranges.n; i++)
		fuzz_expect(q.ranges.v[i].from == p.ranges.v[i].from &&
			    q.ranges.v[i].to == p.ranges.v[i].to &&
			    q.ranges.v[i].count == p.ranges.v[i].count);
	free(text);
	raw_release(&p);
	raw_release(&q);
	return 0;
}
