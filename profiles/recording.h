/* SPDX-License-Identifier: MIT */
/*
 * recording.h - a guest under the tracer, from its boot to the files
 *
 * All functions die with a sentence, and show the console's end, if the guest or the tracer does
 * not do what is wanted. QEMU ends with this process.
 */
#ifndef PROFILES_RECORDING_H
#define PROFILES_RECORDING_H

#include <stdbool.h>
#include <sys/types.h>

#include "pipeline/guest.h"
#include "pipeline/probe.h"

struct recording {
	struct guest guest;
	const struct guest_options *options;
	const struct probe *probe;
	const char *console_path; /* written while the guest runs */
	const char *socket_path;  /* the tracer's, or NULL if it is not asked anything */
	int console_fd, control_fd;
	bool ended; /* the console is closed */
};

/* Boot. `options` has the words for the tracer already. */
void xrecording_start(struct recording *r);

/* Until the app answers, for at most `timeout_s`; returns how long that took, in seconds. */
double xrecording_ready(struct recording *r, unsigned timeout_s);

/* Ask the tracer: "start", "stop", "write DIRECTORY" (control.h). */
void xrecording_ask(struct recording *r, const char *command);

/* Run `command` with sh and ports_environment() until it ends, with status 0. */
void xrecording_load(struct recording *r, const char *command);

/* Stop the app and wait for the end of the machine; by force after a while. */
void xrecording_stop(struct recording *r);

/* Wait until the machine ends by itself, or because of ctrl-C; at most `timeout_s`, 0: for ever. */
void xrecording_end(struct recording *r, unsigned timeout_s);

#endif
