/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "../../fleets/facts.h"

static json_t *facts(const char *text)
{
	json_t *record = json_loads(text, 0, NULL), *result = facts_read(record);

	json_decref(record);
	return result;
}

static void only_known_words_and_numbers_go_on(void **state)
{
	json_t *f = facts(
		       "{\"load\": \"/home/me/load --file x\", \"machine\": \"microvm\","
		       " \"hostname\": \"web-1\", \"cpu\": {\"a\": 1}, \"window\": 7,"
		       " \"event\": {\"name\": \"cycles\", \"frequency_hz\": 99, \"comm\": \"x\"}}"),
	       *wanted = json_loads(
		       "{\"load\": null, \"machine\": \"microvm\", \"accelerator\": null,"
		       " \"window\": null, \"cpu\": null, \"samples\": null, \"event\":"
		       " {\"name\": \"cycles\", \"period\": null, \"frequency_hz\": 99,"
		       " \"privilege\": null}}",
		       0, NULL);

	(void)state;
	assert_true(json_equal(f, wanted));
	json_decref(f);
	json_decref(wanted);
}

static void what_all_agree_on_remains(void **state)
{
	json_t *a = facts("{\"load\": \"api\", \"machine\": \"m\", \"samples\":"
			  " {\"total\": 5, \"inside\": 4, \"lost\": 1}}"),
	       *b = facts("{\"load\": \"batch\", \"machine\": \"m\", \"samples\":"
			  " {\"total\": 7, \"inside\": 7}}"),
	       *sum = facts_combine(facts_combine(NULL, a), b), *samples;

	(void)state;
	samples = json_object_get(sum, "samples");
	assert_true(json_is_null(json_object_get(sum, "load")));
	assert_string_equal(json_string_value(json_object_get(sum, "machine")), "m");
	assert_int_equal(json_integer_value(json_object_get(samples, "total")), 12);
	assert_true(json_is_null(json_object_get(samples, "lost")));
	json_decref(a);
	json_decref(b);
	json_decref(sum);
}

UNIT_MAIN(cmocka_unit_test(only_known_words_and_numbers_go_on),
	  cmocka_unit_test(what_all_agree_on_remains))
