/* SPDX-License-Identifier: MIT */
#include "perfevent.h"

#include <stdlib.h>

void perf_facts_release(struct perf_facts *facts)
{
	for (size_t i = 0; i < facts->event_count; i++)
		free(facts->events[i].name);
	for (size_t i = 0; i < facts->build_id_count; i++)
		free((char *)(uintptr_t)facts->build_ids[i].file);
	free(facts->events);
	free(facts->build_ids);
	free(facts->arch);
	free(facts->cpu_description);
	free(facts->cpu_vendor);
	*facts = (struct perf_facts){ 0 };
}
