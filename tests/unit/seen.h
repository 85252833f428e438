/* SPDX-License-Identifier: MIT */
/*
 * seen.h - what a reader of perf's files hands out, as text
 *
 * A line for each sample, mapping, fork and exec; `brief`: without the words, and "; " instead of a new line.
 */
#ifndef TESTS_UNIT_SEEN_H
#define TESTS_UNIT_SEEN_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../imports/perfevent.h"

struct seen {
	FILE *out;
	char *text;
	size_t bytes;
	bool brief;
	struct perf_facts facts;
	char *error; /* the reader's */
	uint64_t mappings, branches, progressed;
};

static inline void seen_end(const struct seen *seen)
{
	fputs(seen->brief ? "; " : "\n", seen->out);
}

static inline void seen_sample(void *user, const struct perf_sample *s)
{
	struct seen *seen = user;
	const char *event = seen->facts.events[s->event].name;

	fprintf(seen->out, "%s%" PRIu64 "x %" PRId32 "/%" PRId32 " %" PRIu64 " %s %" PRIx64 " %s%d",
		seen->brief ? "" : "sample ", s->count, s->pid, s->tid, s->period,
		event ? event : "-", s->address, seen->brief ? "" : "mode ", s->mode);
	for (size_t i = 0; i < s->branch_count; i++)
		fprintf(seen->out, " %" PRIx64 ">%" PRIx64 "%s%s", s->branches[i].from,
			s->branches[i].to,
			s->branches[i].mispredicted ? "M"
			: s->branches[i].predicted  ? "P"
						    : "-",
			s->branches[i].aborted ? "A" : "");
	seen_end(seen);
	seen->branches += s->branch_count;
}

static inline void seen_mapping(void *user, const struct perf_mapping *m)
{
	struct seen *seen = user;

	fprintf(seen->out, "%s%" PRId32 " %" PRIx64 "+%" PRIx64 "@%" PRIx64 " %d %d '%s' ",
		seen->brief ? "" : "mapping ", m->pid, m->start, m->bytes, m->offset, m->mode,
		m->executable, m->file);
	for (size_t i = 0; i < m->build_id_bytes; i++)
		fprintf(seen->out, "%02x", m->build_id[i]);
	seen_end(seen);
	seen->mappings++;
}

static inline void seen_fork(void *user, int32_t pid, int32_t parent)
{
	struct seen *seen = user;

	fprintf(seen->out, "fork %" PRId32 " of %" PRId32, pid, parent);
	seen_end(seen);
}

static inline void seen_exec(void *user, int32_t pid, const char *name)
{
	struct seen *seen = user;

	fprintf(seen->out, "exec %" PRId32 " '%s'", pid, name);
	seen_end(seen);
}

static inline void seen_progress(void *user, uint64_t done, uint64_t all)
{
	struct seen *seen = user;

	assert_true(done >= seen->progressed);
	assert_true(!all || done <= all);
	seen->progressed = done;
}

/* Handlers that fill `s`; the caller closes `out` when all is read. */
static inline struct perf_handlers seen_begin(struct seen *s, bool brief)
{
	*s = (struct seen){ .brief = brief };
	s->out = open_memstream(&s->text, &s->bytes);
	return (struct perf_handlers){ s,	  seen_sample, seen_mapping,
				       seen_fork, seen_exec,   seen_progress };
}

static inline void forget(struct seen *s)
{
	free(s->text);
	free(s->error);
	perf_facts_release(&s->facts);
}

#endif
