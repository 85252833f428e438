/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../pipeline/disk.h"
#include "../../pipeline/lib/number.h"

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(number_bytes("64M"), 64 << 20);
	assert_int_equal(number_bytes("1K"), 1024);
	assert_int_equal(number_bytes("2T"), 2ull << 40);
	assert_int_equal(number_bytes(""), 0);
	assert_int_equal(number_bytes("64"), 0);
	assert_int_equal(number_bytes("M"), 0);
	assert_int_equal(number_bytes("64MB"), 0);
	assert_int_equal(number_bytes("-1M"), 0);
	assert_int_equal(number_bytes(" 1M"), 0);
	assert_int_equal(number_bytes("99999999T"), 0);
	assert_int_equal(number_bytes("99999999999999999999999K"), 0);
}

static void the_least_can_be_made(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/disk", d);
	struct stat st;

	(void)state;
	xdisk_make(path, DISK_LEAST_BYTES);
	xdisk_check(path, DISK_LEAST_BYTES);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, DISK_LEAST_BYTES);
	xfs_remove(d);
}

static void made_alike_and_sparse(void **state)
{
	char *d = unit_scratch(), *a = xasprintf("%s/a", d), *b = xasprintf("%s/b", d);
	struct strlist names = STRLIST_INIT;
	size_t a_bytes, b_bytes;
	char *a_data, *b_data;
	struct stat st;

	(void)state;
	xdisk_make(a, 32 << 20);
	xdisk_make(b, 32 << 20);
	a_data = xfs_read(a, &a_bytes);
	b_data = xfs_read(b, &b_bytes);
	assert_int_equal(a_bytes, b_bytes);
	assert_memory_equal(a_data, b_data, a_bytes);
	assert_int_equal(stat(a, &st), 0);
	assert_true(st.st_blocks * 512 < 6 << 20);
	/* and nothing else is left */
	fs_list(&names, d);
	assert_int_equal(names.n, 2);
	xfs_remove(d);
}

static void nameless(void **state)
{
	unsigned char magic[2];
	struct stat st;
	int fd;

	(void)state;
	fd = xdisk_make_nameless(DISK_LEAST_BYTES);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	assert_int_equal(pread(fd, magic, 2, 1024 + 0x38), 2);
	assert_int_equal(magic[0], 0x53);
	close(fd);
}

UNIT_MAIN(cmocka_unit_test(sizes), cmocka_unit_test(the_least_can_be_made),
	  cmocka_unit_test(made_alike_and_sparse), cmocka_unit_test(nameless))
