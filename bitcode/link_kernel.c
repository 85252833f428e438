/* SPDX-License-Identifier: MIT */
#include "link_kernel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "initcalls.h"
#include "link_profile.h"
#include "toolchain.h"

/* An empty archive that kbuild makes; the image brings its own. */
static bool is_empty_initramfs(const char *path)
{
	static const char name[] = "/usr/initramfs_data.o";
	size_t length = strlen(path);

	return length > strlen(name) && !strcmp(path + length - strlen(name), name);
}

static bool is_bitcode(const json_t *unit, size_t i)
{
	json_t *module = json_array_get(json_object_get(unit, "modules"), i);

	return !strcmp(xjson_string(module, "kind", "the plan"), "bitcode");
}

void link_kernel_inputs(struct strlist *argv, const json_t *unit, const struct strlist *objects,
			bool bitcode)
{
	int archive = 0;

	for (size_t i = 0; i < objects->n; i++) {
		json_t *module = json_array_get(json_object_get(unit, "modules"), i);
		int lazy = (int)xjson_uint(module, "lazy", "the plan");

		if (is_bitcode(unit, i) && !bitcode)
			continue;
		if (lazy != archive)
			strlist_push(argv, archive ? "--end-lib" : "--start-lib");
		archive = lazy;
		if (!is_empty_initramfs(objects->v[i]))
			strlist_push(argv, objects->v[i]);
	}
	if (archive)
		strlist_push(argv, "--end-lib");
}

static char *write_initcalls_script(const json_t *unit, const struct strlist *objects,
				    const char *shaken, const char *output)
{
	struct strlist bitcode = STRLIST_INIT;
	char *path = xasprintf("%s-initcalls.lds.%ld", output, (long)getpid()), *script;

	for (size_t i = 0; !shaken && i < objects->n; i++)
		if (is_bitcode(unit, i))
			strlist_push(&bitcode, objects->v[i]);
	if (shaken)
		strlist_push(&bitcode, shaken);
	script = xinitcalls_script(&bitcode);
	xfs_write(path, script, strlen(script));
	free(script);
	strlist_release(&bitcode);
	return path;
}

void xlink_kernel_object(const json_t *unit, const struct strlist *objects, const char *shaken,
			 const struct profile *profile, const char *output)
{
	struct strlist lto = STRLIST_INIT, objtool = STRLIST_INIT;
	char *script = write_initcalls_script(unit, objects, shaken, output);

	strlist_push(&lto, TOOLCHAIN_LLD);
	strlist_split(&lto, xjson_string(unit, "ldflags", "the plan"));
	xlink_profile_flags(&lto, profile, output);
	if (profile->path)
		strlist_push(&lto, LINK_PROFILE_SAVE_MODULE);
	strlist_split(&lto, "-r -o");
	strlist_push(&lto, output);
	strlist_split(&lto, LINK_KERNEL_INLINE);
	strlist_push(&lto, "-T");
	strlist_push(&lto, script);
	if (shaken)
		strlist_push(&lto, shaken);
	link_kernel_inputs(&lto, unit, objects, !shaken);
	xprocess_run(lto.v);
	unlink(script);

	strlist_push(&objtool, xjson_string(unit, "objtool", "the plan"));
	strlist_split(&objtool, xjson_string(unit, "objtool_args", "the plan"));
	strlist_push(&objtool, output);
	xprocess_run(objtool.v);
}
