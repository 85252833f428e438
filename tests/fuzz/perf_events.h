/* SPDX-License-Identifier: MIT */
/*
 * perf_events.h - what both drivers of perf's readers do with events: touch all that is promised
 */
#ifndef TESTS_FUZZ_PERF_EVENTS_H
#define TESTS_FUZZ_PERF_EVENTS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../imports/perfevent.h"
#include "fuzz.h"

/* `user` is the struct perf_facts that is being filled. */
static inline void touch_sample(void *user, const struct perf_sample *s)
{
	const struct perf_facts *facts = user;

	fuzz_expect(s->event < facts->event_count);
	fuzz_expect(s->count);
	for (size_t i = 0; i < s->branch_count; i++)
		fuzz_touch(s->branches[i].from ^ s->branches[i].to);
}

static inline void touch_mapping(void *user, const struct perf_mapping *m)
{
	(void)user;
	fuzz_touch(strlen(m->file));
	fuzz_expect(m->build_id_bytes <= 20);
	for (size_t i = 0; i < m->build_id_bytes; i++)
		fuzz_touch(m->build_id[i]);
}

static inline void touch_exec(void *user, int32_t pid, const char *name)
{
	(void)user;
	fuzz_touch(strlen(name) + (size_t)pid);
}

#endif
