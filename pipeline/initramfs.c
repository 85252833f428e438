/* SPDX-License-Identifier: MIT */
#include "initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/util.h"

struct entry {
	char *path;
	mode_t mode; /* with the file's type */
	char *data;  /* contents, or a link's target */
	size_t bytes;
	unsigned major, minor;
	size_t order; /* of adding: the last of one path wins */
};

struct initramfs {
	struct entry *v;
	size_t n;
};

struct initramfs *initramfs_new(void)
{
	return xcalloc(1, sizeof(struct initramfs));
}

static struct entry *add(struct initramfs *fs, const char *path, mode_t mode)
{
	struct entry *e;

	fs->v = xrealloc(fs->v, (fs->n + 1) * sizeof(*fs->v));
	e = &fs->v[fs->n];
	*e = (struct entry){ .path = xstrdup(path), .mode = mode, .order = fs->n };
	fs->n++;
	return e;
}

static const struct entry *find(const struct initramfs *fs, const char *path)
{
	for (size_t i = 0; i < fs->n; i++)
		if (!strcmp(fs->v[i].path, path))
			return &fs->v[i];
	return NULL;
}

static void add_parents(struct initramfs *fs, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *parent = xstrndup(path, (size_t)(slash - path));

		if (!find(fs, parent))
			add(fs, parent, S_IFDIR | 0755);
		free(parent);
	}
}

void initramfs_add_directory(struct initramfs *fs, const char *path, mode_t mode)
{
	add_parents(fs, path);
	add(fs, path, S_IFDIR | mode);
}

void initramfs_add_data(struct initramfs *fs, const char *path, mode_t mode, const void *data,
			size_t bytes)
{
	struct entry *e;

	add_parents(fs, path);
	e = add(fs, path, S_IFREG | mode);
	e->data = xmalloc(bytes);
	memcpy(e->data, data, bytes);
	e->bytes = bytes;
}

static void add_node(struct initramfs *fs, const char *path, mode_t mode, unsigned major,
		     unsigned minor)
{
	struct entry *e;

	add_parents(fs, path);
	e = add(fs, path, mode);
	e->major = major;
	e->minor = minor;
}

void initramfs_add_device(struct initramfs *fs, const char *path, mode_t mode, unsigned major,
			  unsigned minor)
{
	add_node(fs, path, S_IFCHR | mode, major, minor);
}

void initramfs_add_block_device(struct initramfs *fs, const char *path, mode_t mode, unsigned major,
				unsigned minor)
{
	add_node(fs, path, S_IFBLK | mode, major, minor);
}

void initramfs_add_link(struct initramfs *fs, const char *path, const char *target)
{
	add_parents(fs, path);
	add(fs, path, S_IFLNK | 0777)->data = xstrdup(target);
}

bool initramfs_has(const struct initramfs *fs, const char *path)
{
	for (size_t i = 0; i < fs->n; i++)
		if (!strcmp(fs->v[i].path, path))
			return true;
	return false;
}

void xinitramfs_add_file(struct initramfs *fs, const char *path, const char *from)
{
	struct stat st;
	size_t bytes;
	char *data = xfs_read(from, &bytes);

	if (stat(from, &st))
		die("cannot look at '%s': %s", from, strerror(errno));
	initramfs_add_data(fs, path, st.st_mode & S_IXUSR ? 0755 : 0644, data, bytes);
	free(data);
}

static void add_link(struct initramfs *fs, const char *path, const char *from)
{
	char target[PATH_MAX];
	ssize_t bytes = readlink(from, target, sizeof(target));
	char *text;

	if (bytes < 0)
		die("cannot read the link '%s': %s", from, strerror(errno));
	text = xstrndup(target, (size_t)bytes);
	initramfs_add_link(fs, path, text);
	free(text);
}

void xinitramfs_add_tree(struct initramfs *fs, const char *directory)
{
	struct strlist paths = STRLIST_INIT;

	xfs_tree(&paths, directory, true);
	for (size_t i = 0; i < paths.n; i++) {
		char *from = xasprintf("%s/%s", directory, paths.v[i]);
		struct stat st;

		if (lstat(from, &st))
			die("cannot look at '%s': %s", from, strerror(errno));
		if (S_ISDIR(st.st_mode))
			initramfs_add_directory(fs, paths.v[i], 0755);
		else if (S_ISLNK(st.st_mode))
			add_link(fs, paths.v[i], from);
		else if (S_ISREG(st.st_mode))
			xinitramfs_add_file(fs, paths.v[i], from);
		else
			die("'%s' is neither file, directory nor link", from);
		free(from);
	}
	strlist_release(&paths);
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static void write_entry(struct archive *a, const struct entry *e, size_t inode, const char *output)
{
	struct archive_entry *header = archive_entry_new();

	archive_entry_set_pathname(header, e->path);
	archive_entry_set_mode(header, e->mode);
	archive_entry_set_ino(header, (int64_t)inode);
	archive_entry_set_nlink(header, S_ISDIR(e->mode) ? 2 : 1);
	archive_entry_set_mtime(header, 0, 0);
	archive_entry_set_size(header, S_ISREG(e->mode) ? (int64_t)e->bytes : 0);
	if (S_ISLNK(e->mode))
		archive_entry_set_symlink(header, e->data);
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode)) {
		archive_entry_set_rdevmajor(header, e->major);
		archive_entry_set_rdevminor(header, e->minor);
	}
	if (archive_write_header(a, header) != ARCHIVE_OK ||
	    (S_ISREG(e->mode) && archive_write_data(a, e->data, e->bytes) != (la_ssize_t)e->bytes))
		die("cannot write '%s': %s", output, archive_error_string(a));
	archive_entry_free(header);
}

void xinitramfs_write(struct initramfs *fs, const char *output)
{
	char *temporary = xasprintf("%s.tmp.%ld", output, (long)getpid());
	struct archive *a = archive_write_new();

	qsort(fs->v, fs->n, sizeof(*fs->v), compare);
	archive_write_set_format_cpio_newc(a);
	archive_write_set_bytes_in_last_block(a, 1);
	if (archive_write_open_filename(a, temporary) != ARCHIVE_OK)
		die("cannot write '%s': %s", temporary, archive_error_string(a));
	for (size_t i = 0; i < fs->n; i++)
		if (i + 1 == fs->n || strcmp(fs->v[i].path, fs->v[i + 1].path))
			write_entry(a, &fs->v[i], i + 1, temporary);
	if (archive_write_close(a) != ARCHIVE_OK)
		die_hint("is the disk full?", "cannot write '%s': %s", temporary,
			 archive_error_string(a));
	archive_write_free(a);
	xfs_rename(temporary, output);
	free(temporary);
}
