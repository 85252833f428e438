/* SPDX-License-Identifier: MIT */
#include "conditions.h"

#include "../pipeline/lib/util.h"

char *conditions_differ(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)a, key, value)
		if (!json_equal(value, json_object_get(b, key)))
			return xasprintf("the conditions' '%s' differs", key);
	json_object_foreach((json_t *)b, key, value)
		if (!json_object_get(a, key))
			return xasprintf("the conditions' '%s' differs", key);
	return NULL;
}
