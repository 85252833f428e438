/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "../../imports/choice.h"
#include "../../imports/gather.h"

static const char kernel_id[] = "aaaa", app_id[] = "bbbb", new_app_id[] = "cccc";

/* Two generations: the kernel at K, the app at A, init at I; the newer has another app. */
enum { BYTES = 0x10000 };
#define K 0xffffffff80200000
#define A 0x20001000
#define I 0x10001000

static struct build generations[2];

static struct builds two_generations(void)
{
	static const uint64_t starts[UNITS] = { K, A, I };
	struct builds k = { .out = "out", .app = "app", .v = generations, .n = 2 };

	for (size_t i = 0; i < 2; i++) {
		generations[i].number = (unsigned)i;
		for (enum unit unit = 0; unit < UNITS; unit++) {
			struct build_unit *u = &generations[i].units[unit];

			*u = (struct build_unit){ .start = starts[unit],
						  .end = starts[unit] + BYTES,
						  .load_offset = starts[unit] - 0x1000 };
			k.all[unit] = *u;
		}
		strcpy(generations[i].units[UNIT_KERNEL].build_id, kernel_id);
		strcpy(generations[i].units[UNIT_APP].build_id, i ? new_app_id : app_id);
	}
	return k;
}

struct fixture {
	struct builds builds;
	struct processes processes;
	struct gather gather;
	struct perf_event_kind events[3];
	struct perf_facts facts;
};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->builds = two_generations();
	processes_init(&f->processes, &f->builds);
	gather_init(&f->gather, &f->processes);
	f->facts.events = f->events;
	f->facts.event_count = ARRAY_SIZE(f->events);
}

static void end(struct fixture *f)
{
	gather_release(&f->gather);
	processes_release(&f->processes);
}

static void sample(struct fixture *f, enum perf_mode mode, uint64_t address,
		   const struct perf_branch *branches, size_t n)
{
	struct perf_sample s = { .address = address,
				 .pid = 7,
				 .mode = mode,
				 .count = 2,
				 .branches = branches,
				 .branch_count = n };

	gather_sample(&f->gather, &s);
}

static void map_app(struct fixture *f, int32_t pid, const uint8_t *id)
{
	struct perf_mapping m = { .pid = pid,
				  .mode = PERF_MODE_USER,
				  .start = A,
				  .bytes = BYTES,
				  .offset = 0x1000,
				  .executable = true,
				  .file = "/srv/app",
				  .build_id = id,
				  .build_id_bytes = id ? 2 : 0 };

	processes_mapping(&f->processes, &m);
}

static const struct bucket *bucket(const struct fixture *f, enum unit unit, bool guest)
{
	for (size_t i = 0; i < f->gather.bucket_count; i++)
		if (f->gather.buckets[i].unit == unit && f->gather.buckets[i].guest == guest)
			return &f->gather.buckets[i];
	return NULL;
}

static void a_stack_is_branches_and_what_ran_between(void **state)
{
	/* newest first: a call in the app, a system call's return, code of the kernel */
	static const struct perf_branch stack[] = {
		{ .from = A + 0x20, .to = A + 0x100 },
		{ .from = K + 0x90, .to = A + 0x10 },
		{ .from = K + 0x40, .to = K + 0x80 },
		{ .from = A + 0x8, .to = K + 0x30 },
	};
	const struct counts *c;
	struct fixture f;

	(void)state;
	begin(&f);
	sample(&f, PERF_MODE_USER, A + 0x108, stack, ARRAY_SIZE(stack));
	c = &bucket(&f, UNIT_APP, false)->counts;
	assert_int_equal(c->ranges.n, 1);
	assert_int_equal(counts_sorted(&c->ranges).v[0].from, A + 0x10);
	assert_int_equal(counts_sorted(&c->ranges).v[0].to, A + 0x20);
	assert_int_equal(c->ranges.total, 2);
	assert_int_equal(c->branches.n, 1);
	assert_int_equal(c->addresses.n, 0);
	c = &bucket(&f, UNIT_KERNEL, false)->counts;
	assert_int_equal(c->ranges.n, 2); /* 80-90, 30-40 */
	assert_int_equal(c->branches.n, 1);
	assert_int_equal(f.gather.events[0].inside[0], 2);
	end(&f);
}

static void what_cannot_be_is_bogus(void **state)
{
	static const struct perf_branch stack[] = {
		{ .from = K + 0x10, .to = K + 0x20 },
		{ .from = K + 0x50, .to = K + 0x60 },	       /* 60-10: backwards */
		{ .from = 0, .to = K + 0x30 },		       /* zero */
		{ .from = K + 0x8, .to = 0x1000000000000000 }, /* no such address */
		{ .from = K + 0x8, .to = 0xffffffffa0000000 }, /* no code of this kernel */
		{ .from = K + 0x8, .to = 0x400000 },	       /* another program: may be */
	};
	const struct bucket *b;
	struct fixture f;

	(void)state;
	begin(&f);
	sample(&f, PERF_MODE_KERNEL, K, stack, ARRAY_SIZE(stack));
	b = bucket(&f, UNIT_KERNEL, false);
	assert_int_equal(b->entries, 12);
	assert_int_equal(b->bogus[BOGUS_BACKWARDS], 2);
	assert_int_equal(b->bogus[BOGUS_ZERO], 2);
	assert_int_equal(b->bogus[BOGUS_NOWHERE], 4);
	assert_int_equal(b->bogus[BOGUS_FAR], 0);
	assert_int_equal(gather_bogus(b), 8);
	assert_int_equal(b->counts.branches.n, 2);
	end(&f);
}

static void guests_are_kept_apart_and_win_if_there_are_more(void **state)
{
	struct counts units[UNITS];
	struct fixture f;
	struct choice c;
	char *hint;

	(void)state;
	begin(&f);
	sample(&f, PERF_MODE_GUEST_KERNEL, K + 1, NULL, 0);
	sample(&f, PERF_MODE_GUEST_USER, A + 1, NULL, 0);
	sample(&f, PERF_MODE_GUEST_USER, I + 1, NULL, 0);
	sample(&f, PERF_MODE_KERNEL, K + 9, NULL, 0);
	assert_true(choice_event(&c, &f.gather, &f.facts));
	assert_true(c.guest);
	/* the host's kernel is none of ours, and says nothing of the guest */
	strcpy(f.processes.kernel_id[0], "dddd");
	assert_non_null(choice_generation(&c, &f.gather, NULL, &hint));
	strcpy(f.processes.kernel_id[1], kernel_id);
	assert_null(choice_generation(&c, &f.gather, NULL, &hint));
	assert_ptr_equal(c.generation, &generations[1]);
	for (enum unit unit = 0; unit < UNITS; unit++)
		counts_init(&units[unit], 0);
	choice_take(&c, &f.gather, units);
	for (enum unit unit = 0; unit < UNITS; unit++)
		assert_int_equal(units[unit].addresses.total, 2);
	assert_int_equal(c.samples, 8);
	assert_int_equal(c.inside, 6);
	end(&f);
}

static void build_ids_choose_the_generation(void **state)
{
	static const uint8_t old_id[] = { 0xbb, 0xbb }, other[] = { 0xee, 0xee };
	struct fixture f;
	struct choice c;
	char *hint;

	(void)state;
	begin(&f);
	map_app(&f, 7, old_id);
	sample(&f, PERF_MODE_USER, A, NULL, 0);
	strcpy(f.processes.kernel_id[0], kernel_id);
	assert_true(choice_event(&c, &f.gather, &f.facts));
	assert_null(choice_generation(&c, &f.gather, NULL, &hint));
	assert_ptr_equal(c.generation, &generations[0]);
	assert_false(c.kernel_is_other);
	/* the same app on another kernel */
	strcpy(f.processes.kernel_id[0], "dddd");
	assert_null(choice_generation(&c, &f.gather, NULL, &hint));
	assert_ptr_equal(c.generation, &generations[0]);
	assert_true(c.kernel_is_other);
	end(&f);
	begin(&f);
	map_app(&f, 7, other);
	sample(&f, PERF_MODE_USER, A, NULL, 0);
	assert_true(choice_event(&c, &f.gather, &f.facts));
	assert_non_null(choice_generation(&c, &f.gather, NULL, &hint));
	end(&f);
}

static void events_with_branches_are_preferred_and_cores_belong_together(void **state)
{
	static const struct perf_branch branch = { .from = K + 8, .to = K };
	struct perf_sample s = { .address = K, .mode = PERF_MODE_KERNEL, .count = 1 };
	struct fixture f;
	struct choice c;

	(void)state;
	begin(&f);
	f.events[0].name = (char *)"cpu_core/cycles/";
	f.events[1].name = (char *)"cpu_atom/cycles/";
	f.events[2].name = (char *)"br:k";
	for (s.event = 0; s.event < 2; s.event++)
		for (int i = 0; i < 10; i++)
			gather_sample(&f.gather, &s);
	assert_true(choice_event(&c, &f.gather, &f.facts));
	assert_true(c.events[0] && c.events[1] && !c.with_branches);
	assert_int_equal(c.samples, 20);
	assert_int_equal(c.privilege, PRIVILEGE_BOTH);
	s.branches = &branch;
	s.branch_count = 1;
	gather_sample(&f.gather, &s);
	assert_true(choice_event(&c, &f.gather, &f.facts));
	assert_true(c.events[2] && !c.events[0] && c.with_branches);
	assert_int_equal(c.privilege, PRIVILEGE_KERNEL);
	end(&f);
}

static void a_child_has_its_parents_program(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	/* order in the file is not the order of time: the parent's mapping comes last */
	processes_fork(&f.processes, 11, 10);
	processes_fork(&f.processes, 12, 11);
	processes_fork(&f.processes, 13, 11);
	processes_exec(&f.processes, 13, "sh");
	map_app(&f, 10, NULL);
	assert_int_equal(processes_find(&f.processes, 12, UNIT_APP), 1);
	assert_int_equal(processes_find(&f.processes, 13, UNIT_APP), NO_PROGRAM);
	assert_int_equal(processes_find(&f.processes, 12, UNIT_INIT), NO_PROGRAM);
	assert_int_equal(processes_find(&f.processes, 99, UNIT_APP), ANY_PROGRAM);
	end(&f);
}

static void a_program_mapped_elsewhere_is_another(void **state)
{
	struct perf_mapping m = { .pid = 7,
				  .mode = PERF_MODE_USER,
				  .start = A,
				  .bytes = BYTES,
				  .offset = 0x5000,
				  .executable = true,
				  .file = "/srv/app" };
	struct fixture f;

	(void)state;
	begin(&f);
	processes_mapping(&f.processes, &m);
	assert_int_equal(processes_find(&f.processes, 7, UNIT_APP), NO_PROGRAM);
	sample(&f, PERF_MODE_USER, A, NULL, 0);
	assert_int_equal(f.gather.bucket_count, 0);
	end(&f);
}

static void of_two_builds_the_one_with_most_samples_and_the_other_is_told(void **state)
{
	static const uint8_t old_id[] = { 0xbb, 0xbb }, new_id[] = { 0xcc, 0xcc };
	struct perf_sample s = { .address = A, .pid = 8, .mode = PERF_MODE_USER, .count = 1 };
	struct counts units[UNITS];
	struct fixture f;
	struct choice c;
	char *hint;

	(void)state;
	begin(&f);
	map_app(&f, 7, old_id);
	map_app(&f, 8, new_id);
	sample(&f, PERF_MODE_USER, A, NULL, 0);
	gather_sample(&f.gather, &s);
	assert_true(choice_event(&c, &f.gather, &f.facts));
	assert_null(choice_generation(&c, &f.gather, NULL, &hint));
	assert_ptr_equal(c.generation, &generations[0]);
	assert_string_equal(c.app_id, app_id);
	f.gather.buckets[0].counts.refused = 3;
	for (enum unit unit = 0; unit < UNITS; unit++)
		counts_init(&units[unit], 0);
	choice_take(&c, &f.gather, units);
	assert_int_equal(c.inside, 2);
	assert_int_equal(c.other_builds, 1);
	assert_int_equal(c.no_room, 3);
	end(&f);
}

UNIT_MAIN(cmocka_unit_test(a_stack_is_branches_and_what_ran_between),
	  cmocka_unit_test(what_cannot_be_is_bogus),
	  cmocka_unit_test(guests_are_kept_apart_and_win_if_there_are_more),
	  cmocka_unit_test(build_ids_choose_the_generation),
	  cmocka_unit_test(events_with_branches_are_preferred_and_cores_belong_together),
	  cmocka_unit_test(a_child_has_its_parents_program),
	  cmocka_unit_test(a_program_mapped_elsewhere_is_another),
	  cmocka_unit_test(of_two_builds_the_one_with_most_samples_and_the_other_is_told))
