/* SPDX-License-Identifier: MIT */
/*
 * load_answer.h - is this the answer that the load file expects?
 */
#ifndef PROFILES_LOAD_ANSWER_H
#define PROFILES_LOAD_ANSWER_H

#include "loadfile.h"

/* What the client saw of an answer. */
struct load_answer {
	unsigned status;
	uint64_t body_bytes;	 /* decoded */
	int64_t content_length;	 /* what the header says; -1: nothing */
	const char *encoding;	 /* Content-Encoding, or NULL */
	const char *range;	 /* Content-Range, or NULL */
	uint64_t reopened_after; /* the connection was closed, unasked, after so many requests;
				     0: it was not */
};

/*
 * NULL if it is good, else what is wrong, without the request's name: "status 500 instead of 200".
 * To be freed. Checked are
 *   the status;
 *   the body's length against "bytes", if given; HEAD's Content-Length instead;
 *   that an answer is gzip if the request asked for it (Accept-Encoding), except HEAD and 304;
 *   status 206: that Content-Range is the range asked for, and the body as long as it says;
 *   that the connection was still open where it should have been.
 */
char *load_answer_fault(const struct load_request *r, const struct load_answer *a);

#endif
