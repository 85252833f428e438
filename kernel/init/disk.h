/* SPDX-License-Identifier: MIT */
/*
 * disk.h - the machine's disk: one ext4 file system on /dev/vda, without partitions
 *
 * What is said here about syscalls holds for images whose init.conf has disk_at; in others nothing
 * calls these (INIT_ONLY_IF_... in recipes/init/init.mk), so their kernel has no file system on a disk.
 */
#ifndef INIT_DISK_H
#define INIT_DISK_H

/*
 * Mount it at `where`, a directory there is, for programs to write to. NULL, or the sentence's end that says why
 * that cannot be. A disk with nothing left on it is said on the console.
 */
const char *disk_mount(const char *where);

/*
 * All that was written is on the disk afterwards, and the file system is clean. No program
 * may use it any more. Says so if it cannot be done, or if the disk is full.
 */
void disk_unmount(const char *where);

#endif
