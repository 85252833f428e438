/* SPDX-License-Identifier: MIT */
/*
 * imagespec.h - what a recipe says about its image: how the app runs and how it
 * is known to be up
 *
 * A text file of lines "key value", written by recipes/recipe.mk like the specs
 * of components (bitcode/spec.h). A peer's (bench/peers/README.md) may also have initrd and append.
 */
#ifndef PIPELINE_IMAGESPEC_H
#define PIPELINE_IMAGESPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/strlist.h"

enum { IMAGESPEC_PORTS_MAX = 16, IMAGESPEC_CPUS_MAX = 8 };

struct imagespec_port {
	bool udp;
	unsigned number;
};

struct imagespec {
	const char *app;
	const char *machine;
	struct strlist command;	    /* argv of the app */
	struct strlist environment; /* "NAME=value" */
	int stop_signal;	    /* number */
	const char *memory;	    /* "64M", as QEMU takes it */
	const char *ready;	    /* "http:80/index.html" or "tcp:6379" */
	struct strlist rootfs;	    /* directories laid over the image's root, in order */
	struct strlist users;	    /* "redis:100:100": name, user and group number */
	const char *initrd; /* beside the image: its path, below the spec's directory; or NULL */
	bool collect;	    /* there is a collector of profiles in it */
	unsigned cpus;	    /* most processors it is built for; 1 if not said */
	struct imagespec_port ports[IMAGESPEC_PORTS_MAX]; /* of the guest, that are forwarded */
	size_t port_count;
	const char *disk_at;	 /* where its disk is mounted; NULL: it has none */
	uint64_t disk_bytes;	 /* of a new disk */
	struct strlist features; /* of the machine, by name: rng, ipv6 */
	const char *hostname;	 /* the app's name if not said */
	const char *append;	 /* more words for the kernel's command line, or NULL */
};

/* Dies with file and line if something is not understood. */
void ximagespec_read(struct imagespec *s, const char *path);

/* Is it built for this feature (kernel/features)? */
bool imagespec_has(const struct imagespec *s, const char *feature);

/*
 * Split a command line as a shell would: blanks, "double" and 'single' quotes.
 * False if a quote does not close.
 */
bool imagespec_split(struct strlist *words, const char *text);

#endif
