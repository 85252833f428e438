/* SPDX-License-Identifier: MIT */
#include "field.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

const char *field_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

json_int_t field_integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_t *step(const json_t *value, const char *word)
{
	json_t *element;
	size_t i;

	if (!json_is_array(value))
		return json_object_get(value, word);
	json_array_foreach(value, i, element)
		if (!strcmp(field_text(element, "name"), word))
			return element;
	return NULL;
}

json_t *field_at(const json_t *value, const char *path)
{
	char *words = xstrdup(path), *save;

	for (char *word = strtok_r(words, ".", &save); word && value;
	     word = strtok_r(NULL, ".", &save))
		value = step(value, word);
	free(words);
	return (json_t *)value;
}
