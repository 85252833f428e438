/* SPDX-License-Identifier: MIT */
/*
 * link - one unit of a plan, from capsules to ELF
 *
 *   link --plan plan.json --unit nginx --output nginx.elf
 *
 * Per-module passes in parallel, each result cached by content, then LTO over
 * the whole unit, cached by everything that goes in. A program comes out as it
 * runs; a kernel as one relocatable object that only lacks its initramfs.
 */
#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/report.h"
#include "../pipeline/lib/util.h"
#include "applied.h"
#include "link_kernel.h"
#include "link_profile.h"
#include "link_program.h"
#include "optimize.h"
#include "plan.h"
#include "toolchain.h"

struct options {
	const char *plan, *unit, *output, *cache, *shaken, *profile;
	unsigned jobs;
	bool modules_only;
};

static const struct argp_option options[] = {
	{ "plan", 'p', "FILE", 0, "the plan", 0 },
	{ "unit", 'u', "NAME", 0, "which of its units", 0 },
	{ "output", 'o', "FILE", 0, "where the result goes", 0 },
	{ "shaken", 's', "FILE", 0, "a module that stands for all bitcode of a kernel", 0 },
	{ "profile", 'P', "FILE", 0, "which profile the image gets (bitcode/profile.h)", 0 },
	{ "modules-only", 'm', NULL, 0, "stop after the per-module passes", 0 },
	{ "cache", 'c', "DIR", 0, "where results are kept", 0 },
	{ "jobs", 'j', "N", 0, "processes at a time", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p': o->plan = arg; return 0;
	case 'u': o->unit = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'm': o->modules_only = true; return 0;
	case 's': o->shaken = arg; return 0;
	case 'P': o->profile = arg; return 0;
	case 'c': o->cache = arg; return 0;
	case 'j': o->jobs = (unsigned)atoi(arg); return 0;
	case ARGP_KEY_END:
		if (!o->plan || !o->unit || (!o->output && !o->modules_only) || !o->cache ||
		    !o->jobs)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* `text` without `cache` wherever it occurs: the cache may be moved. */
static void hash_without_cache(struct hash *h, const char *text, const char *cache)
{
	for (const char *at; (at = strstr(text, cache)); text = at + strlen(cache))
		hash_add(h, text, (size_t)(at - text));
	hash_add_string(h, text);
}

/* Whether LLVM is to look for what moved, and what the report says of it. */
static void hash_fit(struct hash *h, const struct profile *profile)
{
	char *text;

	if (!profile->path)
		return;
	text = json_dumps(profile->fit, JSON_SORT_KEYS | JSON_COMPACT);
	hash_add_string(h, text);
	free(text);
}

/*
 * An object's name in the cache stands for its content; a capsule's directory
 * carries its key. So a unit and the names of its objects say it all.
 */
static void hash_unit(const json_t *unit, const struct strlist *objects, const char *shaken,
		      const struct profile *profile, const char *cache, char hex[HASH_HEX_BYTES])
{
	char shaken_hex[HASH_HEX_BYTES] = "";
	struct strlist flags = STRLIST_INIT;
	struct hash h;
	char *text = json_dumps(unit, JSON_SORT_KEYS | JSON_COMPACT);

	hash_init(&h);
	/* raise it when link_kernel.c or link_final.c link in another way */
	hash_add_string(&h, "anneal link 9");
	hash_add_string(&h, toolchain_version());
	if (shaken)
		xhash_file(shaken, shaken_hex);
	hash_add_string(&h, shaken_hex);
	hash_add_string(&h, profile->sha256);
	hash_fit(&h, profile);
	link_program_flags(&flags);
	for (size_t i = 0; i < flags.n; i++)
		hash_add_string(&h, flags.v[i]);
	hash_without_cache(&h, text, cache);
	for (size_t i = 0; i < objects->n; i++)
		hash_without_cache(&h, objects->v[i], cache);
	hash_finish(&h, hex);
	free(text);
}

/* What is kept beside "X.elf": a program's module "X.bc", with a profile "X.profile.json". */
static char *beside(const char *elf, const char *ending)
{
	const char *base = fs_base(elf), *dot = strrchr(base, '.');

	return xasprintf("%.*s%s", (int)(dot ? dot - elf : (long)strlen(elf)), elf, ending);
}

static char *module_of(const char *elf)
{
	return beside(elf, ".bc");
}

static char *report_of(const char *elf)
{
	return beside(elf, ".profile.json");
}

struct job {
	const json_t *unit;
	const struct profile *profile;
	const struct strlist *objects;
	const char *shaken, *cache;
	bool program;
};

/* Link to `output`; what is kept beside it is there, too. */
static void link_unit(const struct job *j, const char *output)
{
	struct strlist argv = STRLIST_INIT;
	struct names names;

	if (j->program) {
		link_program_command(&argv, j->unit, j->objects, j->profile, output);
		xprocess_run(argv.v);
	} else {
		xlink_kernel_object(j->unit, j->objects, j->shaken, j->profile, output);
	}
	if (j->program || j->profile->path)
		xfs_rename(link_profile_saved_module(output), module_of(output));
	if (!j->profile->path)
		return;
	xnames_read(&names, j->unit, j->cache);
	xjson_write(report_of(output), xapplied_report(j->unit, &names, j->profile, j->objects,
						       output, module_of(output)));
}

static bool is_kept(const struct job *j, const char *elf)
{
	return fs_exists(elf) && (!j->program || fs_exists(module_of(elf))) &&
	       (!j->profile->path || fs_exists(report_of(elf)));
}

/* The ELF is the last to get its place: where it is, the others are. */
static void keep(const struct job *j, const char *from, const char *to)
{
	if (j->program)
		xfs_rename(module_of(from), module_of(to));
	if (j->profile->path)
		xfs_rename(report_of(from), report_of(to));
	xfs_rename(from, to);
}

static void hand_out(const struct job *j, const char *kept, const char *output)
{
	xfs_link(kept, output);
	if (j->program)
		xfs_link(module_of(kept), module_of(output));
	if (j->profile->path)
		xfs_link(report_of(kept), report_of(output));
	else
		fs_remove(report_of(output));
}

/*
 * The process that a temporary belongs to: the number its name ends in. clang writes "object.PID" as
 * "object-1a2b.PID.tmp" first; to other programs of the same cache that is in use, too. 0: nobody's.
 */
static pid_t owner_of(const char *name)
{
	size_t length = strlen(name), ending = strlen(".tmp");
	char *stem;
	const char *dot;
	long pid;

	if (length > ending && !strcmp(name + length - ending, ".tmp"))
		length -= ending;
	stem = xstrndup(name, length);
	dot = strrchr(stem, '.');
	pid = dot ? atol(dot + 1) : 0;
	free(stem);
	return (pid_t)pid;
}

/* What interrupted runs left: their process is gone. */
static void sweep_temporaries(const char *cache)
{
	char *directory = xasprintf("%s/tmp", cache);
	struct strlist names = STRLIST_INIT;

	fs_list(&names, directory);
	for (size_t i = 0; i < names.n; i++) {
		pid_t pid = owner_of(names.v[i]);

		if (pid <= 0 || (kill(pid, 0) && errno == ESRCH))
			fs_remove(xasprintf("%s/%s", directory, names.v[i]));
	}
	strlist_release(&names);
	free(directory);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Link one unit of a plan from its capsules.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .jobs = 1 };
	struct strlist objects = STRLIST_INIT;
	struct profile profile;
	char hex[HASH_HEX_BYTES], *cached, *temporary;
	struct job j;
	size_t made;
	json_t *unit;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	unit = xplan_unit(xjson_read(o.plan), o.unit, o.plan);
	sweep_temporaries(o.cache);
	xprofile_read(&profile, o.profile, unit, o.cache);
	xprofile_check(&profile, o.unit);
	xoptimize(unit, o.cache, o.jobs, &profile, &objects, &made);
	if (o.modules_only) {
		if (made)
			report_note("%zu of %zu modules optimized anew", made, objects.n);
		else
			report_cached();
		return EXIT_YES;
	}

	hash_unit(unit, &objects, o.shaken, &profile, o.cache, hex);
	cached = xasprintf("%s/links/%.2s/%s.elf", o.cache, hex, hex + 2);
	j =
		(struct job){ unit,	&profile,
			      &objects, o.shaken,
			      o.cache,	!strcmp(xjson_string(unit, "kind", o.plan), "program") };
	if (is_kept(&j, cached)) {
		report_cached();
	} else {
		xfs_mkdirs_above(cached);
		say(2, "link %s: no link of these modules with these flags is in the cache",
		    o.unit);
		temporary = xasprintf("%s/tmp/link.%ld/%s.elf", o.cache, (long)getpid(), o.unit);
		xfs_mkdirs_above(temporary);
		link_unit(&j, temporary);
		keep(&j, temporary, cached);
		xfs_remove(xasprintf("%s/tmp/link.%ld", o.cache, (long)getpid()));
		report_note("%zu modules, %zu of them optimized anew", objects.n, made);
	}
	hand_out(&j, cached, o.output);
	return EXIT_YES;
}
