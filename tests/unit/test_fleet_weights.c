/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../fleets/weights.h"

enum { MOST = 200 };

static struct sketch sketches[MOST];
static struct weighed v[MOST];

static void start(size_t n)
{
	memset(sketches, 0, sizeof(sketches));
	memset(v, 0, sizeof(v));
	for (size_t i = 0; i < n; i++) {
		sketches[i].weight = sketches[i].about.weight = 1;
		sketches[i].about.load = (char *)(uintptr_t)"l";
		v[i].sketch = &sketches[i];
	}
}

static void set_host(size_t i, unsigned host)
{
	snprintf(sketches[i].about.host, HOST_DIGEST_BYTES, "%016x", host);
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static double total(size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].share;
	return sum;
}

static struct caps share(size_t n, const struct wishes *w)
{
	struct strlist unmet = STRLIST_INIT;
	struct caps caps;

	weights_by_host(v, n, w);
	weights_by_load(v, n, w, &unmet);
	weights_share(v, n, w, &caps);
	strlist_release(&unmet);
	return caps;
}

static void age_halves(void **state)
{
	struct wishes w = WISHES_DEFAULT;

	(void)state;
	start(3);
	sketches[1].about.age_days = 30;
	sketches[2].about.age_days = 60;
	sketches[2].weight = 8;
	weights_by_host(v, 3, &w);
	assert_true(near(v[0].weight, 1) && near(v[1].weight, 0.5) && near(v[2].weight, 2));
	w.half_life_days = 0;
	weights_by_host(v, 3, &w);
	assert_true(near(v[1].weight, 1));
}

static void many_of_one_host_count_like_four(void **state)
{
	struct wishes w = WISHES_DEFAULT;

	(void)state;
	start(11);
	for (size_t i = 0; i < 10; i++)
		set_host(i, 1);
	weights_by_host(v, 11, &w);
	assert_true(near(v[0].weight, 0.4) && near(v[10].weight, 1));
	assert_true(v[0].host == v[9].host && v[0].host != v[10].host);
}

static void a_load_gets_its_share(void **state)
{
	struct wished_load loads[] = { { (char *)(uintptr_t)"a", 0.25 },
				       { (char *)(uintptr_t)"none", 0.25 } };
	struct wishes w = WISHES_DEFAULT;
	struct strlist unmet = STRLIST_INIT;
	struct caps caps;
	double a = 0;

	(void)state;
	start(100);
	for (size_t i = 0; i < 50; i++)
		sketches[i].about.load = (char *)(uintptr_t)"a";
	w.loads = loads;
	w.load_count = 2;
	weights_by_host(v, 100, &w);
	weights_by_load(v, 100, &w, &unmet);
	weights_share(v, 100, &w, &caps);
	for (size_t i = 0; i < 50; i++)
		a += v[i].share;
	/* a quarter to half of it, as nobody has the other quarter */
	assert_true(near(a, 1.0 / 3) && near(total(100), 1));
	assert_int_equal(unmet.n, 1);
	assert_string_equal(unmet.v[0], "none");
	strlist_release(&unmet);
}

static void no_recording_has_more_than_its_cap(void **state)
{
	struct wishes w = WISHES_DEFAULT;
	struct caps caps;

	(void)state;
	start(100);
	sketches[7].about.weight = 1000000;
	caps = share(100, &w);
	assert_true(near(v[7].share, 0.05) && near(v[8].share, 0.95 / 99));
	assert_true(near(caps.record, 0.05) && near(caps.relaxed, 1) && near(total(100), 1));
}

static void no_host_has_more_than_its_cap(void **state)
{
	struct wishes w = WISHES_DEFAULT;

	(void)state;
	start(100);
	w.host_records = 1000;
	for (size_t i = 0; i < 100; i++)
		set_host(i, i < 60 ? 1 : (unsigned)i);
	share(100, &w);
	assert_true(near(v[0].share * 60, 0.20) && near(v[99].share, 0.80 / 40));
	assert_true(near(total(100), 1));
}

static void with_few_the_caps_are_wider(void **state)
{
	struct wishes w = WISHES_DEFAULT;
	struct caps caps;

	(void)state;
	start(1);
	caps = share(1, &w);
	assert_true(near(v[0].share, 1) && near(caps.record, 1) && near(caps.relaxed, 1));
	start(3);
	sketches[0].about.weight = 1000;
	caps = share(3, &w);
	assert_true(near(v[0].share, 0.5) && near(v[1].share, 0.25) && near(caps.record, 0.5));
}

/* 100 of one host and one of another: the two caps leave room for 0.8 of the result. */
static void caps_that_cannot_hold_are_relaxed_alike(void **state)
{
	struct wishes w = WISHES_DEFAULT;
	struct caps caps;

	(void)state;
	start(101);
	for (size_t i = 0; i < 101; i++)
		set_host(i, i < 100 ? 1 : 2);
	caps = share(101, &w);
	assert_true(near(caps.record, 0.05) && near(caps.host, 0.75));
	assert_true(near(caps.relaxed, 1 / 0.8) && near(v[100].share, 0.05 / 0.8));
	assert_true(near(total(101), 1));
}

UNIT_MAIN(cmocka_unit_test(age_halves), cmocka_unit_test(many_of_one_host_count_like_four),
	  cmocka_unit_test(a_load_gets_its_share),
	  cmocka_unit_test(no_recording_has_more_than_its_cap),
	  cmocka_unit_test(no_host_has_more_than_its_cap),
	  cmocka_unit_test(with_few_the_caps_are_wider),
	  cmocka_unit_test(caps_that_cannot_hold_are_relaxed_alike))
