/* SPDX-License-Identifier: MIT */
/*
 * guest.h - an image running in QEMU
 *
 * The caller polls `console_fd` and calls guest_read() when it is readable. The
 * guest never outlives its caller: the kernel kills QEMU when this process ends,
 * however it ends.
 */
#ifndef PIPELINE_GUEST_H
#define PIPELINE_GUEST_H

#include <stdbool.h>
#include <sys/types.h>

#include "accelerator.h"
#include "lib/strlist.h"

struct guest_options {
	const char *image;
	const char *initrd;  /* archive for -initrd, laid over the image's own files, or NULL */
	const char *machine; /* one that guest_command() knows: "microvm" */
	const char *memory;  /* "64M" */
	unsigned port;	     /* of 127.0.0.1, forwarded to guest_port; 0: none */
	unsigned guest_port;
	const char *append;    /* more words for the kernel's command line, or NULL */
	const char *arguments; /* more words for the app, or NULL */
	struct strlist qemu;   /* more words for QEMU */
	const char *collect;   /* Unix socket to make for the collector's port, or NULL */
	unsigned tsc_khz;      /* of the guest's TSC, where it is told; 0: it measures */
	bool monitor;	       /* QEMU can be asked (monitor.h) */
};

struct guest {
	pid_t pid;
	int console_fd;	 /* what the guest writes; non-blocking */
	int input_fd;	 /* what the guest reads */
	int monitor_fd;	 /* -1: it cannot be asked */
	int exit_status; /* the app's, from init's last line; -1 until then */
	char line[512];	 /* the console's current line, incomplete */
	size_t line_bytes;
};

/* QEMU's command line; also what V=1 shows. */
void guest_command(struct strlist *argv, const struct guest_options *o,
		   const struct accelerator *a);

/* Dies if QEMU cannot be started. */
void xguest_start(struct guest *g, const struct guest_options *o, const struct accelerator *a);

/*
 * Read what there is, pass it to `out_fd` (and to `log_fd`, if not -1). False
 * once the console is closed: QEMU has ended.
 */
bool guest_read(struct guest *g, int out_fd, int log_fd);

/* Ask init to stop the app and end the machine: ctrl-C on the console. */
void guest_stop(struct guest *g);

/* Wait for QEMU; returns its exit status. With `kill_it`, end it first. */
int guest_wait(struct guest *g, bool kill_it);

/* A port of 127.0.0.1 that is free now. */
unsigned guest_free_port(void);

/* Whether something listens on 127.0.0.1:`port`. */
bool guest_port_in_use(unsigned port);

#endif
