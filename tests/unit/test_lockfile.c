/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bitcode/lockfile.h"

static const char a_hash[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char b_hash[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static void last_line_is_wanted(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/lock", d), *version;
	char hash[HASH_HEX_BYTES];

	(void)state;
	assert_false(lockfile_find(path, "zlib", NULL, &version, hash));
	xlockfile_add(path, "zlib", "1:1.2", a_hash);
	xlockfile_add(path, "zlib", "1:1.3", b_hash);
	assert_true(lockfile_find(path, "zlib", NULL, &version, hash));
	assert_string_equal(version, "1:1.3");
	assert_string_equal(hash, b_hash);
	assert_true(lockfile_find(path, "zlib", "1:1.2", NULL, hash));
	assert_string_equal(hash, a_hash);
	assert_false(lockfile_find(path, "zlib", "1:1.4", NULL, hash));
	assert_false(lockfile_find(path, "lib", NULL, NULL, hash));
	xfs_remove(d);
}

UNIT_MAIN(cmocka_unit_test(last_line_is_wanted))
