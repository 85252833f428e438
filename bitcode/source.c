/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "apt.h"
#include "lockfile.h"

/* The largest source, linux, and apt's lists. */
enum { FETCH_BYTES = 256 << 20 };

static char *directory_of(const char *cache, const char *package, const char *version)
{
	return xasprintf("%s/sources/%s_%s", cache, package, version);
}

static void hash_tree(const char *directory, char hex[HASH_HEX_BYTES])
{
	struct strlist files = STRLIST_INIT;
	struct hash h;

	hash_init(&h);
	xfs_tree(&files, directory, false);
	for (size_t i = 0; i < files.n; i++) {
		char *path = xasprintf("%s/%s", directory, files.v[i]);

		hash_add_string(&h, files.v[i]);
		hash_add_file(&h, path);
		free(path);
	}
	hash_finish(&h, hex);
}

static void local_source(struct source *out, const struct spec *spec)
{
	out->directory = xfs_absolute(spec->source);
	out->version = xstrdup("0");
	if (spec->source_kind == SOURCE_TREE) {
		hash_tree(out->directory, out->sha256);
		return;
	}
	xhash_file(out->directory, out->sha256);
	if (!spec->source_sha256 || strcmp(out->sha256, spec->source_sha256))
		die_hint("if the new file is the right one, put its sha256 into the recipe",
			 "'%s' is not what the recipe of %s expects\n  expected %s\n  got      %s",
			 spec->source, spec->name,
			 spec->source_sha256 ? spec->source_sha256 : "(no sha256 in the recipe)",
			 out->sha256);
}

bool source_locked(struct source *out, const struct spec *spec, const char *lock_file,
		   const char *cache)
{
	*out = (struct source){ NULL, "", NULL };
	if (spec->source_kind == SOURCE_TREE || spec->source_kind == SOURCE_TARBALL) {
		local_source(out, spec);
		return true;
	}
	if (!lockfile_find(lock_file, spec->source, NULL, &out->version, out->sha256))
		return false;
	out->directory = directory_of(cache, spec->source, out->version);
	return true;
}

/* The file whose sha256 stands for the package: the only .dsc, or the only .deb. */
static char *main_file(const struct spec *spec, const char *directory)
{
	const char *ending = spec->source_kind == SOURCE_DEBIAN_SOURCE ? ".dsc" : ".deb";
	struct strlist names = STRLIST_INIT;
	char *found = NULL;

	fs_list(&names, directory);
	for (size_t i = 0; !found && i < names.n; i++) {
		size_t length = strlen(names.v[i]);

		if (length > 4 && !strcmp(names.v[i] + length - 4, ending))
			found = xasprintf("%s/%s", directory, names.v[i]);
	}
	strlist_release(&names);
	return found;
}

/* The version as the package itself says it: file names leave out the epoch. */
static char *version_of(const struct spec *spec, const char *file)
{
	char *text, *at, *version;

	if (spec->source_kind == SOURCE_DEBIAN_BINARY) {
		char *argv[] = { "dpkg-deb", "-f", (char *)file, "Version", NULL };

		text = xprocess_output(argv);
		text[strcspn(text, "\n")] = '\0';
		return text;
	}
	text = xfs_read(file, NULL);
	at = strstr(text, "\nVersion: ");
	if (!at)
		die("'%s' names no version", file);
	at += strlen("\nVersion: ");
	version = xstrndup(at, strcspn(at, "\n"));
	free(text);
	return version;
}

static const char damaged_hint[] =
	"remove the directory it is in and repeat: the package is fetched again; if it differs "
	"again, do not trust the mirror";

static _Noreturn void refuse(const char *file, const char *expected, const char *got,
			     const char *hint)
{
	die_hint(hint, "checksum of '%s' differs\n  expected %s\n  got      %s", file, expected,
		 got);
}

/* Each file that a .dsc lists, against the sha256 it is listed with. */
static void check_listed_files(const char *dsc, const char *directory, const char *hint)
{
	char *text = xfs_read(dsc, NULL), *save;
	char *at = strstr(text, "\nChecksums-Sha256:");

	if (!at)
		die("'%s' lists no sha256 checksums", dsc);
	strtok_r(at + 1, "\n", &save);
	for (char *line = strtok_r(NULL, "\n", &save); line && *line == ' ';
	     line = strtok_r(NULL, "\n", &save)) {
		struct strlist words = STRLIST_INIT;
		char hex[HASH_HEX_BYTES], *file;

		strlist_split(&words, line);
		if (words.n != 3)
			die("'%s' has a checksum line that is not one: %s", dsc, line);
		file = xasprintf("%s/%s", directory, words.v[2]);
		xhash_file(file, hex);
		if (strcmp(hex, words.v[0]))
			refuse(file, words.v[0], hex, hint);
		free(file);
		strlist_release(&words);
	}
	free(text);
}

/* All files of a fetched package, against the lock file's sha256. */
static void check_files(const struct spec *spec, const char *directory, const char *expected)
{
	char *file = main_file(spec, directory);
	char hex[HASH_HEX_BYTES];

	if (!file)
		die_hint("remove that directory and repeat", "'%s' holds no package", directory);
	xhash_file(file, hex);
	if (strcmp(hex, expected))
		refuse(file, expected, hex, damaged_hint);
	if (spec->source_kind == SOURCE_DEBIAN_SOURCE)
		check_listed_files(file, directory, damaged_hint);
	free(file);
}

/* Into an empty directory: what a failed attempt left must not pass for the package. */
static bool download(const struct apt *apt, const struct spec *spec, const char *version,
		     const char *directory)
{
	xfs_remove(directory);
	xfs_mkdirs(directory);
	if (spec->source_kind == SOURCE_DEBIAN_SOURCE)
		return apt_download_source(apt, spec->source, version, directory);
	return apt_download_binary(apt, spec->source, version, directory);
}

/* Several packages of one run: the lists of a minute ago are new enough. */
static void update_once(const struct apt *apt)
{
	static bool done;

	if (!done)
		xapt_update(apt);
	done = true;
}

/* No source package of that name: perhaps it is that of a binary package. */
static _Noreturn void refuse_package(const struct apt *apt, const struct spec *spec)
{
	struct strlist binary = STRLIST_INIT, source = STRLIST_INIT;

	strlist_push(&binary, spec->source);
	apt_sources_of(apt, &binary, &source);
	die_hint(
		*source.v[0]
			? xasprintf("'%s' is built from the source package '%s': write that",
				    spec->source, source.v[0])
			: "'apt-cache search' finds packages by words; SOURCE_KIND has what else there is",
		"Debian's release has no source package '%s', which %s is to be built from",
		spec->source, spec->name);
}

/*
 * The wanted version first. A mirror drops a version when it is superseded, and
 * may list one it does not have: then whatever it does offer, said aloud.
 */
static void download_some(const struct apt *apt, const struct spec *spec, const char *wanted,
			  const char *directory)
{
	struct strlist versions = STRLIST_INIT;

	if (wanted && apt_has_lists(apt) && download(apt, spec, wanted, directory))
		return;
	update_once(apt);
	if (wanted && download(apt, spec, wanted, directory))
		return;
	if (download(apt, spec, NULL, directory))
		return;
	if (spec->source_kind == SOURCE_DEBIAN_SOURCE)
		apt_source_versions(apt, spec->source, &versions);
	if (spec->source_kind == SOURCE_DEBIAN_SOURCE && !versions.n)
		refuse_package(apt, spec);
	for (size_t i = 0; i < versions.n; i++) {
		warn("the newest '%s' cannot be fetched; trying %s", spec->source, versions.v[i]);
		if (download(apt, spec, versions.v[i], directory))
			return;
	}
	die_hint("check the network and the machine's apt sources, then repeat the command",
		 "cannot fetch the source package '%s'", spec->source);
}

/* Downloads that were interrupted; the lock on sources is ours. */
static void remove_unfinished(const char *parent)
{
	struct strlist names = STRLIST_INIT;

	fs_list(&names, parent);
	for (size_t i = 0; i < names.n; i++)
		if (!strncmp(names.v[i], "fetch.", 6))
			fs_remove(xasprintf("%s/%s", parent, names.v[i]));
	strlist_release(&names);
}

static void fetch(struct source *out, const struct spec *spec, const char *lock_file,
		  const char *cache)
{
	char *parent = xasprintf("%s/sources", cache), *temporary, *file, *version;
	char hex[HASH_HEX_BYTES], known[HASH_HEX_BYTES];
	struct apt apt;

	remove_unfinished(parent);
	/* apt hangs when the disk is full */
	xfs_need_space(parent, FETCH_BYTES);
	temporary = xfs_temporary_directory(parent, "fetch");

	xapt_init(&apt, cache);
	download_some(&apt, spec, out->version, temporary);
	file = main_file(spec, temporary);
	if (!file)
		die("apt fetched '%s', but no package came of it", spec->source);
	version = version_of(spec, file);
	xhash_file(file, hex);
	if (spec->source_kind == SOURCE_DEBIAN_SOURCE)
		check_listed_files(file, temporary,
				   "the mirror's files do not fit together: try again");
	if (lockfile_find(lock_file, spec->source, version, NULL, known)) {
		if (strcmp(hex, known))
			refuse(file, known, hex,
			       "the mirror's bytes are not those that were locked: do not use them before "
			       "you know why");
	} else {
		if (out->version)
			warn("%s %s is not on offer any more; using %s instead", spec->source,
			     out->version, version);
		fprintf(stderr, "note: %s %s added to %s\n", spec->source, version, lock_file);
		xlockfile_add(lock_file, spec->source, version, hex);
	}
	out->version = version;
	memcpy(out->sha256, hex, sizeof(hex));
	out->directory = directory_of(cache, spec->source, version);
	xfs_remove(out->directory);
	xfs_rename(temporary, out->directory);
}

void xsource_fetch(struct source *out, const struct spec *spec, const char *lock_file,
		   const char *cache)
{
	bool known = source_locked(out, spec, lock_file, cache);
	int lock;

	if (spec->source_kind == SOURCE_TREE || spec->source_kind == SOURCE_TARBALL)
		return;
	lock = xfs_lock(xasprintf("%s/sources/.lock", cache), "the cache of sources");
	if (!known || !fs_is_directory(out->directory))
		fetch(out, spec, lock_file, cache);
	check_files(spec, out->directory, out->sha256);
	close(lock);
}

static void unpack_command(struct strlist *argv, const char *command, const char *file,
			   const char *directory)
{
	const char *const words[] = { "sh", "-euc", command, "sh", file, directory };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strlist_push(argv, words[i]);
}

void xsource_unpack(const struct source *source, const struct spec *spec, const char *directory)
{
	struct strlist argv = STRLIST_INIT;

	switch (spec->source_kind) {
	case SOURCE_DEBIAN_SOURCE:
		unpack_command(&argv, "dpkg-source -x \"$1\" \"$2\" >&2",
			       main_file(spec, source->directory), directory);
		break;
	case SOURCE_DEBIAN_BINARY:
		unpack_command(&argv,
			       "mkdir \"$2\"; dpkg-deb --fsys-tarfile \"$1\" |"
			       " tar -xO --wildcards './usr/src/*.tar.*' |"
			       " tar -xJ --strip-components=1 --no-same-owner -C \"$2\"",
			       main_file(spec, source->directory), directory);
		break;
	case SOURCE_TARBALL:
		unpack_command(
			&argv,
			"mkdir \"$2\"; tar -xf \"$1\" --strip-components=1 --no-same-owner -C \"$2\"",
			source->directory, directory);
		break;
	case SOURCE_TREE:
		unpack_command(&argv, "cp -r \"$1\" \"$2\"", source->directory, directory);
		break;
	}
	xprocess_run(argv.v);
	strlist_release(&argv);
}
