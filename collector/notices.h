/* SPDX-License-Identifier: MIT */
/*
 * notices.h - what is said about peers while counts are received: never more than a reader can take
 *
 * Whatever peers do, a kind of notice is printed at most NOTICE_LINES times in NOTICE_WINDOW_S
 * seconds; the others are counted, and how many they were is said with the next one and at the end.
 */
#ifndef COLLECTOR_NOTICES_H
#define COLLECTOR_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

enum { NOTICE_LINES = 3, NOTICE_WINDOW_S = 10 };

enum notice_kind {
	NOTICE_GARBAGE,	    /* no frame, a wrong CRC, a frame cut in half */
	NOTICE_BAD_FRAME,   /* a frame whose payload is not possible */
	NOTICE_STRANGER,    /* counts from somebody who has not said who it is */
	NOTICE_UNKNOWN,	    /* build ids that no generation has */
	NOTICE_CHANGED,	    /* other build ids than before */
	NOTICE_TOO_MANY,    /* more guests or connections than are taken */
	NOTICE_TOO_MUCH,    /* more counts than a guest can have sampled */
	NOTICE_NO_ROOM,	    /* new lines that were not taken for want of memory */
	NOTICE_SILENT,	    /* nothing heard for too long */
	NOTICE_CONNECTION,  /* connections that come and go */
	NOTICE_UNREAD,	    /* datagrams that the kernel threw away */
	NOTICE_SLOW_READER, /* a peer that does not read what is said to it */
	NOTICE_GUEST,	    /* guests that arrive and end */
	NOTICE_KINDS,
};

struct notices {
	struct notice_state {
		double window_began_s;
		unsigned printed; /* in this window */
		uint64_t unsaid;  /* since the last printed one */
		uint64_t all;
	} kinds[NOTICE_KINDS];
	double now_s; /* set by who owns this */
	bool quiet;   /* only count: for fuzzing */
};

/* One line on standard error, perhaps. No newline; nothing a peer wrote may be in it unchecked. */
void notice(struct notices *n, enum notice_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How many there were that nobody saw, a line each kind. */
void notices_end(struct notices *n);

#endif
