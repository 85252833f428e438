/* SPDX-License-Identifier: MIT */
/*
 * addresses.c - any bytes as counts by address: an error, or what is written again byte by byte
 */
#include <stdlib.h>
#include <string.h>

#include "../../imports/addresstext.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct address_counts a, b;
	char *error = addresses_parse(&a, "F", (const char *)data, bytes);
	char *text;
	size_t length;

	if (error) {
		fuzz_expect(!a.v);
		free(error);
		return 0;
	}
	text = addresses_format(&a, &length);
	error = addresses_parse(&b, "F", text, length);
	fuzz_expect(!error);
	fuzz_expect(a.n == b.n && (!a.n || !memcmp(a.v, b.v, a.n * sizeof(*a.v))));
	fuzz_expect(addresses_total(&a) <= INT64_MAX);
	free(text);
	addresses_release(&a);
	addresses_release(&b);
	return 0;
}
