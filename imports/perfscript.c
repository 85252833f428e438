/* SPDX-License-Identifier: MIT */
/*
 * perfscript.c - the text of perf script, line by line (scriptline.h says what lines there are)
 */
#include "scriptline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "perfinput.h"

enum { MOST_LINE_BYTES = 1 << 20, MOST_EVENTS = 256, PROGRESS_BYTES = 4 << 20 };

struct reader {
	struct perfinput in;
	const struct perf_handlers *handlers;
	struct perf_facts *facts;
	struct scriptline line;
	uint64_t repeat; /* how often the next sample was seen */
	/* a sample with a call chain: its branches, or an empty line, come behind it */
	struct perf_sample waiting;
	bool is_waiting, has_address, in_chain;
	bool is_symbolic;
	char *error;
};

static void fail(struct reader *r, const char *why)
{
	if (!r->error)
		r->error =
			xasprintf("%s cannot be read as text of perf script: line %" PRIu64 ": %s",
				  r->in.name, r->facts->records, why);
}

/* The number of the line's event; text that names none has one without a name. */
static size_t event_of(struct reader *r)
{
	struct perf_facts *facts = r->facts;
	const struct scriptline *l = &r->line;
	size_t i;

	for (i = 0; i < facts->event_count; i++) {
		const char *name = facts->events[i].name;

		if (l->event ? name && strlen(name) == l->event_bytes &&
				       !memcmp(name, l->event, l->event_bytes)
			     : !name)
			return i;
	}
	if (i == MOST_EVENTS) {
		fail(r, "there are more events of different names than can be");
		return 0;
	}
	facts->events = xrealloc(facts->events, (i + 1) * sizeof(*facts->events));
	facts->events[i] = (struct perf_event_kind){
		.name = l->event ? xstrndup(l->event, l->event_bytes) : NULL,
	};
	facts->event_count++;
	return i;
}

static void hand_out(struct reader *r, struct perf_sample *s)
{
	if (r->error)
		return;
	s->branches = r->line.branches;
	s->branch_count = r->line.branch_count;
	if (s->branch_count)
		r->facts->events[s->event].has_branches = true;
	if (r->handlers->sample)
		r->handlers->sample(r->handlers->user, s);
	r->facts->samples++;
}

/* What waited for branches has none. */
static void finish_waiting(struct reader *r)
{
	r->line.branch_count = 0;
	if (r->is_waiting && r->has_address)
		hand_out(r, &r->waiting);
	r->is_waiting = r->has_address = false;
}

/* The sample that the line is or begins. */
static struct perf_sample sample_of(struct reader *r)
{
	struct scriptline *l = &r->line;
	struct perf_sample s = {
		.address = l->address,
		.pid = l->pid,
		.tid = l->tid,
		.mode = l->mode,
		.event = event_of(r),
		.period = l->period,
		.count = r->repeat ? r->repeat : 1,
	};

	r->repeat = 0;
	return s;
}

/* The first frame is where the sample is; those that follow are who called. */
static void take_frame(struct reader *r)
{
	if (r->in_chain)
		return;
	r->in_chain = true;
	if (!r->is_waiting)
		r->waiting = sample_of(r);
	r->is_waiting = r->has_address = true;
	r->waiting.address = r->line.address;
	r->waiting.mode = r->line.mode;
}

static void take_branches(struct reader *r)
{
	if (!r->is_waiting)
		r->waiting = sample_of(r); /* -F brstack alone: where it was is not known */
	hand_out(r, &r->waiting);
	r->is_waiting = r->has_address = r->in_chain = false;
}

static void take_sample(struct reader *r)
{
	struct perf_sample s = sample_of(r);

	hand_out(r, &s);
}

static void take_other(struct reader *r)
{
	const struct perf_handlers *h = r->handlers;
	struct scriptline *l = &r->line;

	switch (l->kind) {
	case SCRIPTLINE_MAPPING:
		if (h->mapping)
			h->mapping(h->user, &l->mapping);
		break;
	case SCRIPTLINE_FORK:
		if (h->fork)
			h->fork(h->user, l->pid, l->parent);
		break;
	case SCRIPTLINE_EXEC:
		if (h->exec)
			h->exec(h->user, l->pid, l->file);
		break;
	case SCRIPTLINE_LOST:
		if (__builtin_add_overflow(r->facts->lost, l->count, &r->facts->lost))
			r->facts->lost = UINT64_MAX;
		break;
	case SCRIPTLINE_THROTTLE: r->facts->throttled++; break;
	case SCRIPTLINE_UNKNOWN: r->facts->unknown++; break;
	default: break;
	}
}

static void take_line(struct reader *r, const char *text, size_t bytes)
{
	struct scriptline *l = &r->line;

	r->facts->records++;
	scriptline_parse(l, text, bytes);
	r->is_symbolic |= l->is_symbolic;
	if (l->kind == SCRIPTLINE_FRAME) {
		take_frame(r);
		return;
	}
	if (l->kind == SCRIPTLINE_BRANCHES) {
		take_branches(r);
		return;
	}
	/* anything else ends a call chain */
	if (r->is_waiting) {
		size_t branches = l->branch_count;

		finish_waiting(r);
		l->branch_count = branches;
	}
	r->in_chain = false;
	if (l->kind == SCRIPTLINE_SAMPLE) {
		take_sample(r);
	} else if (l->kind == SCRIPTLINE_HEAD) {
		r->waiting = sample_of(r);
		r->is_waiting = true;
	} else if (l->kind == SCRIPTLINE_REPEAT) {
		r->repeat = l->count;
	} else {
		take_other(r);
	}
}

static char *no_samples(const struct reader *r)
{
	if (r->is_symbolic)
		return xasprintf(
			"%s has branches between symbols (brstacksym), not between addresses; "
			"print them with perf script -F ip,brstack --show-mmap-events",
			r->in.name);
	if (r->facts->truncated)
		return xasprintf("%s is cut off before the first sample", r->in.name);
	return xasprintf("%s has no samples that could be understood as text of perf script; print "
			 "them with perf script -F ip,brstack --show-mmap-events",
			 r->in.name);
}

static void read_lines(struct reader *r)
{
	uint64_t offset = 0, shown = 0;
	const struct perf_handlers *h = r->handlers;

	while (!r->error) {
		size_t bytes;
		const char *text = perfinput_line(&r->in, offset, MOST_LINE_BYTES, &bytes);

		if (!text) {
			/* half a line may end within a number */
			r->facts->truncated = bytes > 0;
			if (bytes == MOST_LINE_BYTES)
				fail(r, "it has no end within a mebibyte");
			break;
		}
		take_line(r, text, bytes);
		offset += bytes + 1;
		if (h->progress && offset - shown >= PROGRESS_BYTES) {
			h->progress(h->user, offset, r->in.bytes);
			shown = offset;
		}
	}
	if (!r->error)
		finish_waiting(r);
	r->facts->file_bytes = r->in.bytes ? r->in.bytes : offset;
	if (h->progress && !r->error)
		h->progress(h->user, offset, r->in.bytes);
}

static char *read_all(struct reader *r)
{
	char *error;

	read_lines(r);
	error = r->error;
	if (r->in.failed) {
		free(error);
		error = xasprintf("%s cannot be read: %s", r->in.name, strerror(r->in.failed));
	}
	if (!error && !r->facts->samples)
		error = no_samples(r);
	scriptline_release(&r->line);
	perfinput_close(&r->in);
	return error;
}

char *perfscript_read(const char *path, const struct perf_handlers *handlers,
		      struct perf_facts *facts)
{
	struct reader r = { .handlers = handlers, .facts = facts };
	char *error;

	*facts = (struct perf_facts){ 0 };
	error = perfinput_open(&r.in, path);
	return error ? error : read_all(&r);
}

char *perfscript_read_memory(const char *name, const uint8_t *data, size_t bytes,
			     const struct perf_handlers *handlers, struct perf_facts *facts)
{
	struct reader r = { .handlers = handlers, .facts = facts };

	*facts = (struct perf_facts){ 0 };
	perfinput_memory(&r.in, name, data, bytes);
	return read_all(&r);
}
