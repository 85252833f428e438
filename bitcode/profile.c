/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "fit.h"
#include "salvage.h"
#include "sample_text.h"
#include "toolchain.h"

#define PROFDATA "llvm-profdata-" TOOLCHAIN_LLVM

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

/* What `argv` prints, which the caller frees; NULL if it fails. */
static char *output_of(const struct strlist *argv, const char *path)
{
	struct process process = PROCESS_INIT;
	char *text;
	int status;

	process.argv = argv->v;
	process.out_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (process.out_fd < 0)
		die("cannot write '%s': %s", path, strerror(errno));
	status = process_run(&process);
	close(process.out_fd);
	text = status ? NULL : fs_read(path, NULL);
	unlink(path);
	return text;
}

/* The profile as text, which the caller frees. */
static char *text_of(const struct profile *p, const char *cache)
{
	char *path = xasprintf("%s/tmp/text.%ld", cache, (long)getpid()), *text;
	struct strlist argv = STRLIST_INIT;

	strlist_split(&argv, PROFDATA " merge --sample --text --output=-");
	strlist_push(&argv, p->path);
	text = output_of(&argv, path);
	if (!text)
		die_hint("'make profiles' shows which there are; PROFILE=none builds without",
			 "'%s' is no sample profile of LLVM " TOOLCHAIN_LLVM
			 ": the message above says why",
			 p->name);
	strlist_release(&argv);
	free(path);
	return text;
}

/* Text does not say whether its discriminators are of the flow-sensitive kind. */
static bool is_flow_sensitive(const struct profile *p, const char *cache)
{
	char *path = xasprintf("%s/tmp/sections.%ld", cache, (long)getpid()), *text;
	struct strlist argv = STRLIST_INIT;
	bool is;

	strlist_split(&argv, PROFDATA " show --sample --show-sec-info-only");
	strlist_push(&argv, p->path);
	text = output_of(&argv, path);
	is = text && strstr(text, "{fs-discriminator");
	strlist_release(&argv);
	free(text);
	free(path);
	return is;
}

/* The compilers read `text` from now on. */
static void replace(struct profile *p, const char *text, size_t bytes, const char *cache)
{
	char *path = xasprintf("%s/tmp/salvaged.%ld", cache, (long)owner);
	struct strlist argv = STRLIST_INIT;

	strlist_split(&argv, PROFDATA " merge --sample --extbinary");
	if (is_flow_sensitive(p, cache))
		strlist_push(&argv, "--profile-isfs");
	xfs_write(path, text, bytes);
	strlist_push(&argv, path);
	strlist_pushf(&argv, "--output=%s", p->path);
	xprocess_run(argv.v);
	unlink(path);
	xhash_file(p->path, p->sha256);
	strlist_release(&argv);
	free(path);
}

/* The unit of that name, of the plan of the generation that was recorded; NULL if it is gone. */
static json_t *recorded_unit(const char *chosen, const char *name)
{
	const char *path = json_string_value(json_object_get(xread_chosen(chosen), "plan"));
	json_t *plan = path ? json_read(path) : NULL, *unit;
	size_t i;

	json_array_foreach(json_object_get(plan, "units"), i, unit)
		if (!strcmp(xjson_string(unit, "name", path), name))
			return unit;
	return NULL;
}

/* Returns the text that fits the unit: the same, or a new one. */
static char *fit_to(struct profile *p, char *text, const char *chosen, const json_t *unit,
		    const char *cache)
{
	json_t *then = recorded_unit(chosen, xjson_string(unit, "name", "the plan"));
	char *as_it_is = xstrdup(text), *fitting;
	size_t bytes;
	FILE *out = open_memstream(&fitting, &bytes);
	bool whole;

	if (!out)
		die("out of memory");
	p->fit = salvage_text(text, then, unit, cache, out, &whole);
	p->by_name_only = !strcmp(json_string_value(json_object_get(p->fit, "compared")), "names");
	fclose(out);
	free(text);
	if (whole || p->by_name_only || !bytes) {
		free(fitting);
		return as_it_is;
	}
	replace(p, fitting, bytes, cache);
	free(as_it_is);
	return fitting;
}

void xprofile_read(struct profile *p, const char *chosen, const json_t *unit, const char *cache)
{
	const char *name = xjson_string(unit, "name", "the plan");
	char *text;

	*p = (struct profile){ .name = name_of(chosen, name), .functions = json_object() };
	if (!p->name)
		return;
	take_copy(p, cache);
	text = fit_to(p, text_of(p, cache), chosen, unit, cache);
	sample_text_each(text, take_function, p);
	free(text);
	if (!json_object_size(p->functions))
		die_hint("record it again; PROFILE=none builds without",
			 "the profile '%s' has no function in it", p->name);
}

void xprofile_check(struct profile *p, const char *unit)
{
	double fits = p->path ? fit_percent(p->fit) : 100;
	char *sentence;

	if (fits >= fit_limits.warn_percent)
		return;
	sentence = fit_sentence(p->fit);
	if (fits < fit_limits.refuse_percent && !fit_decides(unit)) {
		warn("%s is linked without a profile, because too little of it fits: %s", unit,
		     sentence);
		*p = (struct profile){ .functions = json_object() };
		free(sentence);
		return;
	}
	if (fits < fit_limits.refuse_percent)
		die_hint(
			"PROFILE=none builds without one, and 'make profile' records a new one of that; "
			"'make profiles' lists others for PROFILE=ID",
			"the profile '%s' is not of %s: %.1f %% of its samples fit, and less than "
			"%.0f %% are not worth it (%s)",
			p->name, unit, fits, fit_limits.refuse_percent, sentence);
	warn("the profile of %s is of older sources and should be recorded again: %s", unit,
	     sentence);
	free(sentence);
}
