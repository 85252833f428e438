/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <errno.h>
#include <fnmatch.h>
#include <llvm-c/Core.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "syscall_name.h"

static void read_line(struct facts *f, char *line, const char *where)
{
	struct strlist words = STRLIST_INIT, *list = NULL;

	line[strcspn(line, "#")] = '\0';
	strlist_split(&words, line);
	if (words.n) {
		if (!strcmp(words.v[0], "device"))
			list = &f->devices;
		else if (!strcmp(words.v[0], "parameter"))
			list = &f->parameters;
		else if (!strcmp(words.v[0], "has"))
			list = &f->has;
		if (!list || words.n < 2)
			die_hint(
				"a line is 'device MODALIAS', 'parameter NAME...' or 'has NAME...'",
				"%s: '%s' is not known", where, words.v[0]);
	}
	for (size_t i = 1; i < words.n; i++)
		strlist_push(list, words.v[i]);
	strlist_release(&words);
}

void xfacts_read_machine(struct facts *f, const char *path)
{
	char *text = xfs_read(path, NULL), *rest = text, *line;

	for (unsigned number = 1; (line = strsep(&rest, "\n")); number++) {
		char *where = xasprintf("%s:%u", path, number);

		read_line(f, line, where);
		free(where);
	}
	free(text);
}

static const json_t *find_call(const struct facts *f, int number)
{
	json_t *call;
	size_t i;

	json_array_foreach(f->calls, i, call)
		if (json_integer_value(json_object_get(call, "number")) == number)
			return call;
	return NULL;
}

/* "0x8946,0x8947": may the argument be one of these? */
static bool may_be(const json_t *values, const char *list, const char *where)
{
	const char *at = list;

	if (!json_is_array(values))
		return true;
	while (*at && *at != '&') {
		char *end;
		long long wanted = strtoll(at, &end, 0);
		json_t *value;
		size_t i;

		if (end == at || (*end && *end != ',' && *end != '&'))
			die("%s: '%s' is not a list of numbers", where, list);
		json_array_foreach(values, i, value)
			/* the kernel takes most of them as int */
			if ((uint32_t)json_integer_value(value) == (uint32_t)wanted)
				return true;
		at = *end == ',' ? end + 1 : end;
	}
	return false;
}

/* "1=1&2=26": may a site pass all of these? */
static bool site_may(const json_t *site, const char *arguments, const char *where)
{
	const json_t *values = json_object_get(site, "arguments");

	for (const char *at = arguments; at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL) {
		char *end;
		long argument = strtol(at, &end, 10);

		if (end == at || *end != '=' || argument < 0 || argument > 5)
			die("%s: '%s' should be like 1=0x5401,0x5402&2=0", where, arguments);
		if (!may_be(json_array_get(values, (size_t)argument), end + 1, where))
			return false;
	}
	return true;
}

static bool is_of_another(const json_t *site, const char *program)
{
	const char *name = json_string_value(json_object_get(site, "program"));

	return !name || strcmp(name, program) != 0;
}

static bool holds_for_call(const struct facts *f, const char *condition, const char *where)
{
	size_t length = strcspn(condition, ".!"), i;
	char *name = xstrndup(condition, length);
	int number = syscall_number(name);
	const json_t *call;
	json_t *site;

	if (number < 0)
		die("%s: '%s' is neither a system call nor another condition", where, name);
	free(name);
	call = find_call(f, number);
	if (!call || !condition[length])
		return call;
	json_array_foreach(json_object_get(call, "sites"), i, site)
		if (condition[length] == '!' ? is_of_another(site, condition + length + 1)
					     : site_may(site, condition + length + 1, where))
			return true;
	return false;
}

static bool has_device(const struct facts *f, const char *pattern)
{
	for (size_t i = 0; i < f->devices.n; i++)
		if (!fnmatch(pattern, f->devices.v[i], 0))
			return true;
	return false;
}

static const char *after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? NULL : text + length;
}

bool xfacts_hold(const struct facts *f, const char *condition, const char *where)
{
	const char *value;

	if ((value = after(condition, "path=")))
		return memmem(f->files, f->files_bytes, value, strlen(value)) != NULL;
	if ((value = after(condition, "device=")))
		return has_device(f, value);
	if ((value = after(condition, "kernel=")))
		return LLVMGetNamedFunction(f->module, value) != NULL;
	if ((value = after(condition, "parameter=")))
		return strlist_has(&f->parameters, value);
	if ((value = after(condition, "cpu=")))
		return !strcmp(f->cpu, "any") || !strcmp(f->cpu, value);
	if ((value = after(condition, "has=")))
		return strlist_has(&f->has, value);
	return holds_for_call(f, condition, where);
}
