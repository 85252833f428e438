/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs.h"
#include "util.h"

/* Twelve digits, so that 97.34 is written so and not as 97.340000000000003. */
static const size_t flags =
	JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12);

json_t *json_read(const char *path)
{
	return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

json_t *xjson_read(const char *path)
{
	json_error_t error;
	json_t *value;
	size_t bytes;
	char *text = xfs_read(path, &bytes);

	value = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
	if (!value)
		die("'%s' is not JSON: line %d: %s", path, error.line, error.text);
	free(text);
	return value;
}

static char *dump(const json_t *value)
{
	char *text = json_dumps(value, flags), *line;

	if (!text)
		die("cannot encode JSON");
	line = xasprintf("%s\n", text);
	free(text);
	return line;
}

void xjson_write(const char *path, const json_t *value)
{
	char *text = dump(value);

	xfs_write(path, text, strlen(text));
	free(text);
}

void xjson_write_if_changed(const char *path, const json_t *value)
{
	char *text = dump(value);

	xfs_write_if_changed(path, text, strlen(text));
	free(text);
}

void json_print(const json_t *value)
{
	char *text = dump(value);

	fputs(text, stdout);
	free(text);
}

static json_t *get(const json_t *object, const char *key, int type, const char *where)
{
	json_t *value = json_object_get(object, key);

	if (!value || (int)json_typeof(value) != type)
		die("'%s' has no %s '%s'", where,
		    type == JSON_STRING	   ? "string"
		    : type == JSON_INTEGER ? "integer"
					   : "array",
		    key);
	return value;
}

const char *xjson_string(const json_t *object, const char *key, const char *where)
{
	return json_string_value(get(object, key, JSON_STRING, where));
}

uint64_t xjson_uint(const json_t *object, const char *key, const char *where)
{
	return (uint64_t)json_integer_value(get(object, key, JSON_INTEGER, where));
}

json_t *xjson_array(const json_t *object, const char *key, const char *where)
{
	return get(object, key, JSON_ARRAY, where);
}

json_t *json_from_strlist(const struct strlist *l)
{
	json_t *array = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(array, json_string(l->v[i]));
	return array;
}

json_t *json_text(const char *bytes)
{
	json_t *text = json_string(bytes);
	char *ascii;

	if (text)
		return text;
	ascii = xstrdup(bytes);
	for (char *c = ascii; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	text = json_string(ascii);
	free(ascii);
	return text;
}
