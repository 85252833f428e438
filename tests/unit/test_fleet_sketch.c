/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../fleets/facts.h"
#include "../../fleets/sketch.h"

static struct sketches make(void)
{
	struct sketches all = { .app = xstrdup("nginx") };
	struct sketch good = { .about = { .label = xstrdup("a/\xff"),
					  .age_days = 0.1,
					  .weight = 1 },
			       .generation = 7,
			       .kind = READING_BRANCHES,
			       .build_ids = json_pack("{s:s}", "vmlinux", "0011"),
			       .facts = facts_read(NULL),
			       .instructions = 12345,
			       .weight = 1.0 / 3,
			       .peak_count = 1 },
		      bad;

	memset(good.id, 'a', HASH_HEX_BYTES - 1);
	good.functions[3] = 0x12345678 % SKETCH_ONE;
	good.blocks[SKETCH_BLOCKS - 1] = 0xabcdef;
	good.peaks[0] = (struct sketch_peak){ 77, 0xffffffff81000000, 3, 4, xstrdup("f") };
	sketch_refuse(&bad, &(struct record){ .label = (char *)(uintptr_t)"b", .weight = 2 },
		      xstrdup("no use"));
	sketches_push(&all, &good);
	sketches_push(&all, &bad);
	return all;
}

static void what_is_written_is_read(void **state)
{
	struct sketches all = make(), read = { 0 };
	size_t bytes, again_bytes;
	char *text = sketches_format(&all, &bytes), *again;

	(void)state;
	assert_null(sketches_parse(&read, "F", text, bytes));
	assert_int_equal(read.n, 2);
	assert_string_equal(read.v[0].about.label, "a/\xff");
	assert_true(read.v[0].weight == 1.0 / 3 && read.v[0].about.age_days == 0.1);
	assert_memory_equal(read.v[0].functions, all.v[0].functions, sizeof(all.v[0].functions));
	assert_memory_equal(read.v[0].blocks, all.v[0].blocks, sizeof(all.v[0].blocks));
	assert_true(read.v[0].peaks[0].address == 0xffffffff81000000);
	assert_string_equal(read.v[1].refused, "no use");
	again = sketches_format(&read, &again_bytes);
	assert_int_equal(bytes, again_bytes);
	assert_memory_equal(text, again, bytes);
	free(text);
	free(again);
	sketches_release(&all);
	sketches_release(&read);
}

/* Wherever it is cut off, the parser says so, and reads what comes before. */
static void a_file_that_is_cut_off_is_an_error(void **state)
{
	struct sketches all = make();
	size_t bytes;
	char *text = sketches_format(&all, &bytes);

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		struct sketches read = { 0 };
		char *error = sketches_parse(&read, "F", text, (bytes - 1) * i / 9);

		assert_non_null(error);
		assert_true(read.n < 2);
		free(error);
		sketches_release(&read);
	}
	free(text);
	sketches_release(&all);
}

/* Replace `from` in the text of make()'s by `to`, of the same length: is it refused? */
static void is_refused(const char *from, const char *to)
{
	struct sketches all = make(), read = { 0 };
	size_t bytes;
	char *text = sketches_format(&all, &bytes), *at = strstr(text, from), *error;

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
	error = sketches_parse(&read, "F", text, bytes);
	assert_non_null(error);
	free(error);
	free(text);
	sketches_release(&all);
	sketches_release(&read);
}

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	is_refused("\"branches\"", "\"brancheX\"");
	is_refused("\"block_bucket\":4", "\"block_bucket\":-");
	is_refused("\"instructions\":12345", "\"instructions\":-1234");
	is_refused("00abcdef", "ffabcdef"); /* more than one altogether */
	is_refused("00abcdef", "00aBcdef");
	is_refused("\"label_bytes\":\"612fff\"", "\"label_bytes\":\"6100ff\"");
	is_refused("\"vmlinux\"", "\"../../x\"");
	is_refused("\"schema\":1", "\"schema\":2");
}

UNIT_MAIN(cmocka_unit_test(what_is_written_is_read),
	  cmocka_unit_test(a_file_that_is_cut_off_is_an_error),
	  cmocka_unit_test(what_cannot_be_is_refused))
