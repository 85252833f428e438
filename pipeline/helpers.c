/* SPDX-License-Identifier: MIT */
#include "helpers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/json.h"
#include "lib/util.h"

/* Of cpio "newc" (buffer-format.rst of the kernel): hexadecimal fields of eight digits behind the magic. */
enum { HEADER_BYTES = 110, SIZE_AT = 54, NAME_BYTES_AT = 94, FIELD_DIGITS = 8, ALIGNMENT = 4 };

static size_t field(const char *header, size_t at)
{
	char digits[FIELD_DIGITS + 1] = "";

	memcpy(digits, header + at, FIELD_DIGITS);
	return strtoul(digits, NULL, 16);
}

static size_t aligned(size_t offset)
{
	return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int helpers_archived(const char *archive, size_t bytes, const char *path)
{
	size_t at = 0, length = strlen(path) + 1;

	while (at + HEADER_BYTES < bytes && !memcmp(archive + at, "0707", 4)) {
		size_t size = field(archive + at, SIZE_AT);
		size_t name_bytes = field(archive + at, NAME_BYTES_AT);
		const char *name = archive + at + HEADER_BYTES;

		if (name_bytes > bytes - at - HEADER_BYTES || size > bytes)
			return 0;
		if (name_bytes == length && !memcmp(name, path, length))
			return 1;
		at = aligned(aligned(at + HEADER_BYTES + name_bytes) + size);
	}
	return 0;
}

static bool can_execute(const char *path, const char *app)
{
	json_t *all = xjson_read(path), *kept = xjson_array(all, "kept", path), *call, *site;
	bool can = false;
	size_t i, j;

	json_array_foreach(kept, i, call) {
		json_t *sites = json_object_get(call, "sites");
		const char *name = json_string_value(json_object_get(call, "name"));

		if (!name || strcmp(name, "execve"))
			continue;
		json_array_foreach(sites, j, site) {
			const char *program = json_string_value(json_object_get(site, "program"));

			can |= program && !strcmp(program, app);
		}
	}
	json_decref(all);
	return can;
}

/* The bytes of "/bin/sh", "/usr/sbin/x" at the begin of a text, 0 if it is something else. */
static size_t program_path(const char *text, size_t left)
{
	static const char *const places[] = { "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/",
					      "/usr/local/bin/" };
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		size_t place = strlen(places[i]), length = place;

		if (left <= place || memcmp(text, places[i], place))
			continue;
		while (length < left && text[length] && strchr(good, text[length]))
			length++;
		if (length > place && length < left && (!text[length] || text[length] == ' '))
			return length;
	}
	return 0;
}

json_t *helpers_missing(const char *syscalls, const char *app, const char *elf, const char *archive)
{
	struct strlist missing = STRLIST_INIT;
	size_t bytes, archive_bytes;
	char *data, *files;
	json_t *list;

	if (!can_execute(syscalls, app))
		return json_array();
	data = xfs_read(elf, &bytes);
	files = xfs_read(archive, &archive_bytes);
	for (size_t at = 1; at < bytes; at++) {
		size_t length =
			data[at] == '/' && !data[at - 1] ? program_path(data + at, bytes - at) : 0;
		char *path;

		if (!length)
			continue;
		path = xstrndup(data + at, length);
		if (!strlist_has(&missing, path) &&
		    !helpers_archived(files, archive_bytes, path + 1))
			strlist_push(&missing, path);
		free(path);
	}
	strlist_sort(&missing);
	list = json_from_strlist(&missing);
	strlist_release(&missing);
	free(files);
	free(data);
	return list;
}
