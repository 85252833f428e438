/* SPDX-License-Identifier: MIT */
/*
 * perfdata.c - any bytes as a perf.data: an error or events, each within its record
 */
#include "perf_events.h"

static void sample(void *user, const struct perf_sample *s)
{
	touch_sample(user, s);
	fuzz_expect(s->count == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct perf_facts facts;
	struct perf_handlers h = {
		.user = &facts, .sample = sample, .mapping = touch_mapping, .exec = touch_exec
	};
	char *error;

	fuzz_touch((uint64_t)perf_kind_of_memory(data, bytes));
	error = perfdata_read_memory("F", data, bytes, &h, &facts);
	fuzz_expect(error || facts.event_count);
	fuzz_expect(facts.samples <= facts.records);
	for (size_t i = 0; i < facts.event_count; i++)
		fuzz_expect(error || facts.events[i].name);
	for (size_t i = 0; i < facts.build_id_count; i++)
		fuzz_touch(strlen(facts.build_ids[i].file) + facts.build_ids[i].bytes);
	free(error);
	perf_facts_release(&facts);
	return 0;
}
