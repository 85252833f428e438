/* SPDX-License-Identifier: MIT */
#include "capsule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "build.h"
#include "flags.h"
#include "harvest.h"
#include "manifest.h"
#include "toolchain.h"

/* Digits of the key in a directory's name: 64 bits are plenty for a cache. */
enum { KEY_DIGITS = 16 };

static void add_files(struct hash *h, const struct strlist *files)
{
	for (size_t i = 0; i < files->n; i++) {
		hash_add_string(h, fs_base(files->v[i]));
		hash_add_file(h, files->v[i]);
	}
}

static bool add_dependency(struct hash *h, const struct spec *spec, const struct places *p,
			   const char *name)
{
	struct source source;
	struct spec sibling;
	char key[HASH_HEX_BYTES];

	xspec_read_sibling(&sibling, spec, name);
	if (!capsule_key(&sibling, p, &source, key))
		return false;
	hash_add_string(h, key);
	return true;
}

bool capsule_key(const struct spec *spec, const struct places *p, struct source *source,
		 char key[HASH_HEX_BYTES])
{
	struct strlist flags = STRLIST_INIT;
	struct hash h;

	if (!source_locked(source, spec, p->lock_file, p->cache))
		return false;
	hash_init(&h);
	hash_add_string(&h, FLAGS_FORMAT);
	flags_bitcode(&flags);
	flags_program(&flags);
	for (size_t i = 0; i < flags.n; i++)
		hash_add_string(&h, flags.v[i]);
	hash_add_string(&h, source->sha256);
	hash_add_string(&h, spec->text);
	add_files(&h, &spec->patches);
	add_files(&h, &spec->inputs);
	hash_add_string(&h, toolchain_version());
	if (spec->libc && !add_dependency(&h, spec, p, spec->libc))
		return false;
	for (size_t i = 0; i < spec->depends.n; i++)
		if (!add_dependency(&h, spec, p, spec->depends.v[i]))
			return false;
	hash_finish(&h, key);
	return true;
}

char *capsule_directory(const struct places *p, const char *name, const char *key)
{
	return xasprintf("%s/capsules/%s-%.*s", p->cache, name, KEY_DIGITS, key);
}

/* A verified capsule at `directory`? A damaged one is said and put away. */
static bool is_good(const struct spec *spec, const char *directory)
{
	json_t *manifest;
	char *why;

	if (!fs_is_directory(directory)) {
		say(2, "capsule %s: there is none for this key: '%s'", spec->name, directory);
		return false;
	}
	manifest = manifest_verify(directory, &why);
	if (manifest) {
		json_decref(manifest);
		return true;
	}
	warn("the capsule of %s is damaged and is made again: %s", spec->name, why);
	xfs_remove(directory);
	return false;
}

static json_t *describe(const struct spec *spec, const struct source *source, const char *key,
			const struct strlist *depend_keys)
{
	json_t *patches = json_array(), *depends = json_array();
	char hex[HASH_HEX_BYTES];

	for (size_t i = 0; i < spec->patches.n; i++) {
		xhash_file(spec->patches.v[i], hex);
		json_array_append_new(patches,
				      json_pack("{s:s, s:s}", "name", fs_base(spec->patches.v[i]),
						"sha256", hex));
	}
	for (size_t i = 0; i < spec->depends.n; i++)
		json_array_append_new(depends, json_pack("{s:s, s:s}", "name", spec->depends.v[i],
							 "key", depend_keys->v[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:o, s:s, s:s, s:o, s:o}", "name",
			 spec->name, "version", source->version, "key", key, "compiler",
			 toolchain_version(), "source", "package",
			 spec->source_kind == SOURCE_TREE || spec->source_kind == SOURCE_TARBALL
				 ? fs_base(spec->source)
				 : spec->source,
			 "version", source->version, "sha256", source->sha256, "flags",
			 json_from_strlist(&spec->flags), "configure", spec->configure, "build",
			 spec->build, "patches", patches, "depends", depends);
}

/* Half a capsule that an interrupted run left: its lock is ours now. */
static void remove_interrupted(const char *capsules, const char *name)
{
	char *prefix = xasprintf("unfinished-%s.", name);
	struct strlist names = STRLIST_INIT;

	fs_list(&names, capsules);
	for (size_t i = 0; i < names.n; i++)
		if (!strncmp(names.v[i], prefix, strlen(prefix)))
			xfs_remove(xasprintf("%s/%s", capsules, names.v[i]));
	strlist_release(&names);
	free(prefix);
}

/* Build in a temporary directory, harvest into another, rename: never half. */
static void make(const struct spec *spec, const struct places *p, const struct source *source,
		 const char *key, struct build *b, const struct strlist *depend_keys)
{
	char *parent = xasprintf("%s/capsules", p->cache);
	char *temporary;
	json_t *manifest;

	remove_interrupted(parent, spec->name);
	temporary = xfs_temporary_directory(parent, xasprintf("unfinished-%s", spec->name));
	manifest = describe(spec, source, key, depend_keys);
	xbuild_run(b, spec, source, p->cache, p->jobs);
	xharvest(b, spec, temporary, manifest, p->jobs);
	manifest_seal(temporary, manifest);
	json_decref(manifest);
	xfs_rename(temporary, capsule_directory(p, spec->name, key));
	build_remove(b);
}

/* What it is built against, made first; fills in libc, prefixes and their keys. */
static void make_dependencies(const struct spec *spec, const struct places *p, struct build *b,
			      struct strlist *depend_keys)
{
	struct spec sibling;
	bool cached;

	if (spec->libc) {
		xspec_read_sibling(&sibling, spec, spec->libc);
		b->libc = xcapsule_make(&sibling, p, &cached);
	}
	for (size_t i = 0; i < spec->depends.n; i++) {
		char *directory;

		xspec_read_sibling(&sibling, spec, spec->depends.v[i]);
		directory = xcapsule_make(&sibling, p, &cached);
		strlist_push(&b->prefixes, directory);
		strlist_push(depend_keys, strrchr(directory, '-') + 1);
	}
}

/* The capsule, if it is there and whole. Capsules are renamed into place: to read one needs no lock. */
static char *find_whole(const struct spec *spec, const struct places *p)
{
	char key[HASH_HEX_BYTES], *directory, *why;
	struct source source;
	json_t *manifest;

	if (!capsule_key(spec, p, &source, key))
		return NULL;
	directory = capsule_directory(p, spec->name, key);
	manifest = manifest_verify(directory, &why);
	json_decref(manifest);
	return manifest ? directory : NULL;
}

char *xcapsule_make(const struct spec *spec, const struct places *p, bool *was_cached)
{
	struct strlist depend_keys = STRLIST_INIT;
	struct build b = { 0 };
	struct source source;
	char key[HASH_HEX_BYTES], *directory;
	int lock;

	directory = find_whole(spec, p);
	*was_cached = directory;
	if (directory)
		return directory;
	lock = xfs_lock(xasprintf("%s/capsules/.%s.lock", p->cache, spec->name),
			xasprintf("the capsule of %s", spec->name));
	*was_cached = capsule_key(spec, p, &source, key) &&
		      is_good(spec, capsule_directory(p, spec->name, key));
	if (!*was_cached) {
		make_dependencies(spec, p, &b, &depend_keys);
		/* fetching may have settled a version, and with it the key */
		xsource_fetch(&source, spec, p->lock_file, p->cache);
		if (!capsule_key(spec, p, &source, key))
			die("the version of %s is still not known", spec->name);
		make(spec, p, &source, key, &b, &depend_keys);
	}
	directory = capsule_directory(p, spec->name, key);
	close(lock);
	return directory;
}
