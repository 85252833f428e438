/* SPDX-License-Identifier: MIT */
#include "recorded_drivers.h"

#include <stdlib.h>
#include <string.h>

#include "initcall_name.h"

static const char *kind_of(const json_t *shake, const json_t *nodes, size_t i)
{
	json_t *number = json_array_get(json_object_get(nodes, "kind"), i);

	return json_string_value(json_array_get(json_object_get(shake, "kinds"),
						(size_t)json_integer_value(number)));
}

static const char *text_of(const json_t *nodes, const char *column, size_t i)
{
	const char *text = json_string_value(json_array_get(json_object_get(nodes, column), i));

	return text ? text : "";
}

static bool is_live(const json_t *nodes, size_t i)
{
	return json_integer_value(json_array_get(json_object_get(nodes, "live"), i));
}

/* Functions that live in drivers/, by the names that their source has. */
static json_t *driver_functions(const json_t *shake, const json_t *nodes, size_t n)
{
	json_t *functions = json_object();

	for (size_t i = 0; i < n; i++) {
		const char *kind = kind_of(shake, nodes, i), *name = text_of(nodes, "name", i);
		const char *unique = strstr(name, ".__uniq.");
		size_t length = unique ? (size_t)(unique - name) : strlen(name);

		if (kind && strcmp(kind, "symbol") && is_live(nodes, i) &&
		    !strncmp(text_of(nodes, "file", i), "drivers/", 8))
			json_object_setn_new(functions, name, length, json_true());
	}
	return functions;
}

static void add_driver(const json_t *nodes, size_t i, const json_t *functions,
		       struct strlist *drivers)
{
	char *name = initcall_name(text_of(nodes, "section", i), text_of(nodes, "name", i));

	if (name && json_object_get(functions, name) && !strlist_has(drivers, name))
		strlist_push(drivers, name);
	free(name);
}

bool recorded_drivers(const json_t *shake, struct strlist *drivers)
{
	static const char *const columns[] = { "kind", "name", "section", "file", "live" };
	const json_t *nodes = json_object_get(shake, "nodes");
	size_t n = json_array_size(json_object_get(nodes, "name"));
	json_t *functions;

	if (!json_is_array(json_object_get(shake, "kinds")))
		return false;
	for (size_t c = 0; c < sizeof(columns) / sizeof(*columns); c++) {
		const json_t *column = json_object_get(nodes, columns[c]);

		if (!json_is_array(column) || json_array_size(column) != n)
			return false;
	}
	functions = driver_functions(shake, nodes, n);
	for (size_t i = 0; i < n; i++) {
		const char *kind = kind_of(shake, nodes, i);

		if (kind && !strcmp(kind, "assembly") && is_live(nodes, i))
			add_driver(nodes, i, functions, drivers);
	}
	strlist_sort(drivers);
	json_decref(functions);
	return true;
}
