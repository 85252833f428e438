/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "../../pipeline/origin.h"
#include "unit.h"

static void put(const char *directory, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", directory, name);

	xfs_mkdirs_above(path);
	xfs_write(path, text, strlen(text));
	free(path);
}

static char *hash_of(const char *first, const char *second)
{
	struct strlist rootfs = STRLIST_INIT;

	strlist_push(&rootfs, first);
	if (second)
		strlist_push(&rootfs, second);
	return xstrdup(json_string_value(json_object_get(xorigin_files(&rootfs), "sha256")));
}

static void files_count_not_where_they_are_from(void **state)
{
	char *base = unit_scratch();
	char *a = xasprintf("%s/a", base), *b = xasprintf("%s/b", base), *before;
	struct strlist rootfs = STRLIST_INIT;
	json_t *files;

	(void)state;
	put(a, "etc/x", "one");
	put(a, "etc/\xff", "two");
	put(b, "etc/x", "one");
	before = hash_of(a, NULL);
	/* laid over by the same */
	assert_string_equal(hash_of(a, b), before);
	put(b, "etc/x", "1");
	assert_string_not_equal(hash_of(a, b), before);
	strlist_push(&rootfs, a);
	strlist_push(&rootfs, b);
	files = xorigin_files(&rootfs);
	assert_int_equal(json_integer_value(json_object_get(files, "count")), 2);
	assert_int_equal(json_integer_value(json_object_get(files, "bytes")), 4);
	/* a link is not what it points to */
	put(b, "etc/x", "one");
	unlink(xasprintf("%s/etc/x", b));
	assert_int_equal(symlink("y", xasprintf("%s/etc/x", b)), 0);
	assert_string_not_equal(hash_of(a, b), before);
	xfs_remove(base);
}

static void a_recipe_is_not_its_place(void **state)
{
	char *base = unit_scratch(), *spec = xasprintf("%s/image.spec", base);
	char first[HASH_HEX_BYTES], second[HASH_HEX_BYTES];

	(void)state;
	put(base, "image.spec", "app x\nrootfs /here\nmemory 64M\n");
	xorigin_recipe(spec, first);
	put(base, "image.spec", "app x\nrootfs /there\nrootfs /more\nmemory 64M\n");
	xorigin_recipe(spec, second);
	assert_string_equal(first, second);
	put(base, "image.spec", "app x\nrootfs /there\nmemory 65M\n");
	xorigin_recipe(spec, second);
	assert_string_not_equal(first, second);
	put(base, "image.spec", "app x\nmemory 64M\n");
	put(base, "syscalls.allow", "x VALUES_AT_ socket.0 1\n");
	xorigin_recipe(spec, second);
	assert_string_not_equal(first, second);
	xfs_remove(base);
}

static void beside_the_archive(void **state)
{
	(void)state;
	assert_string_equal(origin_files_path("a.b/initramfs.cpio"), "a.b/initramfs.files.json");
	assert_string_equal(origin_files_path("a.b/initramfs"), "a.b/initramfs.files.json");
}

UNIT_MAIN(cmocka_unit_test(files_count_not_where_they_are_from),
	  cmocka_unit_test(a_recipe_is_not_its_place), cmocka_unit_test(beside_the_archive))
