/* SPDX-License-Identifier: MIT */
/*
 * perfscript.c - any bytes as the text of perf script
 */
#include "perf_events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct perf_facts facts;
	struct perf_handlers h = {
		.user = &facts, .sample = touch_sample, .mapping = touch_mapping, .exec = touch_exec
	};
	char *error;

	fuzz_touch((uint64_t)perf_kind_of_memory(data, bytes));
	error = perfscript_read_memory("F", data, bytes, &h, &facts);
	fuzz_expect(error || facts.samples);
	free(error);
	perf_facts_release(&facts);
	return 0;
}
