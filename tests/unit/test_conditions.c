/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "../../bench/conditions.h"
#include "../../pipeline/lib/process.h"

static json_t *sample(void)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:[s, s, s], s:{s:s, s:s, s:i, s:i, s:s}}",
		"accelerator", "tcg", "qemu", "7.2.22", "cpu", "max", "host_cpu", "EPYC",
		"host_cpus", 2, "machine", "microvm", "memory", "64M", "vmm_arguments",
		"-nodefaults", "-smp", "1", "load", "name", "get1k", "sha256", "5a", "requests",
		20000, "warmup", 200, "seed", "1");
}

/* What is said when `b` is `sample()` with `value` at `key`, in "load" if `inside`; NULL: left out. */
static char *said(bool inside, const char *key, json_t *value)
{
	json_t *a = sample(), *b = sample();
	json_t *of = inside ? json_object_get(b, "load") : b;
	char *sentence, *other_way;

	if (value)
		json_object_set_new(of, key, value);
	else
		json_object_del(of, key);
	sentence = conditions_differ(a, b);
	other_way = conditions_differ(b, a);
	assert_true(!sentence == !other_way);
	free(other_way);
	json_decref(a);
	json_decref(b);
	return sentence;
}

static void assert_said(bool inside, const char *key, json_t *value, const char *expected)
{
	char *sentence = said(inside, key, value);

	if (expected)
		assert_string_equal(sentence, expected);
	else
		assert_null(sentence);
	free(sentence);
}

static void the_same(void **state)
{
	(void)state;
	assert_said(false, "memory", json_string("64M"), NULL);
	assert_said(false, "host_cpus", json_real(2), NULL);
	assert_said(false, "rate_rps", json_real(17.5), NULL);
}

static void one_difference(void **state)
{
	(void)state;
	assert_said(true, "requests", json_integer(5000), "the load's requests are 20000 and 5000");
	assert_said(true, "seed", json_string("2"), "the load's seeds are 1 and 2");
	assert_said(true, "name", json_string("judge"), "the loads are get1k and judge");
	assert_said(false, "accelerator", json_string("kvm"), "the accelerators are tcg and kvm");
	assert_said(false, "host_cpus", json_integer(4), "the hosts' numbers of CPUs are 2 and 4");
	assert_said(false, "qemu", NULL, "the versions of QEMU are 7.2.22 and unknown");
	assert_said(false, "qemu", json_null(), "the versions of QEMU are 7.2.22 and unknown");
}

static void of_lists_what_differs_first(void **state)
{
	(void)state;
	assert_said(false, "vmm_arguments", json_pack("[s, s, s]", "-nodefaults", "-smp", "2"),
		    "QEMU's arguments, from number 3 on, are 1 and 2");
	assert_said(false, "vmm_arguments", json_pack("[s]", "-nodefaults"),
		    "QEMU's arguments, from number 2 on, are -smp and unknown");
	assert_said(false, "vmm_arguments", json_string("-smp"),
		    "QEMU's arguments are [\"-nodefaults\",\"-smp\",\"1\"] and -smp");
}

static void what_the_caller_added(void **state)
{
	(void)state;
	assert_said(false, "models", json_pack("{s:i}", "l1i", 32768),
		    "'models' are unknown and {\"l1i\":32768}");
	assert_said(true, "more", json_true(), "the load's 'more' are unknown and true");
}

static void many_differences(void **state)
{
	json_t *a = sample(), *b = json_object(), *not_an_object = json_array();
	char *sentence = conditions_differ(a, b);

	(void)state;
	assert_string_equal(sentence,
			    "the accelerators are tcg and unknown; the versions of QEMU are "
			    "7.2.22 and unknown; the guests' CPU models are max and "
			    "unknown; and 10 more");
	free(sentence);
	sentence = conditions_differ(a, not_an_object);
	assert_non_null(sentence);
	free(sentence);
	sentence = conditions_differ(a, NULL);
	assert_non_null(sentence);
	free(sentence);
	json_decref(a);
	json_decref(b);
	json_decref(not_an_object);
}

static json_t *made(const struct guest_options *g, const char *load_path)
{
	struct accelerator a = { .kvm = false };
	struct imagespec spec = { .machine = "microvm" };
	struct loadfile l = { .requests = 300, .warmup = 5, .seed = UINT64_MAX };

	return conditions_make(g, &spec, &a, &l, load_path);
}

/* Ports, paths and what is measured at each boot are no conditions; memory is. */
static void what_is_made(void **state)
{
	char *scratch = unit_scratch(), *path = xasprintf("%s/small.load", scratch), *qemu;
	struct guest_options one = { .image = "/here/image",
				     .machine = "microvm",
				     .memory = "64M",
				     .port = 4711,
				     .guest_port = 80,
				     .tsc_khz = 2595000 };
	struct guest_options two = one;
	json_t *a, *b;
	char *sentence, *text;

	(void)state;
	if (!(qemu = process_find("qemu-system-x86_64")))
		skip();
	free(qemu);
	xfs_write(path, "x", 1);
	two.image = "/there/image";
	two.port = 4712;
	two.tsc_khz = 2596000;
	strlist_push(&two.qemu, "-plugin");
	strlist_push(&two.qemu, "/there/tracer.so,out=x");
	a = made(&one, path);
	b = made(&two, path);
	assert_null(conditions_differ(a, b));
	assert_true(json_equal(a, b));
	text = json_dumps(a, 0);
	assert_null(strchr(text, '/'));
	assert_null(strstr(text, "4711"));
	assert_non_null(strstr(text, "\"18446744073709551615\""));
	assert_non_null(strstr(text, "\"small\""));
	free(text);
	json_decref(b);
	two.memory = "32M";
	b = made(&two, path);
	sentence = conditions_differ(a, b);
	assert_non_null(strstr(sentence, "the sizes of memory are 64M and 32M"));
	free(sentence);
	json_decref(a);
	json_decref(b);
	strlist_release(&two.qemu);
	fs_remove(scratch);
	free(path);
	free(scratch);
}

UNIT_MAIN(cmocka_unit_test(the_same), cmocka_unit_test(one_difference),
	  cmocka_unit_test(of_lists_what_differs_first), cmocka_unit_test(what_the_caller_added),
	  cmocka_unit_test(many_differences), cmocka_unit_test(what_is_made))
