/* SPDX-License-Identifier: MIT */
/*
 * perfdata.c - any bytes as a perf.data: an error or events, each within its record
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../imports/perfevent.h"
#include "fuzz.h"

static void sample(void *user, const struct perf_sample *s)
{
	const struct perf_facts *facts = user;

	fuzz_expect(s->event < facts->event_count);
	fuzz_expect(s->count == 1);
	for (size_t i = 0; i < s->branch_count; i++)
		fuzz_touch(s->branches[i].from ^ s->branches[i].to);
}

static void mapping(void *user, const struct perf_mapping *m)
{
	(void)user;
	fuzz_touch(strlen(m->file));
	fuzz_expect(m->build_id_bytes <= 20);
	for (size_t i = 0; i < m->build_id_bytes; i++)
		fuzz_touch(m->build_id[i]);
}

static void exec(void *user, int32_t pid, const char *name)
{
	(void)user;
	fuzz_touch(strlen(name) + (size_t)pid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct perf_facts facts;
	struct perf_handlers h = {
		.user = &facts, .sample = sample, .mapping = mapping, .exec = exec
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
