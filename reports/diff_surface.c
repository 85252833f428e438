/* SPDX-License-Identifier: MIT */
#include "diff_surface.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "../shaker/recorded_drivers.h"
#include "field.h"

/* A part is what a manifest says, or what is left of one part behind others. */
struct part {
	const char *name;
	int depth;
	const char *path;		  /* in the manifest */
	const char *whole, *less, *less2; /* else: whole - less - less2 */
};

static const struct part parts[] = {
	{ "image", 0, "image.bytes", NULL, NULL, NULL },
	{ "kernel", 1, NULL, "image.bytes", "initramfs_bytes", NULL },
	{ "kernel text", 2, "kernel.text_bytes", NULL, NULL, NULL },
	{ "kernel, everything else", 2, NULL, "image.bytes", "initramfs_bytes",
	  "kernel.text_bytes" },
	{ "initramfs", 1, "initramfs_bytes", NULL, NULL, NULL },
	{ "app", 2, "app_elf.bytes", NULL, NULL, NULL },
	{ "app text", 3, "app_elf.text_bytes", NULL, NULL, NULL },
	{ "initramfs, everything else", 2, NULL, "initramfs_bytes", "app_elf.bytes", NULL },
	{ "image, xz", 0, "image.xz_bytes", NULL, NULL, NULL },
};

/* Subtract what lies at `path`; false if the manifest does not say. */
static bool subtract(const json_t *manifest, const char *path, json_int_t *bytes)
{
	const json_t *value = path ? field_at(manifest, path) : NULL;

	*bytes -= json_integer_value(value);
	return !path || json_is_integer(value);
}

static bool measure(const json_t *manifest, const struct part *p, json_int_t *bytes)
{
	const json_t *value = field_at(manifest, p->path ? p->path : p->whole);

	*bytes = json_integer_value(value);
	return json_is_integer(value) && subtract(manifest, p->less, bytes) &&
	       subtract(manifest, p->less2, bytes);
}

void diff_parts(json_t *record, const struct diff_sides *sides)
{
	json_t *list = json_array();
	json_int_t from, to;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!measure(sides->from.manifest, &parts[i], &from) ||
		    !measure(sides->to.manifest, &parts[i], &to)) {
			diff_not_compared(record, parts[i].name,
					  "a manifest does not say how large it is");
			continue;
		}
		json_array_append_new(list, json_pack("{s:s, s:i, s:I, s:I, s:I}", "name",
						      parts[i].name, "depth", parts[i].depth,
						      "from", from, "to", to, "delta", to - from));
	}
	json_object_set_new(record, "size", json_pack("{s:o}", "parts", list));
}

static bool has(const json_t *names, const char *name)
{
	json_t *element;
	size_t i;

	json_array_foreach(names, i, element)
		if (json_is_string(element) && !strcmp(json_string_value(element), name))
			return true;
	return false;
}

/* Names of `a` that `b` does not have, sorted. */
static json_t *only_in(const json_t *a, const json_t *b)
{
	struct strlist names = STRLIST_INIT;
	json_t *element, *result;
	size_t i;

	json_array_foreach(a, i, element)
		if (json_is_string(element) && !has(b, json_string_value(element)))
			strlist_push(&names, json_string_value(element));
	strlist_sort(&names);
	result = json_from_strlist(&names);
	strlist_release(&names);
	return result;
}

static json_t *compare(const json_t *from, const json_t *to)
{
	return json_pack("{s:I, s:I, s:o, s:o}", "from", (json_int_t)json_array_size(from), "to",
			 (json_int_t)json_array_size(to), "added", only_in(to, from), "removed",
			 only_in(from, to));
}

static void compare_syscalls(json_t *record, const struct diff_sides *sides)
{
	json_t *from = field_at(sides->from.manifest, "syscalls.kept");
	json_t *to = field_at(sides->to.manifest, "syscalls.kept");

	if (json_is_array(from) && json_is_array(to))
		json_object_set_new(record, "syscalls", compare(from, to));
	else
		diff_not_compared(record, "system calls", "a manifest does not list them");
}

/* Names of the generation's drivers, or NULL with a sentence. */
static json_t *drivers_of(const struct diff_side *side, char **why)
{
	json_t *shake, *names = NULL;
	struct strlist drivers = STRLIST_INIT;

	if (!strcmp(field_text(side->manifest, "shake"), "0")) {
		*why = xasprintf("generation %u was not shaken (SHAKE=0): its drivers are not "
				 "recorded",
				 side->number);
		return NULL;
	}
	shake = diff_side_read(side, "shake.json", why);
	if (!shake)
		return NULL;
	if (recorded_drivers(shake, &drivers))
		names = json_from_strlist(&drivers);
	else
		*why = xasprintf("shake.json of generation %u lacks columns of nodes",
				 side->number);
	strlist_release(&drivers);
	json_decref(shake);
	return names;
}

static void compare_drivers(json_t *record, const struct diff_sides *sides)
{
	char *why = NULL;
	json_t *from = drivers_of(&sides->from, &why), *to = NULL;

	if (from)
		to = drivers_of(&sides->to, &why);
	if (from && to)
		json_object_set_new(record, "drivers", compare(from, to));
	else
		diff_not_compared(record, "drivers", why);
	json_decref(from);
	json_decref(to);
	free(why);
}

void diff_surface(json_t *record, const struct diff_sides *sides)
{
	json_t *from = field_at(sides->from.manifest, "kernel.functions");
	json_t *to = field_at(sides->to.manifest, "kernel.functions");

	compare_syscalls(record, sides);
	compare_drivers(record, sides);
	if (json_is_integer(from) && json_is_integer(to))
		json_object_set_new(record, "functions",
				    json_pack("{s:O, s:O}", "from", from, "to", to));
	else
		diff_not_compared(record, "functions", "a manifest does not count them");
}
