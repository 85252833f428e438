/* SPDX-License-Identifier: MIT */
#include "origin.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fs.h"
#include "lib/util.h"

/* In hexadecimal: a name of any bytes is no JSON key. */
static char *key_of(const char *name)
{
	char *key = xcalloc(strlen(name) + 1, 2);

	for (size_t i = 0; name[i]; i++)
		sprintf(key + 2 * i, "%02x", (unsigned char)name[i]);
	return key;
}

/* What it is, with the hash of its contents, and its bytes. */
static json_t *describe(const char *path)
{
	char target[PATH_MAX + 1], hex[HASH_HEX_BYTES];
	ssize_t length = readlink(path, target, PATH_MAX);
	uint64_t bytes = 0;
	char *text;
	json_t *value;

	if (length >= 0) {
		target[length] = '\0';
		hash_bytes(target, (size_t)length, hex);
		text = xasprintf("link %s", hex);
	} else {
		xhash_file(path, hex);
		text = xasprintf("%s %s", access(path, X_OK) ? "file" : "program", hex);
		bytes = xfs_size(path);
	}
	value = json_pack("{s:s, s:I}", "is", text, "bytes", (json_int_t)bytes);
	free(text);
	return value;
}

static json_t *collect(const struct strlist *rootfs)
{
	json_t *files = json_object();

	for (size_t d = 0; d < rootfs->n; d++) {
		struct strlist paths = STRLIST_INIT;

		xfs_tree(&paths, rootfs->v[d], false);
		for (size_t i = 0; i < paths.n; i++) {
			char *path = xasprintf("%s/%s", rootfs->v[d], paths.v[i]);
			char *key = key_of(paths.v[i]);

			json_object_set_new(files, key, describe(path));
			free(key);
			free(path);
		}
		strlist_release(&paths);
	}
	return files;
}

json_t *xorigin_files(const struct strlist *rootfs)
{
	json_t *files = collect(rootfs), *file;
	char *text = json_dumps(files, JSON_SORT_KEYS | JSON_COMPACT);
	char hex[HASH_HEX_BYTES];
	json_int_t bytes = 0;
	const char *key;

	hash_bytes(text, strlen(text), hex);
	json_object_foreach(files, key, file)
		bytes += json_integer_value(json_object_get(file, "bytes"));
	free(text);
	return json_pack("{s:s, s:I, s:I}", "sha256", hex, "count",
			 (json_int_t)json_object_size(files), "bytes", bytes);
}

char *origin_files_path(const char *archive)
{
	const char *dot = strrchr(fs_base(archive), '.');
	size_t length = dot ? (size_t)(dot - archive) : strlen(archive);

	return xasprintf("%.*s.files.json", (int)length, archive);
}

void xorigin_recipe(const char *spec, char hex[HASH_HEX_BYTES])
{
	static const char directory_line[] = "rootfs ";
	char *text = xfs_read(spec, NULL), *save;
	char *allow = xasprintf("%.*ssyscalls.allow", (int)(fs_base(spec) - spec), spec);
	struct hash h;

	hash_init(&h);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, directory_line, strlen(directory_line)))
			hash_add_string(&h, line);
	if (fs_exists(allow))
		hash_add_file(&h, allow);
	hash_finish(&h, hex);
	free(allow);
	free(text);
}
