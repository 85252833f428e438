/* SPDX-License-Identifier: MIT */
#include "lockfile.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

bool lockfile_find(const char *path, const char *package, const char *version, char **found_version,
		   char sha256[HASH_HEX_BYTES])
{
	char *text = fs_read(path, NULL), *save;
	unsigned line_number = 0;
	bool found = false;

	if (!text)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct strlist words = STRLIST_INIT;

		line_number++;
		strlist_split(&words, line);
		if (!words.n || words.v[0][0] == '#')
			continue;
		if (words.n != 3 || strlen(words.v[2]) != HASH_HEX_BYTES - 1)
			die("%s:%u: not 'package version sha256': %s", path, line_number, line);
		if (strcmp(words.v[0], package) || (version && strcmp(words.v[1], version)))
			continue;
		found = true;
		if (found_version)
			*found_version = xstrdup(words.v[1]);
		memcpy(sha256, words.v[2], HASH_HEX_BYTES);
		strlist_release(&words);
	}
	free(text);
	return found;
}

void xlockfile_add(const char *path, const char *package, const char *version, const char *sha256)
{
	char *old = fs_read(path, NULL);
	char *text = xasprintf("%s%s %s %s\n", old ? old : "", package, version, sha256);

	xfs_write(path, text, strlen(text));
	free(text);
	free(old);
}
