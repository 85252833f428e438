/* SPDX-License-Identifier: MIT */
#include "optimize.h"

#include <errno.h>
#include <fcntl.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "applied.h"
#include "link_kernel.h"
#include "link_profile.h"
#include "march.h"
#include "module.h"
#include "names.h"
#include "toolchain.h"

struct optimize {
	const char *cache;
	struct march march;
	const char *flags; /* more of them, separated by spaces, or NULL */
	const struct profile *profile;
};

/* One module of the unit. */
struct work {
	const char *path, *sha256;
	struct strlist shared; /* static functions that need names of their own */
	bool profiled;	       /* it defines functions that the profile has */
	char *object;
};

static const char *const flags[] = {
	TOOLCHAIN_CLANG,
	"-c",
	"-O2",
	"-flto=full",
	"-fdebug-info-for-profiling",
	"-fno-ident",
	"-mllvm",
	"-enable-fs-discriminator=true",
	"-mllvm",
	"-improved-fs-discriminator=true",
	"-Wno-override-module",
	"-Wno-unused-command-line-argument",
};

/* A fingerprint of all that is the same for every module of the unit. */
static void hash_settings(const struct optimize *o, char hex[HASH_HEX_BYTES])
{
	struct hash h;

	hash_init(&h);
	hash_add_string(&h, "anneal object 4");
	hash_add_string(&h, toolchain_version());
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		hash_add_string(&h, flags[i]);
	hash_add_string(&h, o->flags ? o->flags : "");
	hash_add_string(&h, o->march.cpu);
	hash_add_string(&h, o->march.tune);
	hash_add_string(&h, o->march.features);
	hash_finish(&h, hex);
}

static char *object_path(const struct optimize *o, const char *settings, const struct work *w)
{
	struct hash h;
	char hex[HASH_HEX_BYTES];

	hash_init(&h);
	hash_add_string(&h, settings);
	hash_add_string(&h, w->sha256);
	for (size_t i = 0; i < w->shared.n; i++)
		hash_add_string(&h, w->shared.v[i]);
	hash_add_string(&h, w->profiled ? o->profile->sha256 : "");
	hash_add_string(&h, w->profiled ? applied_remarks : "");
	if (w->profiled && link_profile_salvage(o->profile))
		hash_add_string(&h, link_profile_salvage(o->profile));
	hash_finish(&h, hex);
	return xasprintf("%s/objects/%.2s/%s.bc", o->cache, hex, hex + 2);
}

static void set_attribute(LLVMContextRef context, LLVMValueRef function, const char *name,
			  const char *value)
{
	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateStringAttribute(context, name, (unsigned)strlen(name),
							  value, (unsigned)strlen(value)));
}

static void set_features(LLVMContextRef context, LLVMValueRef function, const char *more)
{
	static const char name[] = "target-features";
	LLVMAttributeRef old = LLVMGetStringAttributeAtIndex(function, LLVMAttributeFunctionIndex,
							     name, (unsigned)strlen(name));
	unsigned length = 0;
	const char *value = old ? LLVMGetStringAttributeValue(old, &length) : "";
	char *all = xasprintf("%.*s%s%s", (int)length, value, length ? "," : "", more);

	set_attribute(context, function, name, all);
	free(all);
}

/*
 * Write the module, marked for the target, to `marked_path`. Returns the flag
 * that tells clang the module's triple, which the caller frees.
 */
static char *mark(const struct optimize *o, const struct work *w, const char *marked_path)
{
	LLVMModuleRef module = xmodule_open(w->path, false);
	LLVMContextRef context = LLVMGetModuleContext(module);
	char *triple;

	for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
		if (LLVMIsDeclaration(f))
			continue;
		set_attribute(context, f, "target-cpu", o->march.cpu);
		set_attribute(context, f, "tune-cpu", o->march.tune);
		if (*o->march.features)
			set_features(context, f, o->march.features);
	}
	names_make_unique(module, &w->shared);
	if (LLVMWriteBitcodeToFile(module, marked_path))
		die("cannot write '%s'; is the disk full?", marked_path);
	triple = xasprintf("--target=%s", LLVMGetTarget(module));
	module_close(module);
	return triple;
}

/* Where the compiler writes its remarks, which are kept with a profile. */
static int open_remarks(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		die("cannot write '%s': %s", path, strerror(errno));
	return fd;
}

/* Among them is why it failed. */
static void say_errors(const char *remarks)
{
	char *text = fs_read(remarks, NULL), *rest, *line;

	for (line = strtok_r(text ? text : xstrdup(""), "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strcasestr(line, "error:"))
			warn("%s", line);
	free(text);
}

/* An object is there if its remarks are, too: without them a report would count too little. */
static bool is_made(const struct work *w)
{
	char *remarks = applied_remarks_path(w->object);
	bool made = fs_exists(w->object) && (!w->profiled || fs_exists(remarks));

	free(remarks);
	return made;
}

/* In a child of its own: mark, compile, put in place. */
static int optimize_one(const struct optimize *o, const struct work *w)
{
	char *marked = xasprintf("%s/tmp/marked.%ld", o->cache, (long)getpid());
	char *output = xasprintf("%s/tmp/object.%ld", o->cache, (long)getpid());
	char *remarks = xasprintf("%s/tmp/remarks.%ld", o->cache, (long)getpid());
	struct strlist argv = STRLIST_INIT;
	struct process p = PROCESS_INIT;
	char *triple = mark(o, w, marked);
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		strlist_push(&argv, flags[i]);
	if (o->flags)
		strlist_split(&argv, o->flags);
	if (w->profiled) {
		strlist_pushf(&argv, "-fprofile-sample-use=%s", o->profile->path);
		strlist_split(&argv, applied_remarks);
		if (link_profile_salvage(o->profile))
			strlist_split(&argv, link_profile_salvage(o->profile));
		p.err_fd = open_remarks(remarks);
	}
	strlist_push(&argv, triple);
	strlist_push(&argv, "-x");
	strlist_push(&argv, "ir");
	strlist_push(&argv, marked);
	strlist_push(&argv, "-o");
	strlist_push(&argv, output);
	p.argv = argv.v;
	status = process_run(&p);
	unlink(marked);
	if (status) {
		say_errors(remarks);
		unlink(remarks);
		unlink(output);
		warn("the passes over '%s' failed with exit status %d", w->path, status);
		return EXIT_FAILED;
	}
	if (w->profiled)
		xfs_rename(remarks, applied_remarks_path(w->object));
	xfs_rename(output, w->object);
	return EXIT_YES;
}

static void wait_for_one(unsigned *running)
{
	int status;

	if (wait(&status) < 0)
		die("lost a process: %s", strerror(errno));
	(*running)--;
	if (status)
		die("cannot optimize a module; the message above names it");
}

/* What is to be done for a module of the plan; `object` is left to be found. */
static struct work plan_work(const struct optimize *o, const struct names *names, json_t *module)
{
	struct work w = { .path = xjson_string(module, "path", "the plan"),
			  .sha256 = xjson_string(module, "sha256", "the plan") };

	names_shared(names, w.sha256, &w.shared);
	w.profiled = o->profile->path && names_defines_any(names, w.sha256, o->profile->functions);
	return w;
}

static void start_one(const struct optimize *o, const struct work *w)
{
	say(2, "%s: not in the cache for this target, compiler and profile", w->path);
	xfs_mkdirs_above(w->object);
	switch (fork()) {
	case -1: die("cannot start a process: %s", strerror(errno));
	case 0: _exit(optimize_one(o, w));
	}
}

void xoptimize(const json_t *unit, const char *cache, unsigned jobs, const struct profile *profile,
	       struct strlist *objects, size_t *made)
{
	struct optimize o = { .cache = cache, .profile = profile };
	char settings[HASH_HEX_BYTES];
	struct names names;
	unsigned running = 0;
	json_t *module;
	size_t i;

	*made = 0;
	xmarch_resolve(&o.march, xjson_string(unit, "march", "the plan"));
	if (!strcmp(xjson_string(unit, "kind", "the plan"), "kernel"))
		o.flags = LINK_KERNEL_INLINE;
	xfs_mkdirs(xasprintf("%s/tmp", o.cache));
	xnames_read(&names, unit, cache);
	hash_settings(&o, settings);
	json_array_foreach(xjson_array(unit, "modules", "the plan"), i, module) {
		struct work w;

		if (strcmp(xjson_string(module, "kind", "the plan"), "bitcode")) {
			strlist_push(objects, xjson_string(module, "path", "the plan"));
			continue;
		}
		w = plan_work(&o, &names, module);
		w.object = object_path(&o, settings, &w);
		strlist_push(objects, w.object);
		if (!is_made(&w)) {
			++*made;
			if (running == jobs)
				wait_for_one(&running);
			running++;
			start_one(&o, &w);
		}
		strlist_release(&w.shared);
	}
	while (running)
		wait_for_one(&running);
}
