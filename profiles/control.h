/* SPDX-License-Identifier: MIT */
/*
 * control.h - the tracer's unix socket: who holds it decides what is counted
 *
 * One command a line, one line of answer each, once it is in force:
 *
 *   start		nothing counted yet; count from now on
 *   stop		count no more
 *   write DIRECTORY	write what was counted so far there, an absolute path
 *
 * The answer is "ok", or "error: " and a sentence. A thread of its own serves one
 * connection after the other, so that it answers while the guest is halted, too.
 */
#ifndef PROFILES_CONTROL_H
#define PROFILES_CONTROL_H

#include <stdbool.h>

enum { CONTROL_LINE_BYTES = 4096 };

struct control_command {
	enum { CONTROL_START, CONTROL_STOP, CONTROL_WRITE } action;
	const char *directory; /* of CONTROL_WRITE: the line's end */
};

/* Read a line without its newline. NULL, or what is wrong with it. */
const char *control_parse(struct control_command *c, const char *line);

/* Does what is asked; NULL, or a sentence that the caller frees. */
typedef char *control_handler(const struct control_command *c);

/* Listen at `path`, from a thread that handles no signal. NULL, or why not; valid for good. */
const char *control_listen(const char *path, control_handler *handler);

/* The other side: connect to `path`; -1 and errno if nobody listens there. */
int control_connect(const char *path);

/*
 * Send a line and wait for the answer's. NULL if it was "ok"; else the sentence, or that
 * the connection ended. The caller frees.
 */
char *control_ask(int fd, const char *line);

#endif
