/* SPDX-License-Identifier: MIT */
#include "fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "util.h"

bool fs_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool fs_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

uint64_t xfs_size(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		die("cannot look at '%s': %s", path, strerror(errno));
	return (uint64_t)st.st_size;
}

/* All that `fd` has, which is closed. NULL and errno: it cannot be read, or is more than `most`. */
static char *read_all(int fd, uint64_t most, size_t *bytes)
{
	size_t used = 0, room = 1 << 16;
	char *data = xmalloc(room);
	ssize_t got;
	int error;

	while ((got = read(fd, data + used, room - used - 1)) > 0 && used + (size_t)got <= most) {
		used += (size_t)got;
		if (room - used < 2)
			data = xrealloc(data, room *= 2);
	}
	error = got < 0 ? errno : got > 0 ? EFBIG : 0;
	close(fd);
	if (error) {
		free(data);
		errno = error;
		return NULL;
	}
	data[used] = '\0';
	if (bytes)
		*bytes = used;
	return data;
}

char *fs_read(const char *path, size_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : read_all(fd, UINT64_MAX, bytes);
}

char *fs_read_regular(const char *path, uint64_t most, size_t *bytes)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return read_all(fd, most, bytes);
	close(fd);
	errno = EINVAL;
	return NULL;
}

char *xfs_read(const char *path, size_t *bytes)
{
	char *data = fs_read(path, bytes);

	if (!data)
		die("cannot read '%s': %s", path, strerror(errno));
	return data;
}

static const char no_space_hint[] =
	"free some space, or set ANNEAL_CACHE= or O= to a disk that has it; then repeat the command";

static void fail_write(const char *path, const char *temporary)
{
	int error = errno;

	unlink(temporary);
	if (error == ENOSPC || error == EDQUOT)
		die_hint(no_space_hint, "cannot write '%s': %s", path, strerror(error));
	die("cannot write '%s': %s", path, strerror(error));
}

static int open_temporary(const char *path, char **temporary, mode_t mode)
{
	int fd;

	*temporary = xasprintf("%s.tmp.%ld", path, (long)getpid());
	fd = open(*temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		die("cannot create '%s': %s", *temporary, strerror(errno));
	return fd;
}

/* All of it, or -errno. */
static int write_all(int fd, const char *data, size_t bytes)
{
	while (bytes) {
		ssize_t put = write(fd, data, bytes);

		if (put < 0)
			return -errno;
		data += put;
		bytes -= (size_t)put;
	}
	return 0;
}

static void finish_temporary(int fd, const char *path, char *temporary)
{
	if (close(fd) || rename(temporary, path))
		fail_write(path, temporary);
	free(temporary);
}

/* A device, pipe or socket, which must never be replaced by a file: /dev/null, say. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int write_in_place(const char *path, const void *data, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : write_all(fd, data, bytes);

	if (fd >= 0 && close(fd) && !error)
		error = -errno;
	return error;
}

static int write_file(const char *path, const void *data, size_t bytes)
{
	char *temporary = xasprintf("%s.tmp.%ld", path, (long)getpid());
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int error = fd < 0 ? -errno : write_all(fd, data, bytes);

	if (fd >= 0 && close(fd) && !error)
		error = -errno;
	if (!error && rename(temporary, path))
		error = -errno;
	if (error && fd >= 0)
		unlink(temporary);
	free(temporary);
	return error;
}

int fs_write(const char *path, const void *data, size_t bytes)
{
	if (is_special(path))
		return write_in_place(path, data, bytes);
	return write_file(path, data, bytes);
}

void xfs_write(const char *path, const void *data, size_t bytes)
{
	int error = fs_write(path, data, bytes);

	if (error == -ENOSPC || error == -EDQUOT)
		die_hint(no_space_hint, "cannot write '%s': %s", path, strerror(-error));
	if (error)
		die("cannot write '%s': %s", path, strerror(-error));
}

void xfs_write_if_changed(const char *path, const void *data, size_t bytes)
{
	size_t old_bytes;
	char *old = fs_read(path, &old_bytes);

	if (!old || old_bytes != bytes || memcmp(old, data, bytes))
		xfs_write(path, data, bytes);
	free(old);
}

static void refuse_special(const char *path)
{
	if (is_special(path))
		die_hint("give the path of a file",
			 "'%s' is a device or a pipe, and nothing can take its place", path);
}

void xfs_copy(const char *from, const char *to)
{
	char *buffer, *temporary;
	struct stat st;
	ssize_t got;
	int out, in = open(from, O_RDONLY | O_CLOEXEC);

	refuse_special(to);
	if (in < 0 || fstat(in, &st))
		die("cannot read '%s': %s", from, strerror(errno));
	out = open_temporary(to, &temporary, st.st_mode & 0777);
	buffer = xmalloc(1 << 20);
	while ((got = read(in, buffer, 1 << 20)) > 0)
		if (write_all(out, buffer, (size_t)got))
			fail_write(to, temporary);
	if (got < 0) {
		int error = errno;

		unlink(temporary);
		die("cannot read '%s': %s", from, strerror(error));
	}
	close(in);
	free(buffer);
	finish_temporary(out, to, temporary);
}

void xfs_link(const char *from, const char *to)
{
	char *temporary = xasprintf("%s.%ld", to, (long)getpid());

	refuse_special(to);
	unlink(temporary);
	if (link(from, temporary) || rename(temporary, to)) {
		unlink(temporary);
		xfs_copy(from, to);
	}
	/* rename(2) does nothing if both are the same file already */
	unlink(temporary);
	free(temporary);
}

void xfs_rename(const char *from, const char *to)
{
	refuse_special(to);
	if (rename(from, to))
		die("cannot rename '%s' to '%s': %s", from, to, strerror(errno));
}

void xfs_mkdirs(const char *path)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0777);
		*slash = '/';
	}
	if (mkdir(copy, 0777) && errno != EEXIST)
		die_hint("check who owns it, or name another place with O= or ANNEAL_CACHE=",
			 "cannot make the directory '%s': %s", path, strerror(errno));
	free(copy);
}

void xfs_mkdirs_above(const char *path)
{
	char *copy = xstrdup(path);
	char *slash = strrchr(copy, '/');

	if (slash && slash != copy) {
		*slash = '\0';
		xfs_mkdirs(copy);
	}
	free(copy);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path) && errno != ENOENT ? -1 : 0;
}

int fs_remove(const char *path)
{
	if (!fs_exists(path))
		return 0;
	return nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS) ? -errno : 0;
}

void xfs_remove(const char *path)
{
	int error = fs_remove(path);

	if (error)
		die("cannot remove '%s': %s", path, strerror(-error));
}

void fs_list(struct strlist *out, const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			strlist_push(out, e->d_name);
	closedir(d);
	strlist_sort(out);
}

static void walk(struct strlist *out, const char *root, const char *below, bool directories)
{
	char *here = *below ? xasprintf("%s/%s", root, below) : xstrdup(root);
	struct strlist names = STRLIST_INIT;
	struct stat st;

	fs_list(&names, here);
	for (size_t i = 0; i < names.n; i++) {
		char *name = *below ? xasprintf("%s/%s", below, names.v[i]) : xstrdup(names.v[i]);
		char *path = xasprintf("%s/%s", root, name);
		bool is_directory = !lstat(path, &st) && S_ISDIR(st.st_mode);

		if (directories || !is_directory)
			strlist_push(out, name);
		if (is_directory)
			walk(out, root, name, directories);
		free(path);
		free(name);
	}
	strlist_release(&names);
	free(here);
}

void xfs_tree(struct strlist *out, const char *directory, bool directories)
{
	if (!fs_is_directory(directory))
		die("'%s' is not a directory", directory);
	walk(out, directory, "", directories);
	strlist_sort(out);
}

char *xfs_temporary_directory(const char *directory, const char *name)
{
	char *path = xasprintf("%s/%s.XXXXXX", directory, name);

	xfs_mkdirs(directory);
	if (!mkdtemp(path))
		die("cannot make a temporary directory in '%s': %s", directory, strerror(errno));
	chmod(path, 0755);
	return path;
}

int xfs_lock(const char *path, const char *what)
{
	int fd;

	xfs_mkdirs_above(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		die("cannot open the lock '%s': %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		fprintf(stderr, "waiting: another process has %s\n", what);
		while (flock(fd, LOCK_EX))
			if (errno != EINTR)
				die("cannot lock '%s': %s", path, strerror(errno));
	}
	return fd;
}

void xfs_need_space(const char *directory, uint64_t bytes)
{
	struct statvfs s;

	xfs_mkdirs(directory);
	if (!statvfs(directory, &s) && (uint64_t)s.f_bavail * s.f_frsize < bytes)
		die_hint(no_space_hint, "%s: '%s' has %s free, %s are needed", strerror(ENOSPC),
			 directory, fs_human_bytes((uint64_t)s.f_bavail * s.f_frsize),
			 fs_human_bytes(bytes));
}

char *xfs_absolute(const char *path)
{
	char *absolute = realpath(path, NULL);

	if (!absolute)
		die("cannot find '%s': %s", path, strerror(errno));
	return absolute;
}

const char *fs_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *fs_human_bytes(uint64_t bytes)
{
	static const char *const units[] = { "B", "Ki", "Mi", "Gi", "Ti" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 999.5 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	if (!unit)
		return xasprintf("%llu B", (unsigned long long)bytes);
	return xasprintf("%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[unit]);
}
