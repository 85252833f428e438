/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "seen.h"

#define DATA "tests/data/perf/"

static struct seen read_text(const char *text, size_t bytes)
{
	static struct seen s;
	const struct perf_handlers h = seen_begin(&s, true);

	s.error = perfscript_read_memory("F", (const uint8_t *)text, bytes, &h, &s.facts);
	fclose(s.out);
	return s;
}

static void assert_reads(const char *text, const char *expected)
{
	struct seen s = read_text(text, strlen(text));

	assert_string_equal(s.text, expected);
	forget(&s);
}

/* What -F asked for is found out. */
static void layouts_are_told_apart(void **state)
{
	static const char *const pairs[][2] = {
		{ "           nginx   101 [000] 23637.239872:     250000 cpu-clock:  ffffffff81b9764c "
		  "iowrite16+0xc ([kernel.kallsyms])\n",
		  "1x 101/-1 250000 cpu-clock ffffffff81b9764c 1; " },
		{ "     my thread 1   101/102  [000] 23637.239872:     250000 cycles:ppp:      "
		  "7f115ea3f512 std::map<a, b>::find ([unknown])\n",
		  "1x 101/102 250000 cycles:ppp 7f115ea3f512 2; " },
		{ "nginx: worker   101  5.000001:          1 cycles:           401136 add (/bin/x)\n",
		  "1x 101/-1 1 cycles 401136 2; " },
		{ " 1489  ffffffff81b9764c\n", "1x 1489/-1 0 - ffffffff81b9764c 1; " },
		{ "   1489           401136\n", "1x 1489/-1 0 - 401136 2; " },
		{ " 1489/1490            401136 add\n", "1x 1489/1490 0 - 401136 2; " },
		{ "           401136 add\n", "1x -1/-1 0 - 401136 2; " },
		{ "           401136 add (/usr/sbin/nginx)\n", "1x -1/-1 0 - 401136 2; " },
		{ "cpu-clock:      7f115ea3f512 [unknown]\n",
		  "1x -1/-1 0 cpu-clock 7f115ea3f512 2; " },
		{ " 1489     250000 cpu-clock:  ffffffff81b9764c\n",
		  "1x 1489/-1 250000 cpu-clock ffffffff81b9764c 1; " },
		{ "    250000  ffffffff81b9764c\n", "1x -1/-1 250000 - ffffffff81b9764c 1; " },
		{ "            cafe  1489  ffffffff81b9764c\n",
		  "1x 1489/-1 0 - ffffffff81b9764c 1; " },
		{ " 1489 23637.239872:  ffffffff81b9764c dead\n",
		  "1x 1489/-1 0 - ffffffff81b9764c 1; " },
		{ "1489 7f115ea3f512\n", "1x 1489/-1 0 - 7f115ea3f512 2; " },
		{ "  101 cycles:  ffffffff81000010 x ([guest.kernel.kallsyms])\n",
		  "1x 101/-1 0 cycles ffffffff81000010 3; " },
		{ "  101 cycles:G:     0 [unknown] ([unknown])\r\n", "1x 101/-1 0 cycles:G 0 2; " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_reads(pairs[i][0], pairs[i][1]);
}

static void branches_of_every_version_are_read(void **state)
{
	(void)state;
	assert_reads(" ffffffff81001234  0xffffffff81001230/0xffffffff81001234/P/-/-/3  "
		     "0x401010/0x401020/M/X/A/0 \n",
		     "1x -1/-1 0 - ffffffff81001234 1 ffffffff81001230>ffffffff81001234P "
		     "401010>401020MA; ");
	assert_reads("           401020  0x401010/0x401020/P/-/-/0/COND/-  "
		     "0x401000/0x401008/-/-/-/1/CALL/NON_SPEC_CORRECT_PATH  0x1/0x2/PN/-/-/0//\n",
		     "1x -1/-1 0 - 401020 2 401010>401020P 401000>401008- 1>2P; ");
	assert_reads("40062f 0x40062f/0x4005b0/P/-/-/9 0x400645/0x4005ff/P/-/-/1\n",
		     "1x -1/-1 0 - 40062f 2 40062f>4005b0P 400645>4005ffP; ");
	assert_reads(
		"           401020 f (/a b)  0x401000(/usr/sbin/nginx)/0x401008(/a b)/M/-/-/1 \n",
		"1x -1/-1 0 - 401020 2 401000>401008M; ");
	assert_reads("  101 cycles:            401020  0x401000/0x401008/P/-/-/1 0x40\n",
		     "1x 101/-1 0 cycles 401020 2 401000>401008P; ");
	/* a number alone is how often the next was seen */
	assert_reads("7\n           401020  0x401000/0x401008/P/-/-/1\n           401020\n",
		     "7x -1/-1 0 - 401020 2 401000>401008P; 1x -1/-1 0 - 401020 2; ");
}

static void call_chains_end_where_they_should(void **state)
{
	(void)state;
	assert_reads("nginx 101 [000] 23909.219745:     250000 cpu-clock: \n"
		     "\t          40100a ngx_process+0x2a (/usr/sbin/nginx)\n"
		     "\t          401080 main (/usr/sbin/nginx)\n"
		     "\n"
		     "nginx 102 [000] 23909.219746:     250000 cpu-clock: \n"
		     "\tffffffff8220387f memcpy ([kernel.kallsyms])\n",
		     "1x 101/-1 250000 cpu-clock 40100a 2; "
		     "1x 102/-1 250000 cpu-clock ffffffff8220387f 1; ");
	assert_reads("\t          40062f\n\t          4005b0\n"
		     " 0x40062f/0x4005b0/P/-/-/9  0x400645/0x4005ff/P/-/-/1 \n\n"
		     "\t          400630\n\n"
		     "\t          400631\n",
		     "1x -1/-1 0 - 40062f 2 40062f>4005b0P 400645>4005ffP; 1x -1/-1 0 - 400630 2; "
		     "1x -1/-1 0 - 400631 2; ");
	/* perf could not walk the stack: there is no address */
	assert_reads("nginx 101 1.5:     250000 cpu-clock: \n\n           401020\n",
		     "1x -1/-1 0 - 401020 2; ");
}

static void other_records_are_read(void **state)
{
	(void)state;
	assert_reads(
		"PERF_RECORD_MMAP -1/0: [0xffffffff81000000(0x120bb08) @ 0xffffffff81000000]: x "
		"[kernel.kallsyms]_text\n",
		"-1 ffffffff81000000+120bb08@ffffffff81000000 1 1 '[kernel.kallsyms]_text' ; ");
	assert_reads(
		"            bash     0 [000]     0.000000: PERF_RECORD_MMAP2 8937/8937: "
		"[0x560d50a94000(0xc1000) @ 0x2f000 <135afc8c6d1b9e02356cce218bf0109c3687ad9f>]: "
		"r-xp /usr/bin/a b\n",
		"8937 560d50a94000+c1000@2f000 2 1 '/usr/bin/a b' 135afc8c6d1b9e02356cce218bf0109c3687ad9f; ");
	assert_reads("PERF_RECORD_MMAP2 5/5: [0x400000(0x1000) @ 0 fe:00 333218 0]: r--p /bin/x\n",
		     "5 400000+1000@0 2 0 '/bin/x' ; ");
	assert_reads("PERF_RECORD_MMAP 7/7: [0xffffffff81000000(0x1000) @ 0]: x "
		     "[guest.kernel.kallsyms]_text\n",
		     "7 ffffffff81000000+1000@0 3 1 '[guest.kernel.kallsyms]_text' ; ");
	assert_reads("x 1 [0] 1.5: PERF_RECORD_FORK(101:101):(100:100)\n"
		     "x 1 [0] 1.5: PERF_RECORD_FORK(101:102):(101:101)\n"
		     "x 1 [0] 1.5: PERF_RECORD_COMM exec: nginx: x:101/101\n"
		     "x 1 [0] 1.5: PERF_RECORD_COMM: x:101/101\n"
		     "x 1 [0] 1.5: PERF_RECORD_EXIT(1:1):(1:1)\n",
		     "fork 101 of 100; exec 101 'nginx: x'; ");
}

static void lost_and_unknown_lines_are_counted(void **state)
{
	static const char text[] = "x 1 [0] 1.5: PERF_RECORD_LOST lost 7\n"
				   "x 1 [0] 1.5: PERF_RECORD_LOST_SAMPLES lost 2\n"
				   "PERF_RECORD_MMAP2 garbage\n"
				   "what is this\n"
				   " 1489  ffffffff81b9764c\n"
				   " 1489  ffffffff81b9";
	struct seen s = read_text(text, sizeof(text) - 1);

	(void)state;
	assert_null(s.error);
	assert_int_equal(s.facts.lost, 9);
	assert_int_equal(s.facts.unknown, 2);
	assert_int_equal(s.facts.samples, 1);
	assert_int_equal(s.facts.records, 5);
	assert_true(s.facts.truncated); /* the last line may end within its address */
	assert_int_equal(s.facts.file_bytes, sizeof(text) - 1);
	forget(&s);
}

static void text_without_samples_is_a_sentence(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "F has no samples that could be understood" },
		{ "hello\n", "F has no samples that could be understood" },
		{ " 1489  ffff", "F is cut off before the first sample" },
		{ "main+0x1/f+0x0/P/-/-/0 g+0x1/h+0x0/M/-/-/0\n",
		  "F has branches between symbols (brstacksym)" },
	};
	char *text = xmalloc(2u << 20);
	struct seen s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		s = read_text(pairs[i][0], strlen(pairs[i][0]));
		assert_non_null(s.error);
		assert_non_null(strstr(s.error, pairs[i][1]));
		forget(&s);
	}
	memset(text, 'x', 2u << 20);
	s = read_text(text, 2u << 20);
	assert_non_null(strstr(s.error, "it has no end within a mebibyte"));
	forget(&s);
	memset(text, 0, 2u << 20);
	memset(text + 5000, '\n', 2u << 19);
	s = read_text(text, 2u << 20);
	assert_non_null(s.error);
	forget(&s);
	free(text);
}

/* However -F was, addresses and processes are those of the full text. */
static void real_text_is_read(void **state)
{
	static const char *const names[] = { "real-file.script", "real-file-fields.script",
					     "real-file-names.script" };
	static const struct perf_handlers none = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf(DATA "%s", names[i]);
		struct perf_facts facts;

		assert_null(perfscript_read(path, &none, &facts));
		assert_int_equal(facts.samples, 61);
		assert_int_equal(facts.unknown, 0);
		assert_false(facts.truncated);
		perf_facts_release(&facts);
		free(path);
	}
}

static void every_cut_is_found(void **state)
{
	static const char *const names[] = { "real-file.script", "real-chain.script",
					     "made-branches.script" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf(DATA "%s", names[i]);
		size_t bytes;
		char *text = xfs_read(path, &bytes);
		struct seen whole = read_text(text, bytes);

		assert_null(whole.error);
		for (size_t n = 0; n < bytes; n += 7) {
			char *copy = xmalloc(n + 1);
			struct seen s;

			memcpy(copy, text, n);
			s = read_text(copy, n);
			assert_true(s.facts.truncated || !n || text[n - 1] == '\n');
			assert_true(s.bytes <= whole.bytes && !memcmp(s.text, whole.text, s.bytes));
			forget(&s);
			free(copy);
		}
		forget(&whole);
		free(text);
		free(path);
	}
}

static void flipped_bytes_do_no_harm(void **state)
{
	static const char *const names[] = { "real-kernel.script", "made-branches.script" };
	static const unsigned char flips[] = { 0xff, 0x01, 0x1a };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf(DATA "%s", names[i]);
		size_t bytes;
		char *text = xfs_read(path, &bytes);

		for (size_t n = 0; n < bytes; n++) {
			struct seen s;

			text[n] = (char)(text[n] ^ flips[n % 3]);
			s = read_text(text, bytes);
			assert_true(s.error || s.facts.samples);
			forget(&s);
			text[n] = (char)(text[n] ^ flips[n % 3]);
		}
		free(text);
		free(path);
	}
}

static enum perf_kind kind(const char *text)
{
	return perf_kind_of_memory((const uint8_t *)text, strlen(text));
}

static void kinds_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(kind(""), PERF_KIND_EMPTY);
	assert_int_equal(kind("PERFILE2"), PERF_KIND_DATA);
	assert_int_equal(kind("2ELIFREP"), PERF_KIND_DATA);
	assert_int_equal(kind("1\n1000-1004:5\n0\n"), PERF_KIND_RAW);
	assert_int_equal(kind("0\n0\n"), PERF_KIND_RAW);
	assert_int_equal(kind("1\n1000:5\n"), PERF_KIND_ADDRESSES);
	assert_int_equal(kind("0\n"), PERF_KIND_ADDRESSES);
	assert_int_equal(kind("main:184019:0\n 4: 534\n"), PERF_KIND_AUTOFDO);
	assert_int_equal(kind("_ZN1a:184019:0\n"), PERF_KIND_AUTOFDO);
	assert_int_equal(kind("adcg*704"), PERF_KIND_AUTOFDO);
	/* "SPROF42" and format 4, extensible binary, as a ULEB128 */
	assert_int_equal(kind("\x84\xe4\xd0\xb1\xf4\xc9\x94\xa8\x53"), PERF_KIND_AUTOFDO);
	assert_int_equal(kind("5\n 401020 0x401000/0x401008/P/-/-/1\n"), PERF_KIND_SCRIPT);
	assert_int_equal(kind("\n\n 1489  ffffffff81b9764c\n"), PERF_KIND_SCRIPT);
	assert_int_equal(kind("hello, world\n"), PERF_KIND_UNKNOWN);
	assert_int_equal(kind("\x7f"
			      "ELF\n 1489  ffffffff81b9764c\n"),
			 PERF_KIND_SCRIPT);
	assert_int_equal(perf_kind_of_memory((const uint8_t *)"a\0\n 1489  ffffffff81b9764c\n", 27),
			 PERF_KIND_UNKNOWN);
	assert_int_equal(perf_kind_of(DATA "real-stream.data"), PERF_KIND_DATA);
	assert_int_equal(perf_kind_of(DATA "real-chain.script"), PERF_KIND_SCRIPT);
	assert_int_equal(perf_kind_of(DATA "made-plain.script"), PERF_KIND_SCRIPT);
	assert_int_equal(perf_kind_of(DATA "nothing"), PERF_KIND_UNKNOWN);
	assert_int_equal(perf_kind_of(DATA), PERF_KIND_UNKNOWN);
}

UNIT_MAIN(cmocka_unit_test(layouts_are_told_apart),
	  cmocka_unit_test(branches_of_every_version_are_read),
	  cmocka_unit_test(call_chains_end_where_they_should),
	  cmocka_unit_test(other_records_are_read),
	  cmocka_unit_test(lost_and_unknown_lines_are_counted),
	  cmocka_unit_test(text_without_samples_is_a_sentence), cmocka_unit_test(real_text_is_read),
	  cmocka_unit_test(every_cut_is_found), cmocka_unit_test(flipped_bytes_do_no_harm),
	  cmocka_unit_test(kinds_are_told_apart))
