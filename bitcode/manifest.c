/* SPDX-License-Identifier: MIT */
#include "manifest.h"

#include <stdlib.h>
#include <string.h>
#include <errno.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"

static const char manifest_name[] = "manifest.json";
static const char seal_name[] = "manifest.sha256";

const char *manifest_file_kind(const char *directory, const char *path)
{
	size_t bytes;
	char *file, *data;
	const char *kind = "data";

	if (!strncmp(path, "include/", 8))
		return "header";
	file = xasprintf("%s/%s", directory, path);
	data = xfs_read(file, &bytes);
	if (bytes >= 4 && !memcmp(data, "BC\xc0\xde", 4))
		kind = "bitcode";
	else if ((bytes >= 4 && !memcmp(data,
					"\x7f"
					"ELF",
					4)) ||
		 (bytes >= 8 && !memcmp(data, "!<arch>\n", 8)))
		kind = "native";
	free(data);
	free(file);
	return kind;
}

static json_t *describe_files(const char *directory)
{
	struct strlist paths = STRLIST_INIT;
	json_t *files = json_array();

	xfs_tree(&paths, directory, false);
	for (size_t i = 0; i < paths.n; i++) {
		char *file = xasprintf("%s/%s", directory, paths.v[i]);
		char hex[HASH_HEX_BYTES];

		xhash_file(file, hex);
		json_array_append_new(files,
				      json_pack("{s:s, s:s, s:I, s:s}", "path", paths.v[i], "kind",
						manifest_file_kind(directory, paths.v[i]), "bytes",
						(json_int_t)xfs_size(file), "sha256", hex));
		free(file);
	}
	strlist_release(&paths);
	return files;
}

void manifest_seal(const char *directory, json_t *manifest)
{
	char *path = xasprintf("%s/%s", directory, manifest_name);
	char *seal = xasprintf("%s/%s", directory, seal_name);
	char hex[HASH_HEX_BYTES];

	json_object_set_new(manifest, "schema", json_integer(1));
	json_object_set_new(manifest, "files", describe_files(directory));
	xjson_write(path, manifest);
	xhash_file(path, hex);
	xfs_write(seal, hex, strlen(hex));
	free(seal);
	free(path);
}

json_t *manifest_read(const char *directory, char **why)
{
	char *path = xasprintf("%s/%s", directory, manifest_name);
	char *seal = xasprintf("%s/%s", directory, seal_name);
	char *expected = fs_read(seal, NULL);
	char hex[HASH_HEX_BYTES];
	json_t *manifest = NULL;

	*why = NULL;
	if (!expected || hash_file(path, hex))
		*why = xasprintf("'%s' is incomplete", directory);
	else if (strcmp(hex, expected))
		*why = xasprintf("'%s' was changed", path);
	else if (!(manifest = json_read(path)))
		*why = xasprintf("'%s' is not JSON", path);
	free(expected);
	free(seal);
	free(path);
	return manifest;
}

static char *check_file(const char *directory, json_t *file)
{
	const char *name = json_string_value(json_object_get(file, "path"));
	const char *expected = json_string_value(json_object_get(file, "sha256"));
	char hex[HASH_HEX_BYTES], *path, *why = NULL;
	int error;

	if (!name || !expected)
		return xasprintf("'%s' lists a file without path or sha256", directory);
	path = xasprintf("%s/%s", directory, name);
	error = hash_file(path, hex);
	if (error)
		why = xasprintf("'%s': %s", path, strerror(-error));
	else if (strcmp(hex, expected))
		why = xasprintf("'%s' was changed\n  expected %s\n  got      %s", path, expected,
				hex);
	free(path);
	return why;
}

json_t *manifest_verify(const char *directory, char **why)
{
	struct strlist paths = STRLIST_INIT;
	json_t *manifest = manifest_read(directory, why), *files, *file;
	size_t i;

	if (!manifest)
		return NULL;
	files = json_object_get(manifest, "files");
	json_array_foreach(files, i, file)
		if (!*why)
			*why = check_file(directory, file);
	xfs_tree(&paths, directory, false);
	if (!*why && paths.n != json_array_size(files) + 2)
		*why = xasprintf("'%s' holds files that its manifest does not list", directory);
	strlist_release(&paths);
	if (!*why)
		return manifest;
	json_decref(manifest);
	return NULL;
}
