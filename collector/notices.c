/* SPDX-License-Identifier: MIT */
#include "notices.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../pipeline/lib/term.h"
#include "../pipeline/lib/util.h"

static const char *const names[NOTICE_KINDS] = {
	[NOTICE_GARBAGE] = "bytes that are no frame",
	[NOTICE_BAD_FRAME] = "frames that say nothing possible",
	[NOTICE_STRANGER] = "frames of unknown guests",
	[NOTICE_UNKNOWN] = "build ids that no generation has",
	[NOTICE_CHANGED] = "build ids that changed",
	[NOTICE_TOO_MANY] = "too many guests",
	[NOTICE_TOO_MUCH] = "counts that cannot be true",
	[NOTICE_NO_ROOM] = "lines for which there was no room",
	[NOTICE_SILENT] = "silent guests",
	[NOTICE_CONNECTION] = "connections",
	[NOTICE_UNREAD] = "datagrams not read",
	[NOTICE_SLOW_READER] = "peers that do not read",
	[NOTICE_GUEST] = "guests",
};

static bool may_print(struct notices *n, struct notice_state *s)
{
	s->all++;
	if (!s->window_began_s || n->now_s - s->window_began_s >= NOTICE_WINDOW_S) {
		s->window_began_s = n->now_s;
		s->printed = 0;
	}
	if (n->quiet || s->printed == NOTICE_LINES) {
		s->unsaid++;
		return false;
	}
	s->printed++;
	return true;
}

void notice(struct notices *n, enum notice_kind kind, const char *format, ...)
{
	struct notice_state *s = &n->kinds[kind];
	va_list arguments;

	if (!may_print(n, s))
		return;
	fprintf(stderr, "%snote: ", term_is_live() ? "\r\033[K" : "");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	if (s->unsaid)
		fprintf(stderr, " (and %llu like it since the last line)",
			(unsigned long long)s->unsaid);
	fputc('\n', stderr);
	s->unsaid = 0;
}

void notices_end(struct notices *n)
{
	for (size_t i = 0; i < NOTICE_KINDS; i++)
		if (n->kinds[i].unsaid && !n->quiet)
			fprintf(stderr, "note: %s: %llu more of the notices above, %llu in all\n",
				names[i], (unsigned long long)n->kinds[i].unsaid,
				(unsigned long long)n->kinds[i].all);
}
