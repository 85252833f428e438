/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../collector/guest/sampler.h"

enum { PAGE_BYTES = 4096, RING_BYTES = 4096, SAMPLES_MOST = 300 };

static union {
	struct perf_ring ring;
	uint8_t bytes[PAGE_BYTES + RING_BYTES];
} memory;
static struct sampler sampler = {
	.event = EVENT_CPU_CLOCK, .processors = 1, .rings = { &memory }, .ring_bytes = RING_BYTES
};
static uint64_t seen[SAMPLES_MOST];
static unsigned seen_count;

static void begin(uint64_t at)
{
	memset(&memory, 0, sizeof(memory));
	memory.ring.data_head = memory.ring.data_tail = at;
	sampler.lost = 0;
	seen_count = 0;
}

/* As the kernel does, byte by byte around the end. */
static void put(const void *record, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		memory.bytes[PAGE_BYTES + (memory.ring.data_head + i) % RING_BYTES] =
			((const uint8_t *)record)[i];
	memory.ring.data_head += bytes;
}

static void put_sample(uint64_t address)
{
	struct perf_sample s = { .record = { .type = PERF_RECORD_SAMPLE, .bytes = sizeof(s) },
				 .address = address };

	put(&s, sizeof(s));
}

static void take(void *user, const struct sample *s)
{
	assert_ptr_equal(user, &sampler);
	assert_true(seen_count < SAMPLES_MOST);
	seen[seen_count++] = s->address;
}

static void drain(void)
{
	sampler_drain(&sampler, take, &sampler);
	assert_int_equal(memory.ring.data_tail, memory.ring.data_head);
}

/* Wherever in the ring they begin, and however often it went round. */
static void records_go_over_the_end(void **state)
{
	enum { EACH = 100 };

	(void)state;
	for (uint64_t start = 0; start < RING_BYTES; start += 8) {
		begin((UINT64_C(1) << 32) - RING_BYTES + start);
		for (unsigned i = 0; i < EACH; i++)
			put_sample(0x1000 + i);
		drain();
		assert_int_equal(seen_count, EACH);
		for (unsigned i = 0; i < EACH; i++)
			assert_int_equal(seen[i], 0x1000 + i);
		assert_int_equal(sampler.lost, 0);
		drain();
		assert_int_equal(seen_count, EACH);
	}
}

static void what_is_lost_is_counted(void **state)
{
	static uint8_t large[3000];
	struct perf_lost lost = { .record = { .type = PERF_RECORD_LOST, .bytes = sizeof(lost) },
				  .lost = 7 };
	struct perf_record record = { .type = PERF_RECORD_SAMPLE, .bytes = sizeof(large) };

	(void)state;
	begin(0);
	put(&lost, sizeof(lost));
	put_sample(1);
	drain();
	assert_int_equal(sampler.lost, 7);
	assert_int_equal(seen_count, 1);
	/* longer than any sample that was asked for */
	memcpy(large, &record, sizeof(record));
	put(large, sizeof(large));
	/* without an address */
	record.bytes = sizeof(record);
	put(&record, sizeof(record));
	put_sample(2);
	drain();
	assert_int_equal(sampler.lost, 9);
	assert_int_equal(seen_count, 2);
	assert_int_equal(seen[1], 2);
}

/* No length, or one that goes on behind what was written: the rest is given up, and that is said. */
static void broken_lengths(void **state)
{
	static const uint16_t lengths[] = { 0, 7, 800 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct perf_record record = { .type = PERF_RECORD_SAMPLE, .bytes = lengths[i] };

		begin(0);
		put(&record, sizeof(record));
		put_sample(1);
		drain();
		assert_int_equal(seen_count, 0);
		assert_int_equal(sampler.lost, 1);
	}
}

UNIT_MAIN(cmocka_unit_test(records_go_over_the_end), cmocka_unit_test(what_is_lost_is_counted),
	  cmocka_unit_test(broken_lengths))
