/* SPDX-License-Identifier: MIT */
/*
 * guestfiles.h - files that every initramfs has: devices, mount points, what init reads
 */
#ifndef PIPELINE_GUESTFILES_H
#define PIPELINE_GUESTFILES_H

#include <jansson.h>

#include "imagespec.h"
#include "initramfs.h"

/* Paths in the archive, if there is a collector: the program, and what it reads (collector/guest/units.h). */
extern const char guestfiles_collector[], guestfiles_units[];

/* Empty directories, devices of a fixed number (there is no devtmpfs), and the disk and its mount point, if `s` has one. */
void guestfiles_add_base(struct initramfs *fs, const struct imagespec *s);

/*
 * /etc/resolv.conf, if `program` (its bytes) has that name in it, as what looks up names has, and the
 * recipe has no file of its own: a link to /proc/net/pnp, where the kernel says which name server ip= gave.
 */
void guestfiles_add_resolver(struct initramfs *fs, const void *program, size_t bytes);

/*
 * The recipe's users beside root, as /etc/passwd and /etc/group; nothing if it has none. Files of the same
 * name that are added later replace these.
 */
void guestfiles_add_users(struct initramfs *fs, const struct imagespec *s);

/* /etc/anneal/init.conf (kernel/init/plan.h). `cpu_needs`: features, an array, or NULL. */
void guestfiles_add_init_conf(struct initramfs *fs, const struct imagespec *s,
			      const json_t *cpu_needs);

#endif
