/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "sample_text.h"
#include "toolchain.h"

static char *copy; /* removed at exit */
static pid_t owner;

/* The file, if it is one that "choose" writes. */
static json_t *xread_chosen(const char *chosen)
{
	json_t *file = xjson_read(chosen), *id = json_object_get(file, "id"), *name;
	json_t *units = json_object_get(file, "units");
	bool good = json_is_null(id) || (json_is_string(id) && json_is_object(units));
	const char *unit;

	json_object_foreach(units, unit, name)
		good &= json_is_string(name);
	if (!good)
		die_hint("'profile-store choose' writes it; repeat 'make image'",
			 "'%s' does not say which profile it stands for", chosen);
	return file;
}

json_t *xprofile_id(const char *chosen)
{
	return chosen ? json_object_get(xread_chosen(chosen), "id") : json_null();
}

/* NULL: the unit has no profile. */
static const char *name_of(const char *chosen, const char *unit)
{
	json_t *file = chosen ? xread_chosen(chosen) : NULL;

	if (!json_is_string(json_object_get(file, "id")))
		return NULL;
	return json_string_value(json_object_get(json_object_get(file, "units"), unit));
}

/* A child that dies must not take it from the others. */
static void remove_copy(void)
{
	if (getpid() == owner)
		unlink(copy);
}

/* What is hashed is what the compilers read, even if the file is replaced meanwhile. */
static void take_copy(struct profile *p, const char *cache)
{
	owner = getpid();
	copy = xasprintf("%s/tmp/profile.%ld", cache, (long)owner);
	xfs_mkdirs_above(copy);
	atexit(remove_copy);
	xfs_copy(p->name, copy);
	xhash_file(copy, p->sha256);
	p->path = copy;
}

static void take_function(const char *function, uint64_t samples, void *context)
{
	struct profile *p = context;

	json_object_set_new(p->functions, function,
			    json_integer(samples > INT64_MAX ? INT64_MAX : (json_int_t)samples));
}

/* The profile as text, which the caller frees. */
static char *text_of(const struct profile *p, const char *cache)
{
	char *output = xasprintf("%s/tmp/text.%ld", cache, (long)getpid()), *text;
	char *argv[] = { "llvm-profdata-" TOOLCHAIN_LLVM,
			 "merge",
			 "--sample",
			 "--text",
			 (char *)p->path,
			 "-o",
			 output,
			 NULL };
	struct process process = PROCESS_INIT;
	int status;

	process.argv = argv;
	status = process_run(&process);
	text = status ? NULL : fs_read(output, NULL);
	unlink(output);
	if (!text)
		die_hint("'make profiles' shows which there are; PROFILE=none builds without",
			 "'%s' is no sample profile of LLVM " TOOLCHAIN_LLVM
			 ": the message above says why",
			 p->name);
	free(output);
	return text;
}

void xprofile_read(struct profile *p, const char *chosen, const char *unit, const char *cache)
{
	char *text;

	*p = (struct profile){ .name = name_of(chosen, unit), .functions = json_object() };
	if (!p->name)
		return;
	take_copy(p, cache);
	text = text_of(p, cache);
	sample_text_each(text, take_function, p);
	free(text);
	if (!json_object_size(p->functions))
		die_hint("record it again; PROFILE=none builds without",
			 "the profile '%s' has no function in it", p->name);
}
