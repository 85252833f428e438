/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../profiles/load_sequence.h"

/* The generator's published values, for the seed 1234567. */
static void generator(void **state)
{
	static const uint64_t published[] = { 6457827717110365317u, 3203168211198807973u,
					      9817491932198370423u, 4593380528125082431u,
					      16408922859458223821u };
	uint64_t s = 1234567;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(published); i++)
		assert_true(load_sequence_draw(&s) == published[i]);
}

static struct loadfile parse(const char *text)
{
	struct loadfile l;
	char *error;

	if (!loadfile_parse(&l, "f", text, &error))
		fail_msg("%s", error);
	return l;
}

static const char three[] = "requests 1\nseed %u\nrequest 70 GET /a 200\nrequest 25 GET /b 200\n"
			    "request 5 GET /c 200\n";

/* Profiles and figures of years are compared: the sequence of a seed never changes. */
static void sequence_of_a_seed(void **state)
{
	static const size_t expected[] = { 0, 1, 2, 0, 0, 1, 1, 0, 0, 1,
					   0, 0, 0, 0, 0, 0, 0, 1, 0, 1 };
	char *text = xasprintf(three, 1u);
	struct loadfile l = parse(text);
	struct load_sequence s;

	(void)state;
	load_sequence_begin(&s, &l);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(load_sequence_next(&s), expected[i]);
	loadfile_release(&l);
	free(text);
}

static void weights(void **state)
{
	char *text = xasprintf(three, 7u);
	struct loadfile l = parse(text);
	unsigned count[3] = { 0 };
	struct load_sequence s;

	(void)state;
	load_sequence_begin(&s, &l);
	for (unsigned i = 0; i < 100000; i++)
		count[load_sequence_next(&s)]++;
	assert_in_range(count[0], 69300, 70700);
	assert_in_range(count[1], 24500, 25500);
	assert_in_range(count[2], 4700, 5300);
	loadfile_release(&l);
	free(text);
}

static void seeds_differ(void **state)
{
	char *text_1 = xasprintf(three, 1u), *text_2 = xasprintf(three, 2u);
	struct loadfile l_1 = parse(text_1), l_2 = parse(text_2);
	struct load_sequence s_1, s_2;
	unsigned different = 0;

	(void)state;
	load_sequence_begin(&s_1, &l_1);
	load_sequence_begin(&s_2, &l_2);
	for (unsigned i = 0; i < 1000; i++)
		different += load_sequence_next(&s_1) != load_sequence_next(&s_2);
	assert_in_range(different, 300, 600);
	loadfile_release(&l_1);
	loadfile_release(&l_2);
	free(text_1);
	free(text_2);
}

UNIT_MAIN(cmocka_unit_test(generator), cmocka_unit_test(sequence_of_a_seed),
	  cmocka_unit_test(weights), cmocka_unit_test(seeds_differ))
