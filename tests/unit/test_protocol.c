/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../collector/protocol.h"

static void check_value(void **state)
{
	static const uint8_t empty[] = { 'N', 'A', 'P', 'F', 1, FRAME_STOP, 0, 0, 7, 0, 0, 0 };
	uint8_t bytes[FRAME_HEADER_BYTES];
	uint32_t crc = ~0u;

	(void)state;
	assert_int_equal(frame_write(bytes, FRAME_STOP, 7, NULL, 0), sizeof(bytes));
	assert_memory_equal(bytes, empty, sizeof(empty));
	/* bit by bit, from the polynomial of RFC 3720 */
	for (size_t i = 0; i < sizeof(empty); i++) {
		crc ^= empty[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	crc = ~crc;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(bytes[12 + i], (crc >> (8 * i)) & 0xff);
}

static struct frame whole(const uint8_t *bytes, size_t n)
{
	struct frame f;
	size_t used;

	assert_int_equal(frame_read(&f, bytes, n, &used), 1);
	assert_int_equal(used, n);
	return f;
}

static void payloads(void **state)
{
	struct hello h = { .boot = 0x123456789abcdef0,
			   .build_ids = { { 1 }, { 2, [19] = 9 } },
			   .event = EVENT_CYCLES,
			   .processors = 3,
			   .cpu_vendor = "GenuineInte" },
		     h2;
	struct start s = { UINT64_MAX, 999, 60 }, s2;
	struct status t = { 1, 2, 3, 4, UINT64_MAX, 6 }, t2;
	uint8_t payload[FRAME_PAYLOAD_MAX], bytes[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];
	struct frame f;

	(void)state;
	h.cpu_vendor[11] = 'l';
	f = whole(bytes, frame_write(bytes, FRAME_HELLO, 1, payload, hello_write(payload, &h)));
	assert_true(hello_read(&h2, &f));
	assert_int_equal(h2.boot, h.boot);
	assert_memory_equal(h2.build_ids, h.build_ids, sizeof(h.build_ids));
	assert_memory_equal(h2.cpu_vendor, "GenuineIntel", 12);
	assert_int_equal(h2.event, EVENT_CYCLES);
	assert_int_equal(h2.processors, 3);
	assert_false(start_read(&s2, &f));
	f = whole(bytes,
		  frame_write(bytes, FRAME_START, 0xffffffff, payload, start_write(payload, &s)));
	assert_int_equal(f.sequence, 0xffffffff);
	assert_true(start_read(&s2, &f));
	assert_memory_equal(&s, &s2, sizeof(s));
	f = whole(bytes, frame_write(bytes, FRAME_END, 2, payload, status_write(payload, &t)));
	assert_true(status_read(&t2, &f));
	assert_memory_equal(&t, &t2, sizeof(t));
	f.payload_bytes--;
	assert_false(status_read(&t2, &f));
}

static void impossible_values(void **state)
{
	struct hello good = { .processors = 1, .event = EVENT_CPU_CLOCK }, h;
	uint8_t payload[128];
	struct frame f = { FRAME_HELLO, 0, payload, 0 };

	(void)state;
	f.payload_bytes = hello_write(payload, &good);
	assert_true(hello_read(&h, &f));
	payload[68] = EVENT_CPU_CLOCK + 1;
	assert_false(hello_read(&h, &f));
	payload[68] = 0;
	payload[69] = 0; /* no processor */
	assert_false(hello_read(&h, &f));
	payload[69] = 1;
	payload[75] = 'x'; /* behind the end of the vendor's name */
	assert_false(hello_read(&h, &f));
	memcpy(payload + 70, "\033[2Jx", 5); /* what a terminal obeys */
	assert_false(hello_read(&h, &f));
}

static void counts(void **state)
{
	static const struct {
		enum count_kind kind;
		size_t fit;
	} kinds[] = { { COUNT_ADDRESS, 1196 / 12 },
		      { COUNT_BRANCH, 1196 / 20 },
		      { COUNT_RANGE, 1196 / 20 } };
	uint8_t bytes[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct counts_writer w;
		struct count_entry e = { 0xffffffff81000000, 2, 3 }, e2;
		enum unit unit;
		enum count_kind kind;
		struct frame f;
		size_t n;

		counts_writer_begin(&w, UNIT_APP, kinds[k].kind);
		while (counts_writer_add(&w, &e))
			e.from++, e.to++, e.count++;
		assert_int_equal(w.entries, kinds[k].fit);
		f = whole(bytes, frame_write(bytes, FRAME_COUNTS, 0, w.payload, w.bytes));
		assert_true(counts_frame_read(&unit, &kind, &n, &f));
		assert_int_equal(unit, UNIT_APP);
		assert_int_equal(kind, kinds[k].kind);
		assert_int_equal(n, kinds[k].fit);
		counts_frame_entry(&e2, &f, n - 1);
		assert_int_equal(e2.from, e.from - 1);
		assert_int_equal(e2.to, kind == COUNT_ADDRESS ? 0 : e.to - 1);
		assert_int_equal(e2.count, e.count - 1);
		bytes[FRAME_HEADER_BYTES + 2]--; /* one entry less than bytes for them */
		assert_false(counts_frame_read(&unit, &kind, &n, &f));
	}
}

/* A frame that comes byte by byte, with noise before it. */
static void cut_and_noisy(void **state)
{
	uint8_t bytes[64] = "NAPNAP\1NAPF\2";
	size_t noise = 12, n = noise + frame_write(bytes + noise, FRAME_ALIVE, 5, NULL, 0), at = 0;
	struct frame f;

	(void)state;
	for (size_t there = 1; there < n; there++) {
		size_t used;
		int found;

		while ((found = frame_read(&f, bytes + at, there - at, &used)) < 0) {
			assert_in_range(used, 1, there - at);
			at += used;
		}
		assert_int_equal(found, 0);
	}
	assert_int_equal(at, noise);
	f = whole(bytes + at, n - at);
	assert_int_equal(f.type, FRAME_ALIVE);
	assert_int_equal(f.sequence, 5);
}

/* No flipped bit goes unnoticed, and none makes a reader go beyond what there is. */
static void flipped_bits(void **state)
{
	struct status t = { 1, 2, 3, 4, 5, 6 };
	uint8_t payload[64], bytes[128];
	size_t n = frame_write(bytes, FRAME_STATUS, 9, payload, status_write(payload, &t));

	(void)state;
	for (size_t bit = 0; bit < 8 * n; bit++) {
		struct frame f;
		size_t used;

		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(frame_read(&f, bytes, n, &used), 1);
		assert_true(used <= n);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	bytes[6] = 0xb1; /* 1201 bytes: more than a frame may have */
	bytes[7] = 0x04;
	assert_int_equal(frame_read(&(struct frame){ 0 }, bytes, n, &(size_t){ 0 }), -1);
}

UNIT_MAIN(cmocka_unit_test(check_value), cmocka_unit_test(payloads),
	  cmocka_unit_test(impossible_values), cmocka_unit_test(counts),
	  cmocka_unit_test(cut_and_noisy), cmocka_unit_test(flipped_bits))
