/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_leaves_no_temporary(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/a file", d);
	struct strlist names = STRLIST_INIT;
	size_t bytes;

	(void)state;
	xfs_write(path, "hello", 5);
	xfs_write(path, "bye", 3);
	assert_string_equal(xfs_read(path, &bytes), "bye");
	assert_int_equal(bytes, 3);
	fs_list(&names, d);
	assert_int_equal(names.n, 1);
	xfs_remove(d);
	assert_false(fs_exists(d));
}

static void unchanged_file_keeps_its_time(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/f", d);
	struct stat before, after;

	(void)state;
	xfs_write(path, "x", 1);
	stat(path, &before);
	xfs_write_if_changed(path, "x", 1);
	stat(path, &after);
	assert_int_equal(before.st_ino, after.st_ino);
	xfs_write_if_changed(path, "y", 1);
	stat(path, &after);
	assert_int_not_equal(before.st_ino, after.st_ino);
	xfs_remove(d);
}

static void tree_is_sorted_and_relative(void **state)
{
	char *d = unit_scratch();
	struct strlist paths = STRLIST_INIT;

	(void)state;
	xfs_mkdirs(xasprintf("%s/b/c", d));
	xfs_write(xasprintf("%s/b/c/z", d), "", 0);
	xfs_write(xasprintf("%s/a", d), "", 0);
	xfs_write(xasprintf("%s/b.txt", d), "", 0);
	xfs_tree(&paths, d, false);
	assert_string_equal(strlist_join(&paths, " "), "a b.txt b/c/z");
	strlist_release(&paths);
	xfs_tree(&paths, d, true);
	assert_string_equal(strlist_join(&paths, " "), "a b b.txt b/c b/c/z");
	xfs_remove(d);
}

static void copy_keeps_the_executable_bit(void **state)
{
	char *d = unit_scratch(), *from = xasprintf("%s/a", d), *to = xasprintf("%s/b", d);

	(void)state;
	xfs_write(from, "x", 1);
	chmod(from, 0755);
	xfs_copy(from, to);
	assert_int_equal(access(to, X_OK), 0);
	xfs_remove(d);
}

static void human_bytes_have_three_digits(void **state)
{
	(void)state;
	assert_string_equal(fs_human_bytes(0), "0 B");
	assert_string_equal(fs_human_bytes(999), "999 B");
	assert_string_equal(fs_human_bytes(1024), "1.00 Ki");
	assert_string_equal(fs_human_bytes(1023 * 1024), "1.00 Mi");
	assert_string_equal(fs_human_bytes(5 * 1024 * 1024 + 900 * 1024), "5.88 Mi");
	assert_string_equal(fs_human_bytes(100ull << 30), "100 Gi");
}

/* As root a rename would take /dev/null away from the whole machine. */
static void a_device_is_written_to_not_replaced(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/pipe", d), text[8];
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(fs_write(path, "hello", 5), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(fd);
	xfs_remove(d);
}

static void assert_refused(const char *path, uint64_t most, int error)
{
	errno = 0;
	assert_null(fs_read_regular(path, most, NULL));
	assert_int_equal(errno, error);
}

/* A pipe without another end would be waited for. */
static void only_a_regular_file_is_read(void **state)
{
	char *d = unit_scratch(), *file = xasprintf("%s/file", d), *link = xasprintf("%s/link", d),
	     *pipe = xasprintf("%s/pipe", d), *text;
	size_t bytes;

	(void)state;
	xfs_write(file, "hello", 5);
	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	text = fs_read_regular(link, 5, &bytes);
	assert_string_equal(text, "hello");
	assert_int_equal(bytes, 5);
	free(text);
	assert_refused(file, 4, EFBIG);
	assert_refused(pipe, 5, EINVAL);
	assert_refused(d, 5, EINVAL);
	assert_refused("/dev/zero", 5, EINVAL);
	xfs_remove(file);
	assert_refused(link, 5, ENOENT);
	xfs_remove(d);
	free(pipe);
	free(link);
	free(file);
	free(d);
}

UNIT_MAIN(cmocka_unit_test(only_a_regular_file_is_read),
	  cmocka_unit_test(a_device_is_written_to_not_replaced),
	  cmocka_unit_test(write_leaves_no_temporary),
	  cmocka_unit_test(unchanged_file_keeps_its_time),
	  cmocka_unit_test(tree_is_sorted_and_relative),
	  cmocka_unit_test(copy_keeps_the_executable_bit),
	  cmocka_unit_test(human_bytes_have_three_digits))
