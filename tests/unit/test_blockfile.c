/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/blockfile.h"

static void there_and_back(void **state)
{
	struct tally_block blocks[] = {
		{ .start = 0x401000,
		  .last = 0x401005,
		  .end = 0x401007,
		  .instructions = 30,
		  .executions = 10,
		  .taken = 4,
		  .misses = { 1, 2, 3 } },
		{ .start = 0x200000, .last = 0x200000, .end = 0x200001, .physical = true },
		{ .start = 0xffffffff80200000,
		  .last = 0xffffffff80200000,
		  .end = 0xffffffff80200001,
		  .executions = UINT64_MAX },
	};
	struct tally t = { .blocks = blocks, .block_count = ARRAY_SIZE(blocks) };
	char *directory = unit_scratch(), *path = xasprintf("%s/blocks.txt", directory);
	struct tally_block *back;
	size_t bytes, count;
	char *text = blockfile_text(&t, &bytes);

	(void)state;
	assert_string_equal(text, "401000 401005 401007 30 10 4 1 2 3\n"
				  "ffffffff80200000 ffffffff80200000 ffffffff80200001 0 "
				  "18446744073709551615 0 0 0 0\n");
	xfs_write(path, text, bytes);
	back = xblockfile_read(path, &count);
	assert_int_equal(count, 2);
	assert_int_equal(back[0].taken, 4);
	assert_int_equal(back[0].misses[MISS_ITLB], 3);
	assert_int_equal(back[1].start, 0xffffffff80200000);
	assert_true(back[1].executions == UINT64_MAX);
	fs_remove(directory);
}

UNIT_MAIN(cmocka_unit_test(there_and_back))
