/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../pipeline/lib/hash.h"

/* FIPS 180-4's own example. */
static void known_answer(void **state)
{
	char hex[HASH_HEX_BYTES];

	(void)state;
	hash_bytes("abc", 3, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void file_and_bytes_agree(void **state)
{
	char *d = unit_scratch(), *path = xasprintf("%s/f", d), a[HASH_HEX_BYTES],
	     b[HASH_HEX_BYTES];

	(void)state;
	xfs_write(path, "abc", 3);
	assert_int_equal(hash_file(path, a), 0);
	hash_bytes("abc", 3, b);
	assert_string_equal(a, b);
	assert_true(hash_file(xasprintf("%s/none", d), a) < 0);
	xfs_remove(d);
}

static void parts_do_not_run_together(void **state)
{
	char a[HASH_HEX_BYTES], b[HASH_HEX_BYTES];
	struct hash h;

	(void)state;
	hash_init(&h);
	hash_add_string(&h, "ab");
	hash_add_string(&h, "c");
	hash_finish(&h, a);
	hash_init(&h);
	hash_add_string(&h, "a");
	hash_add_string(&h, "bc");
	hash_finish(&h, b);
	assert_string_not_equal(a, b);
}

UNIT_MAIN(cmocka_unit_test(known_answer), cmocka_unit_test(file_and_bytes_agree),
	  cmocka_unit_test(parts_do_not_run_together))
