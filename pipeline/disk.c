/* SPDX-License-Identifier: MIT */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/process.h"
#include "lib/util.h"

/* Of the superblock: where it is, and fields in it. */
enum {
	SUPERBLOCK_AT = 1024,
	SUPERBLOCK_BYTES = 1024,
	BLOCKS_LOW_AT = 0x4,
	BLOCK_SIZE_AT = 0x18, /* log2 of it, less 10 */
	MAGIC_AT = 0x38,
	STATE_AT = 0x3a,
	INCOMPATIBLE_AT = 0x60,
	BLOCKS_HIGH_AT = 0x150,
	MAGIC = 0xef53,
	STATE_ERRORS = 0x2,
	INCOMPATIBLE_EXTENTS = 0x40,
	INCOMPATIBLE_64BIT = 0x80,
	MOST_BLOCK_SIZE_LOG = 6, /* 64 KiB */
};

static char *mke2fs_path(void)
{
	char *path = process_find("mke2fs");

	/* not on everybody's PATH */
	if (!path && !access("/sbin/mke2fs", X_OK))
		path = xstrdup("/sbin/mke2fs");
	if (!path)
		die_hint("install it: apt-get install e2fsprogs (or 'make setup' as root)",
			 "mke2fs is not installed, so no disk can be made");
	return path;
}

/*
 * The inode tables of a new sparse file are zeros already, so that no thread of the guest has to write
 * them later. After an error the file system becomes read-only instead of worse. The names inside are
 * hashed with a fixed seed: two guests that do the same get the same file.
 */
static void format(char *path)
{
	const char *const environment[] = { "MKE2FS_CONFIG=/dev/null", "E2FSPROGS_FAKE_TIME=1",
					    NULL };
	char *argv[] = {
		mke2fs_path(),
		"-q",
		"-F",
		"-T",
		"default",
		"-b",
		"4096",
		"-I",
		"256",
		"-m",
		"0",
		"-e",
		"remount-ro",
		"-O",
		"none,has_journal,extent,huge_file,flex_bg,metadata_csum,dir_nlink,extra_isize,"
		"sparse_super,large_file,filetype,dir_index,ext_attr,resize_inode,64bit",
		"-U",
		"616e6e65-616c-4000-8000-6469736b0000",
		"-E",
		"assume_storage_prezeroed=1,hash_seed=616e6e65-616c-4000-8000-686173680000,nodiscard",
		path,
		NULL,
	};
	struct process p = PROCESS_INIT;

	p.argv = argv;
	p.environment = environment;
	if (process_run(&p)) {
		unlink(path);
		die("'%s' failed; no disk was made", process_quote(argv));
	}
	free(argv[0]);
}

/* A new file beside `path`, formatted, open for reading and writing; its name in `*name`, to be freed. */
static int make_temporary(const char *path, uint64_t bytes, char **name)
{
	int fd;

	if (bytes < DISK_LEAST_BYTES)
		die_hint("give DISK in the recipe 8M or more",
			 "a disk of %s is too small for a file system with a journal",
			 fs_human_bytes(bytes));
	*name = xasprintf("%s.XXXXXX", path);
	fd = mkostemp(*name, O_CLOEXEC);
	if (fd < 0)
		die("cannot make the disk '%s': %s", path, strerror(errno));
	if (ftruncate(fd, (off_t)bytes)) {
		unlink(*name);
		die_hint("is the disk it is on full, or the size too much for it?",
			 "cannot make the disk '%s': %s", path, strerror(errno));
	}
	format(*name);
	return fd;
}

void xdisk_make(const char *path, uint64_t bytes)
{
	char *name;

	close(make_temporary(path, bytes, &name));
	if (chmod(name, 0644))
		die("cannot make the disk '%s': %s", path, strerror(errno));
	xfs_rename(name, path);
	free(name);
}

int xdisk_make_nameless(uint64_t bytes)
{
	const char *directory = getenv("TMPDIR");
	char *path = xasprintf("%s/anneal-disk", directory && *directory ? directory : "/tmp"),
	     *name;
	int fd = make_temporary(path, bytes, &name);

	unlink(name);
	fcntl(fd, F_SETFD, 0);
	free(name);
	free(path);
	return fd;
}

static uint64_t little_endian(const unsigned char *at, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* Bytes of the file system whose superblock this is; 0 if it is none that a guest can use. */
static uint64_t file_system_bytes(const unsigned char *s)
{
	uint64_t blocks = little_endian(s + BLOCKS_LOW_AT, 4);
	uint64_t block_size_log = little_endian(s + BLOCK_SIZE_AT, 4);
	uint64_t incompatible = little_endian(s + INCOMPATIBLE_AT, 4);

	if (little_endian(s + MAGIC_AT, 2) != MAGIC || block_size_log > MOST_BLOCK_SIZE_LOG ||
	    !(incompatible & INCOMPATIBLE_EXTENTS))
		return 0;
	if (incompatible & INCOMPATIBLE_64BIT)
		blocks |= little_endian(s + BLOCKS_HIGH_AT, 4) << 32;
	return blocks > UINT64_MAX >> (10 + block_size_log) ? 0 : blocks << (10 + block_size_log);
}

/* Bytes of the open file or block device; dies if it is neither. */
static uint64_t size_of(int fd, const char *path)
{
	struct stat st;
	uint64_t bytes;

	if (fstat(fd, &st))
		die("cannot look at the disk '%s': %s", path, strerror(errno));
	if (S_ISREG(st.st_mode))
		return (uint64_t)st.st_size;
	if (!S_ISBLK(st.st_mode) || ioctl(fd, BLKGETSIZE64, &bytes))
		die_hint("give a file or a block device: DISK=file", "'%s' cannot be a disk", path);
	return bytes;
}

static int open_disk(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		die("there is no disk '%s'", path);
	if (errno == EROFS || errno == EACCES || errno == EPERM)
		die_hint("a guest has to write to it, be it only to its journal",
			 "the disk '%s' cannot be written to: %s", path, strerror(errno));
	die("cannot open the disk '%s': %s", path, strerror(errno));
}

void xdisk_check(const char *path, uint64_t bytes)
{
	int fd = open_disk(path);
	unsigned char superblock[SUPERBLOCK_BYTES];
	uint64_t there = size_of(fd, path), used = 0;
	static const char new_one[] =
		"give another one by DISK=file; one that is not there yet is made";

	if (pread(fd, superblock, sizeof(superblock), SUPERBLOCK_AT) == sizeof(superblock))
		used = file_system_bytes(superblock);
	close(fd);
	if (!used)
		die_hint(
			new_one,
			"the disk '%s' (%s) has no ext4 file system on it: it was never made, or it is damaged",
			path, fs_human_bytes(there));
	if (used > there)
		die_hint(new_one, "the disk '%s' is cut off: its file system has %s, the file %s",
			 path, fs_human_bytes(used), fs_human_bytes(there));
	/* a block that does not fill up is no growth */
	if (there - used >= 1 << 20)
		warn("the disk '%s' has %s, its file system uses %s of them: 'resize2fs %s' gives it the rest",
		     path, fs_human_bytes(there), fs_human_bytes(used), path);
	else if (there != bytes)
		warn("the disk '%s' has %s, not the recipe's %s; it is used as it is", path,
		     fs_human_bytes(there), fs_human_bytes(bytes));
	if (little_endian(superblock + STATE_AT, 2) & STATE_ERRORS)
		warn("the file system of the disk '%s' has errors: 'e2fsck -f %s' repairs them",
		     path, path);
}
