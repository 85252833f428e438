/* SPDX-License-Identifier: MIT */
/*
 * helpers.h - programs that an app would start, and that its image does not have
 *
 * An image has one program. Where an app starts others (a shell by system(3), a mailer), it only
 * finds out when it runs; so what it names is looked up when the image is made. A guess: a name that
 * is put together at run time is not seen, and one that stands in the program may never be used.
 */
#ifndef PIPELINE_HELPERS_H
#define PIPELINE_HELPERS_H

#include <jansson.h>

/*
 * Paths of programs ("/bin/sh", "/usr/sbin/sendmail") among the texts of the program `elf` that are not in
 * `archive`, sorted, if `app` can call execve by `syscalls` (the shaker's syscalls.json); else an empty array.
 * A new reference; dies if a file cannot be read.
 */
json_t *helpers_missing(const char *syscalls, const char *app, const char *elf,
			const char *archive);

/* Is the file in an archive of xinitramfs_write() (cpio, "newc")? `path` is without a leading slash. */
int helpers_archived(const char *archive, size_t bytes, const char *path);

#endif
