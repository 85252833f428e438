/* SPDX-License-Identifier: MIT */
#include "results.h"

#include <llvm-c/Core.h>
#include <stdlib.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

void result_key_file(struct hash *h, const char *path)
{
	char hex[HASH_HEX_BYTES] = "";

	if (path)
		xhash_file(path, hex);
	hash_add_string(h, hex);
}

void result_key(struct hash *h)
{
	unsigned major, minor, patch;
	char *version;

	hash_init(h);
	result_key_file(h, "/proc/self/exe");
	LLVMGetVersion(&major, &minor, &patch);
	version = xasprintf("%u.%u.%u", major, minor, patch);
	hash_add_string(h, version);
	free(version);
}

char *result_path(struct hash *h, const char *cache)
{
	char hex[HASH_HEX_BYTES], *path;

	hash_finish(h, hex);
	path = xasprintf("%s/results/%.2s/%s", cache, hex, hex + 2);
	xfs_mkdirs_above(path);
	return path;
}
