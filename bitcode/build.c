/* SPDX-License-Identifier: MIT */
#include "build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "toolchain.h"

static void prepare_directory(struct build *b, const struct spec *spec, const char *cache)
{
	char *parent = xasprintf("%s/build", cache);
	struct strlist old = STRLIST_INIT;
	char hex[HASH_HEX_BYTES];
	struct stat st;

	if (parent[strcspn(parent, " \t:")]) {
		const char *temporary = getenv("TMPDIR");

		/* one a cache and user: the lock that guards it is the cache's */
		hash_bytes(cache, strlen(cache), hex);
		parent = xasprintf("%s/anneal-%u-%.16s", temporary ? temporary : "/tmp", getuid(),
				   hex);
		if (mkdir(parent, 0700) &&
		    (lstat(parent, &st) || st.st_uid != getuid() || !S_ISDIR(st.st_mode)))
			die_hint("set ANNEAL_CACHE to a directory without a space in its path",
				 "'%s' is not this user's", parent);
	}
	/* What an interrupted build of this component left: its lock is ours now. */
	fs_list(&old, parent);
	for (size_t i = 0; i < old.n; i++)
		if (!strncmp(old.v[i], spec->name, strlen(spec->name)) &&
		    old.v[i][strlen(spec->name)] == '.')
			fs_remove(xasprintf("%s/%s", parent, old.v[i]));
	b->directory = xfs_absolute(xfs_temporary_directory(parent, spec->name));
	b->source = xasprintf("%s/src", b->directory);
	b->record = xasprintf("%s/record", b->directory);
	xfs_mkdirs(b->record);
}

/* Names without a version: upstream looks for "ar", finds ours, and needs no path. */
static void link_tools(const struct build *b)
{
	static const char *const tools[][2] = {
		{ "ar", "llvm-ar-" TOOLCHAIN_LLVM },
		{ "ranlib", "llvm-ranlib-" TOOLCHAIN_LLVM },
		{ "nm", "llvm-nm-" TOOLCHAIN_LLVM },
		{ "strip", "llvm-strip-" TOOLCHAIN_LLVM },
		{ "objcopy", "llvm-objcopy-" TOOLCHAIN_LLVM },
		{ "objdump", "llvm-objdump-" TOOLCHAIN_LLVM },
		{ "readelf", "llvm-readelf-" TOOLCHAIN_LLVM },
		{ "ld", TOOLCHAIN_LLD },
	};
	char self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	static const char *const own[] = { "bitcc", "kconfig-check" };
	char *bin = xasprintf("%s/bin", b->directory);

	if (length < 0)
		die("cannot find this program: %s", strerror(errno));
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	xfs_mkdirs(bin);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (symlink(xasprintf("%s/%s", self, own[i]), xasprintf("%s/%s", bin, own[i])))
			die("cannot make a link in '%s': %s", bin, strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		char *target = process_find(tools[i][1]);

		if (!target)
			die_hint("run 'make setup'", "'%s' is not installed", tools[i][1]);
		if (symlink(target, xasprintf("%s/%s", bin, tools[i][0])))
			die("cannot make a link in '%s': %s", bin, strerror(errno));
	}
}

static void copy_inputs(const struct build *b, const struct spec *spec)
{
	char *inputs = xasprintf("%s/inputs", b->directory);

	xfs_mkdirs(inputs);
	for (size_t i = 0; i < spec->inputs.n; i++)
		xfs_copy(spec->inputs.v[i], xasprintf("%s/%s", inputs, fs_base(spec->inputs.v[i])));
}

/*
 * cmake looks for libraries by itself; this keeps it within the capsules. It reads
 * the file named in its environment (cmake 3.21 and later).
 */
static char *write_cmake_toolchain(const struct build *b)
{
	char *path = xasprintf("%s/toolchain.cmake", b->directory);
	struct strlist roots = STRLIST_INIT;
	char *text;

	strlist_concat(&roots, &b->prefixes);
	if (b->libc)
		strlist_push(&roots, b->libc);
	text = xasprintf(
		"set(CMAKE_SYSTEM_NAME Linux)\n"
		"set(CMAKE_SYSTEM_PROCESSOR x86_64)\n"
		"set(CMAKE_C_COMPILER bitcc)\n"
		/* by name: cmake would look for those of this machine's default LLVM first */
		"set(CMAKE_AR ar)\nset(CMAKE_RANLIB ranlib)\nset(CMAKE_NM nm)\n"
		/* a project may name C++ and have none of it in what is built */
		"set(CMAKE_CXX_COMPILER bitcc)\nset(CMAKE_CXX_COMPILER_FORCED TRUE)\n"
		"set(CMAKE_FIND_ROOT_PATH \"%s\")\n"
		"set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)\n"
		"set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)\n"
		"set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)\n"
		"set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)\n"
		"set(BUILD_SHARED_LIBS OFF)\n",
		strlist_join(&roots, ";"));
	xfs_write(path, text, strlen(text));
	free(text);
	return path;
}

static void apply_patches(const struct build *b, const struct spec *spec)
{
	for (size_t i = 0; i < spec->patches.n; i++) {
		char *patch = xfs_absolute(spec->patches.v[i]);
		char *argv[] = { "patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch",
				 "-f",	  "-s",	 "-d",	     b->source,
				 "-i",	  patch, NULL };
		struct process p = PROCESS_INIT;

		p.argv = argv;
		p.out_fd = STDERR_FILENO;
		if (process_run(&p))
			die_hint(
				"port the patch to this version, or drop it if upstream has the change",
				"the patch '%s' does not apply to %s", spec->patches.v[i],
				spec->name);
		free(patch);
	}
}

/* A clean environment: what the user has exported must not reach an artefact. */
static void set_environment(const struct build *b, const struct spec *spec,
			    const struct source *source, unsigned jobs)
{
	char *path =
		xasprintf("%s/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			  b->directory);
	char *prefixes = strlist_join(&b->prefixes, "\n");
	char *native = strlist_join(&spec->native, " "), *flags = strlist_join(&spec->flags, " ");
	char *upstream = xstrndup(source->version, strcspn(source->version, "-"));
	char *toolchain = write_cmake_toolchain(b);
	const char *v = getenv("V");

	v = v ? xstrdup(v) : NULL;
	clearenv();
	setenv("PATH", path, 1);
	setenv("HOME", b->directory, 1);
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	setenv("SOURCE_DATE_EPOCH", "0", 1);
	setenv("CC", "bitcc", 1);
	setenv("AR", "ar", 1);
	setenv("RANLIB", "ranlib", 1);
	setenv("NM", "nm", 1);
	setenv("CMAKE_TOOLCHAIN_FILE", toolchain, 1);
	setenv("JOBS", xasprintf("%u", jobs), 1);
	setenv("INPUTS", xasprintf("%s/inputs", b->directory), 1);
	setenv("BITCC_ROOT", b->source, 1);
	/* the source's name, not the component's: variants share equal modules */
	setenv("BITCC_NAME", xasprintf("%s-%s", fs_base(spec->source), upstream), 1);
	setenv("BITCC_RECORD", b->record, 1);
	setenv("BITCC_NATIVE", native, 1);
	setenv("BITCC_FLAGS", flags, 1);
	setenv("BITCC_PREFIXES", prefixes, 1);
	if (spec->follow)
		setenv("BITCC_FOLLOW", "1", 1);
	if (b->libc)
		setenv("BITCC_LIBC", b->libc, 1);
	if (v && atoi(v) >= 2)
		setenv("V", v, 1);
}

static void run_commands(const struct build *b, const struct spec *spec, const char *what,
			 const char *commands)
{
	char *argv[] = { "sh", "-euxc", (char *)commands, NULL };
	struct process p = PROCESS_INIT;
	int status;

	if (!*commands)
		return;
	p.argv = argv;
	p.directory = b->source;
	p.out_fd = STDERR_FILENO;
	status = process_run(&p);
	if (status)
		die("%s of %s failed with exit status %d; its tree is '%s'", what, spec->name,
		    status, b->source);
}

void xbuild_run(struct build *b, const struct spec *spec, const struct source *source,
		const char *cache, unsigned jobs)
{
	prepare_directory(b, spec, cache);
	link_tools(b);
	copy_inputs(b, spec);
	xsource_unpack(source, spec, b->source);
	apply_patches(b, spec);
	set_environment(b, spec, source, jobs);
	run_commands(b, spec, "the configuration", spec->configure);
	run_commands(b, spec, "the build", spec->build);
}

void build_remove(struct build *b)
{
	int error = fs_remove(b->directory);

	if (error)
		warn("cannot remove '%s': %s", b->directory, strerror(-error));
}
