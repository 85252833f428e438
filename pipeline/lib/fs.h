/* SPDX-License-Identifier: MIT */
/*
 * fs.h - files and directories, written whole or not at all
 *
 * Functions whose name starts with x die with a sentence if they fail; the
 * others return 0 or -errno. A file is written under a temporary name in the
 * same directory and then renamed, so that a reader, a full disk or a kill -9
 * never meets half of one.
 */
#ifndef PIPELINE_FS_H
#define PIPELINE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "strlist.h"

bool fs_exists(const char *path);
bool fs_is_directory(const char *path);

/* Size in bytes; dies if the file is not there. */
uint64_t xfs_size(const char *path);

/* The whole file with a NUL behind it; NULL and errno if it cannot be read. */
char *fs_read(const char *path, size_t *bytes);
char *xfs_read(const char *path, size_t *bytes);

/*
 * The same of a file that somebody else made: only a regular one, or a link to one, of at most `most`
 * bytes. Never waits, as it would for the other end of a pipe. errno is EINVAL: it is no regular file;
 * EFBIG: it is larger.
 */
char *fs_read_regular(const char *path, uint64_t most, size_t *bytes);

/* A device or a pipe, /dev/null or /dev/stdout, is written to as it is, never replaced. */
int fs_write(const char *path, const void *data, size_t bytes);
void xfs_write(const char *path, const void *data, size_t bytes);

/* The same, but leaves a file alone, and its time, that has these contents. */
void xfs_write_if_changed(const char *path, const void *data, size_t bytes);

/*
 * The same bytes at `to`, without another copy where the file system can do that:
 * for files that are never written again, only replaced.
 */
void xfs_link(const char *from, const char *to);

/* Copy contents and the executable bit; the target appears at once or never. */
void xfs_copy(const char *from, const char *to);

void xfs_rename(const char *from, const char *to);

/* The directory and those above it. */
void xfs_mkdirs(const char *path);

/* The directories above `path`. */
void xfs_mkdirs_above(const char *path);

/* Remove a tree; one that is not there is removed already. */
int fs_remove(const char *path);
void xfs_remove(const char *path);

/*
 * Paths of all entries below `directory` (files and links; directories too, if
 * asked), relative to it, sorted by byte.
 */
void xfs_tree(struct strlist *out, const char *directory, bool directories);

/* Names in `directory` without . and .., sorted; none if it cannot be read. */
void fs_list(struct strlist *out, const char *directory);

/* A new directory `directory`/`name`.XXXXXX; the caller frees the path. */
char *xfs_temporary_directory(const char *directory, const char *name);

/*
 * Take the lock file at `path`, made if missing. Says whom it waits for when
 * another process has it, and waits. Held until the process ends (a crash
 * releases it, too) or until the descriptor is closed. Never inherited.
 */
int xfs_lock(const char *path, const char *what);

/* Die, saying so, if the disk of `directory` (made if missing) has less than this. */
void xfs_need_space(const char *directory, uint64_t bytes);

/* An absolute path without . .. and links; dies if it is not there. */
char *xfs_absolute(const char *path);

/* The part behind the last slash. */
const char *fs_base(const char *path);

/* "5.87 Mi": three digits, IEC prefix. The caller frees. */
char *fs_human_bytes(uint64_t bytes);

#endif
