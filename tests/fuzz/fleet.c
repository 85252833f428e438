/* SPDX-License-Identifier: MIT */
/*
 * fleet.c - any bytes as a list of recordings, a file of weights, a file of sketches or a plan: the
 * first byte says which ('l', 'w', 's', 'p'). An error, or something that holds what it promises;
 * sketches are the same once written and read.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../fleets/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void list(const char *text, size_t bytes)
{
	struct records r = { 0 };
	char *error = records_parse(&r, "F", text, bytes);

	for (size_t i = 0; i < r.n; i++) {
		expect(*r.v[i].label, "a label is not empty");
		expect(r.v[i].age_days >= 0 && isfinite(r.v[i].age_days), "an age is a number");
		expect(r.v[i].weight > 0 && isfinite(r.v[i].weight), "a weight is above 0");
	}
	records_sort(&r);
	for (size_t i = 1; i < r.n; i++)
		expect(strcmp(r.v[i - 1].label, r.v[i].label) < 0, "labels ascend");
	records_release(&r);
	free(error);
}

static void weights(const char *text, size_t bytes)
{
	struct wishes w = WISHES_DEFAULT;
	char *error = wishes_parse(&w, "F", text, bytes);
	double sum = 0;

	for (size_t i = 0; i < w.load_count; i++)
		sum += w.loads[i].share;
	expect(sum < 1.001, "loads have no more than all");
	expect(w.record_cap > 0 && w.record_cap <= 1 && w.host_cap > 0 && w.host_cap <= 1,
	       "caps are shares");
	expect(w.half_life_days >= 0 && w.host_records >= 1, "the others are numbers");
	wishes_release(&w);
	free(error);
}

static void sketches(const char *text, size_t bytes)
{
	struct sketches all = { 0 }, again = { 0 };
	char *error = sketches_parse(&all, "F", text, bytes), *first, *second;
	size_t first_bytes, second_bytes;

	if (!error) {
		first = sketches_format(&all, &first_bytes);
		expect(!sketches_parse(&again, "F", first, first_bytes), "what is written is read");
		second = sketches_format(&again, &second_bytes);
		expect(first_bytes == second_bytes && !memcmp(first, second, first_bytes),
		       "and is the same");
		free(first);
		free(second);
	}
	sketches_release(&all);
	sketches_release(&again);
	free(error);
}

static void plan(const char *text, size_t bytes)
{
	json_t *json = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
	struct plan p;
	char *error;

	if (!json)
		return;
	error = plan_open(&p, json);
	if (!error) {
		for (size_t i = 0; i < p.record_count; i++) {
			expect(p.records[i].group < p.group_count, "a record has a group");
			expect(plan_find(&p, p.records[i].label) == i, "a record is found");
		}
		plan_refuses(&p, "a");
		plan_release(&p);
	}
	free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const char *text = (const char *)data + 1;

	if (!bytes)
		return 0;
	switch (*data) {
	case 'l': list(text, bytes - 1); break;
	case 'w': weights(text, bytes - 1); break;
	case 's': sketches(text, bytes - 1); break;
	case 'p': plan(text, bytes - 1); break;
	}
	return 0;
}
