/* SPDX-License-Identifier: MIT */
/*
 * tap.c - any text as what a test printed: counts that agree with what is kept
 */
#include <stdlib.h>
#include <string.h>

#include "../../pipeline/tap.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct tap t = TAP_INIT;
	char *text = malloc(bytes + 1), *wrong;
	size_t failed = 0;

	memcpy(text, data, bytes);
	text[bytes] = '\0';
	tap_text(&t, text);
	for (size_t i = 0; i < t.n; i++)
		failed += t.v[i].failed;
	fuzz_expect(t.n <= TAP_MOST_POINTS && failed <= t.failed);
	fuzz_expect(t.n == TAP_MOST_POINTS || t.n == t.failed + t.skipped);
	wrong = tap_end(&t, 0);
	fuzz_expect(wrong || (!t.failed && t.planned >= 0));
	free(wrong);
	free(text);
	tap_release(&t);
	return 0;
}
