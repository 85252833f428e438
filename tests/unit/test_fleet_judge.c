/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "../../fleets/judge.h"

/* A recording that has its counts in blocks first..first+9, unevenly. */
static void add(struct sketches *all, const char *label, unsigned host, unsigned first)
{
	struct sketch s = { .about = { .label = xstrdup(label), .weight = 1 },
			    .generation = 1,
			    .instructions = 1000,
			    .weight = 1,
			    .build_ids = json_pack("{s:s}", "vmlinux", "00"),
			    .facts = json_pack("{s:s}", "load", "api") };
	uint32_t rest = SKETCH_ONE;

	snprintf(s.id, sizeof(s.id), "%064zu", all->n);
	if (host)
		snprintf(s.about.host, sizeof(s.about.host), "%016x", host);
	for (unsigned i = 0; i < 10; i++) {
		/* a tenth each, and a little that differs from one recording to the next */
		uint32_t share =
			SKETCH_ONE / 10 - (uint32_t)((all->n + 1) * (i + 1) * 7919 % 100) * 100000;

		s.blocks[first + i] = s.functions[first + i] = share;
		rest -= share;
	}
	s.blocks[first] += rest;
	s.functions[first] += rest;
	sketches_push(all, &s);
}

static const struct verdict *verdict(const struct judgement *j, const char *label)
{
	for (size_t i = 0; i < j->n; i++)
		if (!strcmp(j->v[i].sketch->about.label, label))
			return &j->v[i];
	fail();
	return NULL;
}

static void judge_all(struct judgement *j, struct sketches *all, bool keep)
{
	struct wishes w = WISHES_DEFAULT;

	judge(j, all, &w, keep);
}

static void add_usual(struct sketches *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char label[20];

		snprintf(label, sizeof(label), "r%02zu", i);
		add(all, label, (unsigned)i + 1, 0);
	}
}

static void a_stranger_is_refused_unless_asked_for(void **state)
{
	struct sketches all = { .app = xstrdup("nginx") };
	struct judgement j;

	(void)state;
	add_usual(&all, 8);
	add(&all, "strange", 50, 100);
	judge_all(&j, &all, false);
	assert_string_equal(verdict(&j, "strange")->why, "outlier");
	assert_int_equal(j.counting, 8);
	judge_all(&j, &all, true);
	assert_null(verdict(&j, "strange")->why);
	assert_non_null(verdict(&j, "strange")->note);
	assert_int_equal(j.counting, 9);
}

/* With four nobody knows who is the stranger. */
static void few_are_not_enough_to_tell(void **state)
{
	struct sketches all = { .app = xstrdup("nginx") };
	struct judgement j;

	(void)state;
	add_usual(&all, 3);
	add(&all, "strange", 50, 100);
	judge_all(&j, &all, false);
	assert_int_equal(j.counting, 4);
	assert_true(verdict(&j, "strange")->likeness == -1);
}

static void a_minority_of_many_hosts_is_a_load_of_its_own(void **state)
{
	struct sketches all = { .app = xstrdup("nginx") }, lone = { .app = xstrdup("nginx") };
	struct judgement j;
	char label[20];

	(void)state;
	add_usual(&all, 12);
	add_usual(&lone, 12);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(label, sizeof(label), "other%u", i);
		add(&all, label, 100 + i, 100);
		add(&lone, label, 100, 100);
	}
	judge_all(&j, &all, false);
	assert_int_equal(j.counting, 16);
	assert_non_null(strstr(verdict(&j, "other0")->note, "a load of its own?"));
	/* the same from one host is not believed */
	judge_all(&j, &lone, false);
	assert_int_equal(j.counting, 12);
}

static void copies_count_once_whatever_they_are_called(void **state)
{
	struct sketches all = { .app = xstrdup("nginx") };
	struct judgement j;

	(void)state;
	add_usual(&all, 6);
	for (unsigned i = 0; i < 20; i++) {
		char label[20];

		snprintf(label, sizeof(label), "copy%u", i);
		add(&all, label, 100 + i, 0);
		memcpy(all.v[all.n - 1].blocks, all.v[3].blocks, sizeof(all.v[3].blocks));
		if (i % 2)
			strcpy(all.v[all.n - 1].id, all.v[3].id);
	}
	judge_all(&j, &all, false);
	assert_int_equal(j.counting, 6);
	for (size_t i = 0; i < j.n; i++)
		assert_true(!j.v[i].why || !strcmp(j.v[i].why, "duplicate"));
}

static void one_hot_place_that_others_do_not_have_is_refused(void **state)
{
	struct sketches all = { .app = xstrdup("nginx") };
	struct judgement j;

	(void)state;
	add_usual(&all, 8);
	for (size_t i = 0; i < 2; i++) {
		struct sketch *s = &all.v[i];

		/* 30 % in one place: where nobody else has any, and where all have 10 % */
		s->peak_count = 1;
		s->peaks[0] = (struct sketch_peak){ SKETCH_ONE / 10 * 3, 0x1000, 0, i ? 5u : 500u,
						    xstrdup("spin") };
	}
	judge_all(&j, &all, false);
	assert_string_equal(verdict(&j, "r00")->why, "peak");
	assert_non_null(
		strstr(verdict(&j, "r00")->reason, "30.0 % of its counts are at 1000 in spin"));
	assert_null(verdict(&j, "r01")->why);
}

UNIT_MAIN(cmocka_unit_test(a_stranger_is_refused_unless_asked_for),
	  cmocka_unit_test(few_are_not_enough_to_tell),
	  cmocka_unit_test(a_minority_of_many_hosts_is_a_load_of_its_own),
	  cmocka_unit_test(copies_count_once_whatever_they_are_called),
	  cmocka_unit_test(one_hot_place_that_others_do_not_have_is_refused))
