/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "toolchain.h"

static char *copy; /* removed at exit */
static pid_t owner;

/* NULL: the unit has no profile. */
static const char *name_of(const char *chosen, const char *unit)
{
	json_t *file = chosen ? xjson_read(chosen) : NULL, *id = json_object_get(file, "id");
	json_t *units = json_object_get(file, "units"), *name = json_object_get(units, unit);

	if (!chosen || json_is_null(id))
		return NULL;
	if (!json_is_string(id) || !json_is_object(units) || (name && !json_is_string(name)))
		die_hint("'profile-store choose' writes it; repeat 'make image'",
			 "'%s' does not say which profile it stands for", chosen);
	return json_string_value(name);
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
	xhash_file(p->name, p->sha256); /* it can be read */
	xfs_copy(p->name, copy);
	xhash_file(copy, p->sha256);
	p->path = copy;
}

/*
 * A function's line is "name:total:head"; what belongs to it is indented
 * (llvm/ProfileData/SampleProfReader.h).
 */
static void take_line(struct profile *p, char *line)
{
	char *colon = strchr(line, ':');
	uint64_t total;

	if (!colon || *line == ' ')
		return;
	*colon = '\0';
	total = strtoull(colon + 1, NULL, 10);
	json_object_set_new(p->functions, line,
			    json_integer(total > INT64_MAX ? INT64_MAX : (json_int_t)total));
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
	char *text, *rest;

	*p = (struct profile){ .name = name_of(chosen, unit), .functions = json_object() };
	if (!p->name)
		return;
	take_copy(p, cache);
	text = text_of(p, cache);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		take_line(p, line);
	free(text);
	if (!json_object_size(p->functions))
		die_hint("record it again; PROFILE=none builds without",
			 "the profile '%s' has no function in it", p->name);
}
