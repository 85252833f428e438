/* SPDX-License-Identifier: MIT */
/*
 * disk.h - the file that is a guest's disk: one ext4 file system, no partition table
 *
 * Made by mke2fs (e2fsprogs), sparse, the same features whatever /etc/mke2fs.conf says. The superblock
 * is read here, so that what is wrong is said before a guest boots
 * (Documentation/filesystems/ext4/super.rst of the kernel: at byte 1024, little-endian).
 */
#ifndef PIPELINE_DISK_H
#define PIPELINE_DISK_H

#include <stdint.h>

/* mke2fs makes no journal in less than 2048 blocks of 4 KiB, and says nothing by its exit status. */
enum { DISK_LEAST_BYTES = 8 << 20 };

/* Make the file `path` of `bytes`, with an empty file system. It appears whole or never. Dies if it cannot. */
void xdisk_make(const char *path, uint64_t bytes);

/*
 * An empty one that is nowhere in the file system: it goes with the last descriptor of it, however
 * this process ends. Returns the descriptor, which children inherit. Dies if it cannot.
 */
int xdisk_make_nameless(uint64_t bytes);

/*
 * Can `path` be a guest's disk? Dies, saying why not: missing, no file, not readable and writable, no
 * ext4, or cut off. Warns, and goes on, if it has another size than the recipe's `bytes`, has grown, or if errors were
 * found in it.
 */
void xdisk_check(const char *path, uint64_t bytes);

#endif
