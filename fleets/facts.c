/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <stdbool.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "fields.h"

static const char *const words[] = { "load", "machine", "accelerator", "window", "cpu" };
static const char *const sums[] = { "total", "inside", "lost", "excluded" };

static json_t *word(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && fields_is_word(text) ? json_string(text) : json_null();
}

static json_t *count(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) && json_integer_value(value) >= 0
		       ? json_integer(json_integer_value(value))
		       : json_null();
}

static json_t *event(const json_t *from)
{
	return json_is_object(from) ? json_pack("{s:o, s:o, s:o, s:o}", "name", word(from, "name"),
						"period", count(from, "period"), "frequency_hz",
						count(from, "frequency_hz"), "privilege",
						word(from, "privilege"))
				    : json_null();
}

static json_t *samples(const json_t *from)
{
	json_t *result = json_object();

	if (!json_is_object(from)) {
		json_decref(result);
		return json_null();
	}
	for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
		json_object_set_new(result, sums[i], count(from, sums[i]));
	return result;
}

json_t *facts_read(const json_t *record)
{
	json_t *facts = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		json_object_set_new(facts, words[i], word(record, words[i]));
	json_object_set_new(facts, "event", event(json_object_get(record, "event")));
	json_object_set_new(facts, "samples", samples(json_object_get(record, "samples")));
	return facts;
}

/* Both, or null if one is not known or they are more than fits. */
static json_t *add(const json_t *a, const json_t *b)
{
	json_int_t sum;

	if (!json_is_integer(a) || !json_is_integer(b) ||
	    __builtin_add_overflow(json_integer_value(a), json_integer_value(b), &sum))
		return json_null();
	return json_integer(sum);
}

static json_t *add_samples(const json_t *a, const json_t *b)
{
	json_t *result;

	if (!json_is_object(a) || !json_is_object(b))
		return json_null();
	result = json_object();
	for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
		json_object_set_new(result, sums[i],
				    add(json_object_get(a, sums[i]), json_object_get(b, sums[i])));
	return result;
}

static void keep_equal(json_t *sum, const json_t *facts, const char *key)
{
	const json_t *value = json_object_get(facts, key);

	if (!value || !json_equal(json_object_get(sum, key), value))
		json_object_set_new(sum, key, json_null());
}

json_t *facts_combine(json_t *sum, const json_t *facts)
{
	if (!sum)
		return json_deep_copy(facts);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		keep_equal(sum, facts, words[i]);
	keep_equal(sum, facts, "event");
	json_object_set_new(
		sum, "samples",
		add_samples(json_object_get(sum, "samples"), json_object_get(facts, "samples")));
	return sum;
}
