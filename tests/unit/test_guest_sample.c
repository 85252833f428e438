/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../../collector/guest/sample.h"

static const struct units units = { .v = { [UNIT_KERNEL] = { 0xffffffff80200000,
							     0xffffffff803fffff },
					   [UNIT_APP] = { 0x20000000, 0x200fffff },
					   [UNIT_INIT] = { 0x10000000, 0x1000ffff } } };

static uint32_t count_of(const struct table *t, enum count_kind kind, uint64_t from, uint64_t to)
{
	struct place p;
	uint32_t count;

	for (size_t i = 0; i < TABLE_LINES; i++)
		if (table_line(t, &units, i, &p, &count) && p.kind == kind && p.from == from &&
		    p.to == to)
			return count;
	return 0;
}

static void plain_samples(void **state)
{
	static const uint64_t inside[] = { 0xffffffff80200010, 0x20000010, 0x10000010 };
	struct table *t = calloc(1, sizeof(*t));
	unsigned taken;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		assert_int_equal(
			sample_count(&(struct sample){ .address = inside[i] }, &units, t, &taken),
			0);
		assert_int_equal(taken, 1);
		assert_int_equal(count_of(t, COUNT_ADDRESS, inside[i], 0), 1);
	}
	/* the vDSO, the collector */
	assert_int_equal(sample_count(&(struct sample){ .address = 0x30001000 }, &units, t, &taken),
			 0);
	assert_int_equal(taken, 0);
	assert_int_equal(t->used, ARRAY_SIZE(inside));
	free(t);
}

/* Newest first: 0x20000100 -> 0x20000200 was executed last. */
static void branch_stacks(void **state)
{
	static const struct perf_branch branches[] = {
		{ 0x20000180, 0x20000200, 0 }, /* after what the next one led to */
		{ 0x20000080, 0x20000100, 0 },
		{ 0xffffffff80200050, 0x20000070, 0 }, /* out of the kernel */
		{ 0xffffffff80200010, 0xffffffff80200040, 0 },
		{ 0x20000020, 0xffffffff80200000, 0 }, /* into it */
		{ 0, 0, 0 },			       /* an empty entry */
	};
	struct sample s = { .branches = branches, .branch_count = ARRAY_SIZE(branches) };
	struct table *t = calloc(1, sizeof(*t));
	unsigned taken;

	(void)state;
	assert_int_equal(sample_count(&s, &units, t, &taken), 0);
	assert_int_equal(count_of(t, COUNT_BRANCH, 0x20000180, 0x20000200), 1);
	assert_int_equal(count_of(t, COUNT_BRANCH, 0x20000080, 0x20000100), 1);
	assert_int_equal(count_of(t, COUNT_BRANCH, 0xffffffff80200010, 0xffffffff80200040), 1);
	assert_int_equal(count_of(t, COUNT_RANGE, 0x20000100, 0x20000180), 1);
	assert_int_equal(count_of(t, COUNT_RANGE, 0x20000070, 0x20000080), 1);
	assert_int_equal(count_of(t, COUNT_RANGE, 0xffffffff80200040, 0xffffffff80200050), 1);
	assert_int_equal(count_of(t, COUNT_RANGE, 0xffffffff80200000, 0xffffffff80200010), 1);
	/* branches between units are of none, and nothing else is counted */
	assert_int_equal(taken, 7);
	assert_int_equal(t->used, 7);
	free(t);
}

static void nonsense_in_stacks(void **state)
{
	static const struct perf_branch branches[] = {
		{ 0x20000180, 0x20000200, 0 },
		/* a wrong path: it breaks the chain */
		{ 0x20000080, 0x20000100,
		  (uint64_t)PERF_BRANCH_WRONG_PATH << PERF_BRANCH_SPECULATION_SHIFT },
		{ 0x20000010, 0x20000070, 0 },
		{ 0x20000060, 0x20000030, 0 }, /* leads behind where the next one comes from */
		{ 0x20000008, 0x200f0000, 0 },
	};
	struct sample s = { .branches = branches, .branch_count = ARRAY_SIZE(branches) };
	struct table *t = calloc(1, sizeof(*t));
	unsigned taken;

	(void)state;
	assert_int_equal(sample_count(&s, &units, t, &taken), 0);
	assert_int_equal(taken, 4);
	assert_int_equal(count_of(t, COUNT_BRANCH, 0x20000080, 0x20000100), 0);
	for (size_t i = 0; i < TABLE_LINES; i++) {
		struct place p;
		uint32_t count;

		if (table_line(t, &units, i, &p, &count))
			assert_int_equal(p.kind, COUNT_BRANCH);
	}
	free(t);
}

static void records(void **state)
{
	struct {
		struct perf_sample plain;
		uint64_t count;
		struct perf_branch branches[2];
	} record = { .plain = { .address = 7, .process = 8 }, .count = 2 };
	struct sample s;

	(void)state;
	record.plain.record.bytes = sizeof(record);
	assert_true(sample_read(&s, &record.plain.record, true));
	assert_int_equal(s.address, 7);
	assert_int_equal(s.process, 8);
	assert_int_equal(s.branch_count, 2);
	assert_true(sample_read(&s, &record.plain.record, false));
	assert_null(s.branches);
	for (uint16_t bytes = 0; bytes < sizeof(record); bytes++) {
		record.plain.record.bytes = bytes;
		assert_false(sample_read(&s, &record.plain.record, true));
	}
	record.plain.record.bytes = sizeof(record);
	record.count = UINT64_MAX;
	assert_false(sample_read(&s, &record.plain.record, true));
}

UNIT_MAIN(cmocka_unit_test(plain_samples), cmocka_unit_test(branch_stacks),
	  cmocka_unit_test(nonsense_in_stacks), cmocka_unit_test(records))
