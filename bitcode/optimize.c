/* SPDX-License-Identifier: MIT */
#include "optimize.h"

#include <errno.h>
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
#include "link_kernel.h"
#include "march.h"
#include "module.h"
#include "toolchain.h"

struct optimize {
	const char *cache;
	struct march march;
	const char *flags; /* more of them, separated by spaces, or NULL */
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
	hash_add_string(&h, "anneal object 2");
	hash_add_string(&h, toolchain_version());
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		hash_add_string(&h, flags[i]);
	hash_add_string(&h, o->flags ? o->flags : "");
	hash_add_string(&h, o->march.cpu);
	hash_add_string(&h, o->march.tune);
	hash_add_string(&h, o->march.features);
	hash_finish(&h, hex);
}

static char *object_path(const struct optimize *o, const char *settings, const char *module_sha256)
{
	struct hash h;
	char hex[HASH_HEX_BYTES];

	hash_init(&h);
	hash_add_string(&h, settings);
	hash_add_string(&h, module_sha256);
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
 * Write `module_path`, marked for the target, to `marked_path`. Returns the flag
 * that tells clang the module's triple, which the caller frees.
 */
static char *mark(const struct optimize *o, const char *module_path, const char *marked_path)
{
	LLVMModuleRef module = xmodule_open(module_path, false);
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
	if (LLVMWriteBitcodeToFile(module, marked_path))
		die("cannot write '%s'; is the disk full?", marked_path);
	triple = xasprintf("--target=%s", LLVMGetTarget(module));
	module_close(module);
	return triple;
}

/* In a child of its own: mark, compile, put in place. */
static int optimize_one(const struct optimize *o, const char *module_path, const char *object)
{
	char *marked = xasprintf("%s/tmp/marked.%ld", o->cache, (long)getpid());
	char *output = xasprintf("%s/tmp/object.%ld", o->cache, (long)getpid());
	struct strlist argv = STRLIST_INIT;
	struct process p = PROCESS_INIT;
	char *triple = mark(o, module_path, marked);
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		strlist_push(&argv, flags[i]);
	if (o->flags)
		strlist_split(&argv, o->flags);
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
		unlink(output);
		warn("the passes over '%s' failed with exit status %d", module_path, status);
		return EXIT_FAILED;
	}
	xfs_rename(output, object);
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

void xoptimize(const json_t *unit, const char *cache, unsigned jobs, struct strlist *objects,
	       size_t *made)
{
	struct optimize o = { .cache = cache };
	char settings[HASH_HEX_BYTES];
	unsigned running = 0;
	json_t *module;
	size_t i;

	*made = 0;
	xmarch_resolve(&o.march, xjson_string(unit, "march", "the plan"));
	if (!strcmp(xjson_string(unit, "kind", "the plan"), "kernel"))
		o.flags = LINK_KERNEL_INLINE;
	xfs_mkdirs(xasprintf("%s/tmp", o.cache));
	hash_settings(&o, settings);
	json_array_foreach(xjson_array(unit, "modules", "the plan"), i, module) {
		const char *path = xjson_string(module, "path", "the plan");
		char *object;

		if (strcmp(xjson_string(module, "kind", "the plan"), "bitcode")) {
			strlist_push(objects, path);
			continue;
		}
		object = object_path(&o, settings, xjson_string(module, "sha256", "the plan"));
		strlist_push(objects, object);
		if (fs_exists(object))
			continue;
		say(2, "%s: not in the cache for this target and compiler", path);
		xfs_mkdirs_above(object);
		++*made;
		if (running == jobs)
			wait_for_one(&running);
		running++;
		switch (fork()) {
		case -1: die("cannot start a process: %s", strerror(errno));
		case 0: _exit(optimize_one(&o, path, object));
		}
	}
	while (running)
		wait_for_one(&running);
}
