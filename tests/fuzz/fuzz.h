/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what every fuzz driver needs
 *
 * A driver is tests/fuzz/NAME.c with LLVMFuzzerTestOneInput, a line fuzz-NAME in tools.mk
 * that lists the objects it feeds, and a few small files to begin with in tests/fuzz/corpus/NAME.
 * It says what holds of every input with fuzz_expect; the sanitizers watch the rest.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define fuzz_expect(condition)                                                            \
	do {                                                                              \
		if (!(condition)) {                                                       \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition);                                              \
			abort();                                                          \
		}                                                                         \
	} while (0)

/* Use a value, so that it has to be read. */
static inline void fuzz_touch(uint64_t value)
{
	static volatile uint64_t sink;

	sink = value;
	(void)sink;
}

#endif
