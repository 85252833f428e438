/* SPDX-License-Identifier: MIT */
/*
 * running.h - a guest that runs, so that other programs find it
 *
 * run writes OUT/APP/run.json when the guest answers, and removes it at the end:
 *
 *   { "schema": 1, "generation": "7", "pid": 123, "pid_start": 456, "qemu_pid": 124,
 *     "port": 8080, "ports": [ { "guest": "tcp:80", "host": 8080 } ],
 *     "gdb": "unix:/run/user/0/anneal-run.x3fjKq/gdb" }
 *
 * pid_start is when the process `pid` began, in ticks (field 22 of /proc/PID/stat): with it a process
 * that has the same number by chance is recognized, and so is a file that a killed run left.
 * An image with a collector has "collect", too, the Unix socket of its port, in the same
 * directory; OUT/APP/collect.sock is a link to it.
 *
 * QEMU's gdb stub listens at the socket, in a directory of ours alone. Paths of sockets are short
 * (107 bytes), so it is below $XDG_RUNTIME_DIR or /tmp.
 */
#ifndef PIPELINE_RUNNING_H
#define PIPELINE_RUNNING_H

#include <stdbool.h>
#include <sys/types.h>

#include "guest.h"

/*
 * Before the start: gives QEMU a stub, and removes what a killed run left. Cleans up at exit.
 * `collect`: the image has a collector, which gets a port.
 */
void xrunning_prepare(const char *state_path, struct guest_options *o, bool collect);

/* The guest answers: write the file. */
void xrunning_write(const struct guest *g, const struct guest_options *o);

/* The guest has ended. */
void running_end(void);

struct running {
	char *generation, *gdb; /* the caller frees both */
	pid_t pid;
	unsigned port;
};

/* False if no guest runs that this file is of. */
bool running_find(struct running *r, const char *state_path);

#endif
