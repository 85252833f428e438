/* SPDX-License-Identifier: MIT */
/* Samples of every layout, made by hand: streams, whose parts are all records. */
#include "unit.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <string.h>

#include "../../imports/perfdata.h"

/* A stream that is being made, and what a reader finds in it. */
static struct {
	uint8_t bytes[1 << 17];
	size_t n, record;
} made;

static struct {
	struct perf_sample v[64];
	uint64_t first_from[64], last_to[64];
	size_t n, mappings;
	struct perf_mapping mapping;
	struct perf_facts facts;
	char *error;
} found;

static void u64(uint64_t value)
{
	memcpy(made.bytes + made.n, &value, 8);
	made.n += 8;
}

static void u32(uint32_t value)
{
	memcpy(made.bytes + made.n, &value, 4);
	made.n += 4;
}

static void begin(uint32_t type, uint16_t misc)
{
	made.record = made.n;
	u32(type);
	u32(misc);
}

static void end(void)
{
	uint16_t bytes = (uint16_t)(made.n - made.record);

	memcpy(made.bytes + made.record + 6, &bytes, 2);
}

static void start(void)
{
	made.n = 0;
	u64(PERFDATA_MAGIC);
	u64(16);
}

/* An event of `bytes` bytes with up to two ids. */
static void event(uint32_t bytes, uint64_t sample_type, uint64_t read_format, uint64_t branches,
		  uint64_t id)
{
	size_t at;

	begin(PERFDATA_HEADER_ATTR, 0);
	at = made.n;
	memset(made.bytes + at, 0, bytes);
	u32(PERF_TYPE_HARDWARE);
	u32(bytes);
	u64(id == 2 ? PERF_COUNT_HW_INSTRUCTIONS : PERF_COUNT_HW_CPU_CYCLES);
	u64(1000);
	u64(sample_type);
	u64(read_format);
	if (bytes >= 80)
		memcpy(made.bytes + at + 72, &branches, 8);
	made.n = at + bytes;
	if (id)
		u64(id);
	end();
}

static void take_sample(void *user, const struct perf_sample *s)
{
	(void)user;
	assert_true(found.n < ARRAY_SIZE(found.v));
	found.v[found.n] = *s;
	if (s->branch_count) {
		found.first_from[found.n] = s->branches[0].from;
		found.last_to[found.n] = s->branches[s->branch_count - 1].to;
	}
	found.n++;
}

static void take_mapping(void *user, const struct perf_mapping *m)
{
	(void)user;
	found.mapping = *m;
	found.mapping.file = NULL;
	found.mapping.build_id = NULL;
	found.mappings++;
}

/* Read what was made: from memory that ends where it does. */
static void look(void)
{
	struct perf_handlers h = { .sample = take_sample, .mapping = take_mapping };
	uint8_t *copy = xmalloc(made.n);

	memset(&found, 0, sizeof(found));
	memcpy(copy, made.bytes, made.n);
	found.error = perfdata_read_memory("F", copy, made.n, &h, &found.facts);
	free(copy);
}

static void forget(void)
{
	perf_facts_release(&found.facts);
	free(found.error);
}

static void assert_error(const char *expected)
{
	look();
	assert_non_null(found.error);
	assert_non_null(strstr(found.error, expected));
	forget();
}

#define EVERYTHING                                                                         \
	(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |    \
	 PERF_SAMPLE_ADDR | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |     \
	 PERF_SAMPLE_PERIOD | PERF_SAMPLE_READ | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW | \
	 PERF_SAMPLE_BRANCH_STACK | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER)

enum { FORMAT_LOST = 1 << 4, HAS_INDEX = 1 << 17, HAS_COUNTERS = 1 << 19 };

/* Everything at once: `values` counters read, of `words` words each, after `times` times. */
static void put_everything(bool index, bool group, unsigned int times, unsigned int words)
{
	unsigned int values = group ? 3 : 1;

	begin(PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	u64(1);
	u64(0x401000);
	u32(7);
	u32(8);
	for (unsigned int i = 0; i < 5; i++)
		u64(0x1111); /* time, address, id, stream, processor */
	u64(99);	     /* period, of which the event says 1000 */
	if (group)
		u64(values);
	for (unsigned int i = 0; i < times + values * words; i++)
		u64(0x2222);
	u64(2); /* call chain */
	u64(0x3333);
	u64(0x3333);
	u32(12); /* raw */
	u32(0x4444);
	u64(0x4444);
	u64(2);
	if (index)
		u64(UINT64_MAX);
	for (uint64_t i = 0; i < 2; i++) {
		u64(0x5000 + i);
		u64(0x6000 + i);
		u64(1u << i | 8);
	}
	u64(0x7777); /* and whatever comes behind */
	end();
}

static void every_part_of_a_sample_is_passed(void **state)
{
	(void)state;
	for (unsigned int format = 0; format < 32; format++)
		for (unsigned int index = 0; index < 2; index++) {
			unsigned int words =
				1 + !!(format & PERF_FORMAT_ID) + !!(format & FORMAT_LOST);
			unsigned int times = !!(format & PERF_FORMAT_TOTAL_TIME_ENABLED) +
					     !!(format & PERF_FORMAT_TOTAL_TIME_RUNNING);

			start();
			event(PERF_ATTR_SIZE_VER5, EVERYTHING, format,
			      HAS_COUNTERS | (index ? HAS_INDEX : 0), 1);
			put_everything(index, format & PERF_FORMAT_GROUP, times, words);
			look();
			assert_null(found.error);
			assert_int_equal(found.n, 1);
			assert_int_equal(found.v[0].address, 0x401000);
			assert_int_equal(found.v[0].pid, 7);
			assert_int_equal(found.v[0].tid, 8);
			assert_int_equal(found.v[0].period, 99);
			assert_int_equal(found.v[0].mode, PERF_MODE_USER);
			assert_int_equal(found.v[0].branch_count, 2);
			assert_int_equal(found.first_from[0], 0x5000);
			assert_int_equal(found.last_to[0], 0x6001);
			forget();
		}
}

static void put_short(uint64_t id, uint64_t address)
{
	begin(PERF_RECORD_SAMPLE, PERF_RECORD_MISC_KERNEL);
	u64(address);
	u64(id);
	end();
}

static void samples_find_their_event(void **state)
{
	uint64_t type = PERF_SAMPLE_IP | PERF_SAMPLE_ID;

	(void)state;
	start();
	event(PERF_ATTR_SIZE_VER0, type, 0, 0, 1);
	event(PERF_ATTR_SIZE_VER0, type, 0, 0, 2);
	put_short(2, 0x20);
	put_short(1, 0x10);
	put_short(3, 0x30);
	put_short(2, 0x21);
	look();
	assert_null(found.error);
	assert_int_equal(found.facts.event_count, 2);
	assert_string_equal(found.facts.events[0].name, "cycles");
	assert_string_equal(found.facts.events[1].name, "instructions");
	assert_int_equal(found.n, 3);
	assert_int_equal(found.v[0].event, 1);
	assert_int_equal(found.v[0].period, 1000);
	assert_int_equal(found.v[0].pid, -1);
	assert_int_equal(found.v[1].event, 0);
	assert_int_equal(found.v[2].address, 0x21);
	assert_int_equal(found.facts.unknown, 1);
	forget();

	start();
	event(PERF_ATTR_SIZE_VER0, type, 0, 0, 1);
	event(PERF_ATTR_SIZE_VER0, type | PERF_SAMPLE_TIME, 0, 0, 2);
	put_short(2, 0x20);
	assert_error("its samples do not say of which they are");

	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 1);
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 2);
	put_short(2, 0x20);
	assert_error("its samples do not say of which they are");

	start();
	put_short(2, 0x20);
	assert_error("there is a sample before any event is described");
}

static void an_update_names_an_event(void **state)
{
	(void)state;
	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 1);
	begin(PERFDATA_EVENT_UPDATE, 0);
	u64(2);
	u64(1);
	memcpy(made.bytes + made.n, "mycycle", 8);
	made.n += 8;
	end();
	look();
	assert_null(found.error);
	assert_string_equal(found.facts.events[0].name, "mycycle");
	forget();
}

/* What lies behind a record and is not part of its size. */
static void traces_are_passed(void **state)
{
	(void)state;
	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP | PERF_SAMPLE_ID, 0, 0, 1);
	begin(PERFDATA_AUXTRACE, 0);
	u64(64);
	for (unsigned int i = 0; i < 4; i++)
		u64(0);
	end();
	memset(made.bytes + made.n, 0xff, 64);
	made.n += 64;
	begin(PERFDATA_TRACING_DATA, 0);
	u32(13);
	end();
	memset(made.bytes + made.n, 0xff, 16);
	made.n += 16;
	put_short(1, 0x10);
	look();
	assert_null(found.error);
	assert_int_equal(found.n, 1);
	assert_false(found.facts.truncated);
	forget();

	begin(PERFDATA_AUXTRACE, 0);
	u64(64);
	end();
	look();
	assert_null(found.error);
	assert_true(found.facts.truncated);
	forget();

	made.n -= 8;
	u64(UINT64_MAX);
	assert_error("is damaged");
}

static void lost_and_throttled_are_counted(void **state)
{
	(void)state;
	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 1);
	begin(PERF_RECORD_LOST, 0);
	u64(1);
	u64(40);
	end();
	begin(PERF_RECORD_LOST_SAMPLES, 0);
	u64(2);
	end();
	begin(PERF_RECORD_THROTTLE, 0);
	end();
	look();
	assert_null(found.error);
	assert_int_equal(found.facts.lost, 42);
	assert_int_equal(found.facts.throttled, 1);
	assert_int_equal(found.facts.records, 4);
	forget();
	begin(PERF_RECORD_LOST, 0);
	u64(1);
	u64(UINT64_MAX);
	end();
	look();
	assert_true(found.facts.lost == UINT64_MAX);
	forget();
}

/* The first kind of mapping says by a bit that it is data. */
static void put_mapping(uint16_t misc)
{
	begin(PERF_RECORD_MMAP, misc);
	u32(5);
	u32(5);
	u64(0x400000);
	u64(0x1000);
	u64(0x2000);
	memcpy(made.bytes + made.n, "/bin/a\0", 8);
	made.n += 8;
	end();
}

static void old_mappings_are_read(void **state)
{
	(void)state;
	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 1);
	put_mapping(PERF_RECORD_MISC_USER);
	look();
	assert_null(found.error);
	assert_int_equal(found.mappings, 1);
	assert_true(found.mapping.executable);
	assert_int_equal(found.mapping.offset, 0x2000);
	assert_int_equal(found.mapping.build_id_bytes, 0);
	forget();
	put_mapping(PERF_RECORD_MISC_USER | PERF_RECORD_MISC_MMAP_DATA);
	look();
	assert_int_equal(found.mappings, 2);
	assert_false(found.mapping.executable);
	forget();
	memcpy(made.bytes + made.n - 8, "/bin/abc", 8);
	assert_error("a mapping whose file has no end");
}

static void damaged_records_are_sentences(void **state)
{
	(void)state;
	start();
	begin(PERFDATA_HEADER_ATTR, 0);
	u32(0);
	u32(4000);
	end();
	assert_error("an event that is longer than its record");

	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP | PERF_SAMPLE_BRANCH_STACK, 0, 0, 1);
	begin(PERF_RECORD_SAMPLE, 0);
	u64(1);
	u64(UINT64_MAX);
	end();
	assert_error("the sample at byte");

	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP | PERF_SAMPLE_CALLCHAIN, 0, 0, 1);
	begin(PERF_RECORD_SAMPLE, 0);
	u64(1);
	u64(UINT64_MAX / 8 + 2);
	end();
	assert_error("the sample at byte");

	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 1);
	begin(PERFDATA_COMPRESSED, 0);
	u64(0x1234567812345678);
	end();
	assert_error("what is compressed at byte");

	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 1);
	begin(PERFDATA_COMPRESSED2, 0);
	u64(9);
	u64(0);
	end();
	assert_error("it holds less than it says");

	start();
	event(PERF_ATTR_SIZE_VER0, PERF_SAMPLE_IP, 0, 0, 1);
	u64(0);
	assert_error("its size is 0");
}

UNIT_MAIN(cmocka_unit_test(every_part_of_a_sample_is_passed),
	  cmocka_unit_test(samples_find_their_event), cmocka_unit_test(an_update_names_an_event),
	  cmocka_unit_test(traces_are_passed), cmocka_unit_test(lost_and_throttled_are_counted),
	  cmocka_unit_test(old_mappings_are_read), cmocka_unit_test(damaged_records_are_sentences))
