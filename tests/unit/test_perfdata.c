/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seen.h"

#define DATA "tests/data/perf/"

typedef char *reader(const char *, const struct perf_handlers *, struct perf_facts *);

static struct seen read_file(reader *read, const char *path)
{
	static struct seen s;
	struct perf_handlers h = seen_begin(&s, false);

	s.error = read(path, &h, &s.facts);
	fclose(s.out);
	return s;
}

static struct seen read_bytes(const void *data, size_t bytes)
{
	static struct seen s;
	struct perf_handlers h = seen_begin(&s, false);

	s.error = perfdata_read_memory("F", data, bytes, &h, &s.facts);
	fclose(s.out);
	return s;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines that begin with `word`, sorted: perf sorts by time what the file has by processor. */
static char *lines(const char *text, const char *word)
{
	char *copy = xstrdup(text), *next = copy, *line, *all;
	char *found[512];
	size_t n = 0, bytes;
	FILE *out = open_memstream(&all, &bytes);

	while ((line = strsep(&next, "\n")))
		if (!strncmp(line, word, strlen(word)) && n < ARRAY_SIZE(found))
			found[n++] = line;
	qsort(found, n, sizeof(*found), compare);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\n", found[i]);
	fclose(out);
	free(copy);
	return all;
}

static void assert_same_lines(const struct seen *a, const struct seen *b, const char *word)
{
	char *x = lines(a->text, word), *y = lines(b->text, word);

	assert_string_equal(x, y);
	free(x);
	free(y);
}

/* What real files hold, and what perf itself printed of them, are the same. */
static void real_files_hold_what_perf_prints(void **state)
{
	static const char *const names[] = { "file", "compressed", "stream", "events", "kernel" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *data = xasprintf(DATA "real-%s.data", names[i]);
		char *script = xasprintf(DATA "real-%s.script", names[i]);
		struct seen a = read_file(perfdata_read, data);
		struct seen b = read_file(perfscript_read, script);
		char *without_tid;

		assert_null(a.error);
		assert_null(b.error);
		assert_false(a.facts.truncated);
		assert_true(a.facts.samples >= 30);
		assert_int_equal(a.facts.samples, b.facts.samples);
		assert_int_equal(b.facts.unknown, 0);
		assert_string_equal(a.facts.arch, "x86_64");
		assert_string_equal(a.facts.cpu_vendor, "AuthenticAMD");
		assert_true(a.mappings >= 3);
		/* default text has no thread */
		without_tid = a.text;
		for (char *at = without_tid; (at = strstr(at, "sample ")); at++) {
			char *slash = strchr(at, '/'), *blank = strchr(slash, ' ');

			memmove(slash + 3, blank, strlen(blank) + 1);
			memcpy(slash, "/-1", 3);
		}
		assert_same_lines(&a, &b, "sample");
		assert_same_lines(&a, &b, "mapping");
		assert_same_lines(&a, &b, "fork");
		assert_same_lines(&a, &b, "exec");
		forget(&a);
		forget(&b);
		free(data);
		free(script);
	}
}

static void events_are_described(void **state)
{
	struct seen s = read_file(perfdata_read, DATA "real-events.data");

	(void)state;
	assert_null(s.error);
	assert_true(s.facts.event_count >= 2);
	assert_string_equal(s.facts.events[0].name, "cpu-clock:u");
	assert_true(s.facts.events[0].exclude_kernel);
	assert_false(s.facts.events[0].exclude_user);
	assert_int_equal(s.facts.events[0].type, PERF_TYPE_SOFTWARE);
	assert_int_equal(s.facts.events[0].config, PERF_COUNT_SW_CPU_CLOCK);
	assert_true(s.facts.events[0].is_frequency);
	assert_int_equal(s.facts.events[0].period_or_frequency, 50);
	assert_false(s.facts.events[0].has_branches);
	assert_string_equal(s.facts.events[1].name, "task-clock");
	assert_false(s.facts.events[1].exclude_kernel);
	assert_non_null(strstr(s.text, "task-clock ffff"));
	assert_non_null(strstr(s.text, "cpu-clock:u 4"));
	assert_null(strstr(s.text, "cpu-clock:u ffff"));
	forget(&s);
}

static void build_ids_are_found(void **state)
{
	struct seen s = read_file(perfdata_read, DATA "made-branches.data");

	(void)state;
	assert_null(s.error);
	assert_int_equal(s.facts.build_id_count, 2);
	assert_string_equal(s.facts.build_ids[0].file, "[kernel.kallsyms]");
	assert_int_equal(s.facts.build_ids[0].mode, PERF_MODE_KERNEL);
	assert_int_equal(s.facts.build_ids[0].bytes, 20);
	assert_string_equal(s.facts.build_ids[1].file, "/usr/sbin/app");
	assert_int_equal(s.facts.build_ids[1].mode, PERF_MODE_USER);
	assert_string_equal(s.facts.cpu_description, "A Processor @ 2.50GHz");
	assert_string_equal(s.facts.cpu_vendor, "GenuineIntel");
	forget(&s);
	s = read_file(perfdata_read, DATA "made-ids.data");
	assert_null(s.error);
	assert_int_equal(s.facts.build_id_count, 0);
	assert_non_null(strstr(s.text, "[kernel.kallsyms]_text' 990d"));
	forget(&s);
	s = read_file(perfdata_read, DATA "made-stream.data");
	assert_null(s.error);
	assert_int_equal(s.facts.build_id_count, 2);
	forget(&s);
}

/* The same samples, however they were kept. */
static void every_form_holds_the_same(void **state)
{
	static const char *const names[] = { "index", "stream", "compressed", "wrong", "ids" };
	struct seen plain = read_file(perfdata_read, DATA "made-branches.data");

	(void)state;
	assert_null(plain.error);
	assert_int_equal(plain.facts.samples, 10);
	assert_int_equal(plain.branches, 80);
	assert_true(plain.facts.events[0].has_branches);
	assert_int_equal(plain.facts.events[0].branch_filter, PERF_SAMPLE_BRANCH_ANY);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf(DATA "made-%s.data", names[i]);
		struct seen s = read_file(perfdata_read, path);

		assert_null(s.error);
		assert_false(s.facts.truncated);
		assert_same_lines(&plain, &s, "sample");
		assert_same_lines(&plain, &s, "exec");
		assert_int_equal(s.facts.lost, strcmp(names[i], "stream") ? 0 : 5);
		forget(&s);
		free(path);
	}
	forget(&plain);
}

static void privilege_and_mode_are_known(void **state)
{
	struct seen s = read_file(perfdata_read, DATA "made-kernel.data");

	(void)state;
	assert_true(s.facts.events[0].exclude_user);
	assert_non_null(strstr(s.text, " mode 1 "));
	assert_null(strstr(s.text, " mode 2 "));
	forget(&s);
	s = read_file(perfdata_read, DATA "made-user.data");
	assert_true(s.facts.events[0].exclude_kernel);
	assert_null(strstr(s.text, " mode 1 "));
	forget(&s);
	s = read_file(perfdata_read, DATA "made-guest.data");
	assert_true(s.facts.events[0].exclude_host);
	assert_non_null(strstr(s.text, " mode 3\n"));
	assert_non_null(strstr(s.text, " mode 4\n"));
	assert_false(s.facts.events[0].has_branches);
	forget(&s);
}

static void assert_error(struct seen s, const char *expected)
{
	assert_non_null(s.error);
	if (!strstr(s.error, expected))
		assert_string_equal(s.error, expected);
	forget(&s);
}

static void what_cannot_be_used_is_a_sentence(void **state)
{
	static const char old[] = "PERFFILE12345678";
	char *scratch = unit_scratch();
	char *path = xasprintf("%s/file", scratch);

	(void)state;
	assert_error(read_file(perfdata_read, DATA "made-arch.data"),
		     "it was recorded on aarch64;");
	assert_error(read_file(perfdata_read, DATA "made-stream-arch.data"),
		     "it was recorded on aarch64;");
	assert_error(read_file(perfdata_read, DATA "made-big-endian.data"),
		     "it was recorded on a big-endian machine;");
	assert_error(read_file(perfdata_read, path), "cannot be read: No such file");
	assert_error(read_file(perfdata_read, scratch), "is a directory");
	xfs_write(path, "", 0);
	assert_error(read_file(perfdata_read, path), "it is empty");
	assert_error(read_bytes("", 0), "it is empty");
	assert_error(read_bytes("PERFILE2", 8), "it is cut off within its header");
	assert_error(read_bytes(old, sizeof(old) - 1), "it does not begin as perf.data does");
	assert_error(read_bytes("PERFILE2\x10\0\0\0\0\0\0\0", 16),
		     "it ends before any event is described");
	xfs_remove(scratch);
	free(path);
	free(scratch);
}

/* Cut off anywhere: an error, or the first samples of the whole, and it is said. */
static void every_cut_is_found(void **state)
{
	static const char *const names[] = { "branches", "stream", "compressed", "plain" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf(DATA "made-%s.data", names[i]);
		size_t bytes, most = 0;
		char *data = xfs_read(path, &bytes);
		struct seen whole = read_bytes(data, bytes);

		assert_null(whole.error);
		for (size_t n = 0; n < bytes; n++) {
			/* a copy of its own, so that a sanitizer sees its end */
			char *copy = xmalloc(n + 1);
			struct seen s;

			memcpy(copy, data, n);
			s = read_bytes(copy, n);
			assert_true(s.error || s.facts.truncated || !strcmp(names[i], "stream"));
			assert_true(s.bytes <= whole.bytes && !memcmp(s.text, whole.text, s.bytes));
			if (!s.error && s.facts.samples > most)
				most = s.facts.samples;
			forget(&s);
			free(copy);
		}
		assert_true(most >= 9);
		forget(&whole);
		free(data);
		free(path);
	}
}

/* perf that was killed had no time to write how long the records are. */
static void a_killed_perf_left_its_records(void **state)
{
	size_t bytes;
	char *data = xfs_read(DATA "made-branches.data", &bytes);
	struct seen whole = read_bytes(data, bytes), s;
	uint64_t records = 0;

	(void)state;
	memcpy(&records, data + 48, 8);
	memset(data + 48, 0, 8); /* length of the records */
	memset(data + 72, 0, 8); /* features */
	memcpy(&bytes, data + 40, 8);
	s = read_bytes(data, bytes + records);
	assert_null(s.error);
	assert_true(s.facts.truncated);
	assert_string_equal(s.text, whole.text);
	assert_null(s.facts.arch);
	forget(&whole);
	forget(&s);
	free(data);
}

/* Any byte another: no crash; the sanitizers look on when they are there. */
static void flipped_bytes_do_no_harm(void **state)
{
	static const char *const names[] = { "made-branches", "made-stream", "made-compressed",
					     "made-ids",      "real-events", "real-chain" };
	static const unsigned char flips[] = { 0xff, 0x01, 0x80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf(DATA "%s.data", names[i]);
		size_t bytes;
		char *data = xfs_read(path, &bytes);

		for (size_t n = 0; n < bytes * ARRAY_SIZE(flips); n++) {
			struct seen s;

			data[n / 3] = (char)(data[n / 3] ^ flips[n % 3]);
			s = read_bytes(data, bytes);
			assert_true(s.error || s.facts.event_count);
			forget(&s);
			data[n / 3] = (char)(data[n / 3] ^ flips[n % 3]);
		}
		free(data);
		free(path);
	}
}

/* What a host name and a command line hold is nowhere. */
static void nothing_private_is_kept(void **state)
{
	size_t bytes;
	char *data = xfs_read(DATA "made-branches.data", &bytes);
	struct seen s = read_bytes(data, bytes);

	(void)state;
	assert_non_null(memmem(data, bytes, "secret-host", 11));
	assert_non_null(memmem(data, bytes, "secret-argument", 15));
	assert_null(strstr(s.text, "secret-host"));
	assert_null(strstr(s.text, "secret-argument"));
	for (size_t i = 0; i < s.facts.build_id_count; i++)
		assert_null(strstr(s.facts.build_ids[i].file, "secret"));
	assert_null(strstr(s.facts.arch, "secret"));
	assert_null(strstr(s.facts.cpu_description, "secret"));
	forget(&s);
	free(data);
}

/* A stream through a pipe has no length, and cannot be read twice. */
static void a_pipe_is_read(void **state)
{
	char *scratch = unit_scratch();
	char *path = xasprintf("%s/pipe", scratch);
	struct seen whole = read_file(perfdata_read, DATA "made-stream.data"), s;
	pid_t child;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	child = fork();
	if (!child) {
		size_t bytes;
		char *data = xfs_read(DATA "made-stream.data", &bytes);
		int fd = open(path, O_WRONLY);

		for (size_t n = 0; n < bytes; n += 100)
			if (write(fd, data + n, bytes - n < 100 ? bytes - n : 100) < 0)
				_exit(1);
		_exit(0);
	}
	s = read_file(perfdata_read, path);
	waitpid(child, NULL, 0);
	assert_null(s.error);
	assert_string_equal(s.text, whole.text);
	assert_true(s.facts.file_bytes > 3000);
	forget(&whole);
	forget(&s);
	xfs_remove(scratch);
	free(path);
	free(scratch);
}

UNIT_MAIN(cmocka_unit_test(real_files_hold_what_perf_prints),
	  cmocka_unit_test(events_are_described), cmocka_unit_test(build_ids_are_found),
	  cmocka_unit_test(every_form_holds_the_same),
	  cmocka_unit_test(privilege_and_mode_are_known),
	  cmocka_unit_test(what_cannot_be_used_is_a_sentence), cmocka_unit_test(every_cut_is_found),
	  cmocka_unit_test(a_killed_perf_left_its_records),
	  cmocka_unit_test(flipped_bytes_do_no_harm), cmocka_unit_test(nothing_private_is_kept),
	  cmocka_unit_test(a_pipe_is_read))
