/* SPDX-License-Identifier: MIT */
/*
 * initramfs.h - the archive inside the image (cpio, "newc")
 *
 * Uncompressed: the image is compressed as a whole where it is shipped, and
 * inflating a third of the boot's instructions would be for nothing. Entries are
 * sorted, with date 0, root's, and inode numbers by position: the same contents
 * give the same bytes.
 *
 * Format: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst;
 * libarchive writes it.
 */
#ifndef PIPELINE_INITRAMFS_H
#define PIPELINE_INITRAMFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct initramfs;

struct initramfs *initramfs_new(void);

/* `path` is without a leading slash. Directories above it are added by themselves. */
void initramfs_add_directory(struct initramfs *fs, const char *path, mode_t mode);
void initramfs_add_data(struct initramfs *fs, const char *path, mode_t mode, const void *data,
			size_t bytes);
void initramfs_add_device(struct initramfs *fs, const char *path, mode_t mode, unsigned major,
			  unsigned minor);

/* The same for a block device. */
void initramfs_add_block_device(struct initramfs *fs, const char *path, mode_t mode, unsigned major,
				unsigned minor);
void initramfs_add_link(struct initramfs *fs, const char *path, const char *target);

/* Was the path added? */
bool initramfs_has(const struct initramfs *fs, const char *path);

/* The file's contents; its mode is 0755 if it is executable, else 0644. */
void xinitramfs_add_file(struct initramfs *fs, const char *path, const char *from);

/* Everything below `directory`: directories, files, symbolic links. */
void xinitramfs_add_tree(struct initramfs *fs, const char *directory);

/* Write the archive. A path that was added twice is there once: the last one. */
void xinitramfs_write(struct initramfs *fs, const char *output);

#endif
