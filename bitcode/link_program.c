/* SPDX-License-Identifier: MIT */
#include "link_program.h"

#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "library_calls.h"
#include "link_profile.h"
#include "toolchain.h"

void link_program_flags(struct strlist *argv)
{
	static const char *const flags[] = {
		TOOLCHAIN_LLD,
		"-m",
		"elf_x86_64",
		"-static",
		"--lto-O2",
		"-O2",
		"--gc-sections",
		/* sections that are found by __start_NAME are kept whole, as by GNU ld */
		"-z",
		"nostart-stop-gc",
		"--build-id=sha1",
		"-z",
		"noexecstack",
		"-z",
		"max-page-size=4096",
		"-z",
		"separate-code",
		/* hot, split and unlikely code stay apart */
		"-z",
		"keep-text-section-prefix",
		"--fatal-warnings",
		/* the module as it was before code generation, for the shaker */
		LINK_PROFILE_SAVE_MODULE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		strlist_push(argv, flags[i]);
	for (const char *const *call = library_calls; *call; call++) {
		strlist_push(argv, "-u");
		strlist_push(argv, *call);
	}
}

/* Constants, code and data follow each other in the file; nothing becomes writable by it. */
static void push_compact(struct strlist *argv)
{
	static const char *const flags[] = { "-z", "noseparate-code", "--no-rosegment" };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		strlist_push(argv, flags[i]);
}

static void push_all(struct strlist *argv, const json_t *paths)
{
	json_t *path;
	size_t i;

	json_array_foreach(paths, i, path)
		strlist_push(argv, json_string_value(path));
}

void link_program_command(struct strlist *argv, const json_t *unit, const struct strlist *objects,
			  const struct profile *profile, const char *output)
{
	int archive = 0;

	link_program_flags(argv);
	if (json_is_true(json_object_get(unit, "compact")))
		push_compact(argv);
	xlink_profile_flags(argv, profile, output);
	strlist_push(argv, "-o");
	strlist_push(argv, output);
	strlist_pushf(argv, "--image-base=%s", xjson_string(unit, "image_base", "the plan"));
	push_all(argv, xjson_array(unit, "start", "the plan"));
	for (size_t i = 0; i < objects->n; i++) {
		json_t *module = json_array_get(json_object_get(unit, "modules"), i);
		int lazy = (int)xjson_uint(module, "lazy", "the plan");

		if (lazy != archive && archive)
			strlist_push(argv, "--end-lib");
		if (lazy != archive && lazy)
			strlist_push(argv, "--start-lib");
		archive = lazy;
		strlist_push(argv, objects->v[i]);
	}
	if (archive)
		strlist_push(argv, "--end-lib");
	push_all(argv, xjson_array(unit, "end", "the plan"));
}
