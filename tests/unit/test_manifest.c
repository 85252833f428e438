/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "../../bitcode/manifest.h"

static char *make_capsule(void)
{
	char *d = unit_scratch();
	json_t *manifest = json_pack("{s:s}", "name", "x");

	xfs_mkdirs(xasprintf("%s/modules", d));
	xfs_write(xasprintf("%s/modules/a.bc", d),
		  "BC\xc0\xde"
		  "rest",
		  8);
	xfs_write(xasprintf("%s/modules/b.o", d),
		  "\x7f"
		  "ELF",
		  4);
	manifest_seal(d, manifest);
	return d;
}

static void whole_is_accepted(void **state)
{
	char *d = make_capsule(), *why;
	json_t *m = manifest_verify(d, &why);

	(void)state;
	assert_non_null(m);
	assert_int_equal(json_array_size(json_object_get(m, "files")), 2);
	assert_string_equal(manifest_file_kind(d, "modules/a.bc"), "bitcode");
	assert_string_equal(manifest_file_kind(d, "modules/b.o"), "native");
	xfs_remove(d);
}

static void refused(const char *d, const char *word)
{
	char *why;

	assert_null(manifest_verify(d, &why));
	assert_non_null(strstr(why, word));
	xfs_remove(d);
}

static void truncated_module(void **state)
{
	char *d = make_capsule();

	(void)state;
	assert_int_equal(truncate(xasprintf("%s/modules/a.bc", d), 5), 0);
	refused(d, "modules/a.bc");
}

static void missing_module(void **state)
{
	char *d = make_capsule();

	(void)state;
	unlink(xasprintf("%s/modules/b.o", d));
	refused(d, "modules/b.o");
}

static void file_that_is_not_listed(void **state)
{
	char *d = make_capsule();

	(void)state;
	xfs_write(xasprintf("%s/modules/c.bc", d), "BC", 2);
	refused(d, "does not list");
}

static void edited_manifest(void **state)
{
	char *d = make_capsule(), *path = xasprintf("%s/manifest.json", d),
	     *text = xfs_read(path, NULL);

	(void)state;
	*strstr(text, "\"x\"") = ' ';
	xfs_write(path, text, strlen(text));
	refused(d, "was changed");
}

static void unfinished(void **state)
{
	char *d = make_capsule();

	(void)state;
	unlink(xasprintf("%s/manifest.sha256", d));
	refused(d, "incomplete");
}

UNIT_MAIN(cmocka_unit_test(whole_is_accepted), cmocka_unit_test(truncated_module),
	  cmocka_unit_test(missing_module), cmocka_unit_test(file_that_is_not_listed),
	  cmocka_unit_test(edited_manifest), cmocka_unit_test(unfinished))
