/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "toolchain.h"

static const char *path_of(const char *chosen, const char *unit)
{
	json_t *file = chosen ? xjson_read(chosen) : NULL;

	if (!json_is_string(json_object_get(file, "id")))
		return NULL;
	return json_string_value(json_object_get(json_object_get(file, "units"), unit));
}

/*
 * A function's line is "name:total:head"; what belongs to it is indented
 * (llvm/ProfileData/SampleProfReader.h).
 */
static void take_line(struct profile *p, char *line)
{
	char *colon = strchr(line, ':');

	if (!colon || *line == ' ')
		return;
	*colon = '\0';
	json_object_set_new(p->functions, line,
			    json_integer((json_int_t)strtoull(colon + 1, NULL, 10)));
}

void xprofile_read(struct profile *p, const char *chosen, const char *unit)
{
	char *argv[] = { "llvm-profdata-" TOOLCHAIN_LLVM,
			 "merge",
			 "--sample",
			 "--text",
			 NULL,
			 "-o",
			 "-",
			 NULL };
	char *text, *rest;

	*p = (struct profile){ .path = path_of(chosen, unit), .functions = json_object() };
	if (!p->path)
		return;
	argv[4] = (char *)p->path;
	xhash_file(p->path, p->sha256);
	text = xprocess_output(argv);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		take_line(p, line);
	free(text);
	if (!json_object_size(p->functions))
		die("the profile '%s' has no function in it", p->path);
}
