/* SPDX-License-Identifier: MIT */
#include "peer_make.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bitcode/source.h"
#include "peerfile.h"
#include "pipeline/imagespec.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/hash.h"
#include "pipeline/lib/process.h"
#include "pipeline/lib/util.h"

/* Changes when what is here makes something else of the same script. */
static const char recipe_of_peers[] = "peers 1";

/* What all peers are built from besides what they name; a change of them is a change of all. */
static const char *const common_inputs[] = { "bench/peer.sh", "bench/preinit.c", "kernel/init" };

static const char key_file[] = "inputs.sha256";

/* One build. */
struct build {
	const struct peer_places *places;
	struct peer_script script;
	struct source *packages; /* fetched ones */
	struct spec *package_specs;
	size_t package_count;
	struct source *sources; /* one for each component */
	struct spec *specs;
	char key[HASH_HEX_BYTES];
	char *scratch, *new_directory; /* removed whatever happens */
};

static struct build build;

static void discard(void)
{
	if (build.scratch)
		fs_remove(build.scratch);
	if (build.new_directory)
		fs_remove(build.new_directory);
}

/*
 * Packages and sources
 */

static const struct source *fetch_package(struct build *b, const char *name)
{
	size_t at = b->package_count++;
	struct spec *spec;

	b->packages = xrealloc(b->packages, b->package_count * sizeof(*b->packages));
	b->package_specs = xrealloc(b->package_specs, b->package_count * sizeof(*spec));
	spec = &b->package_specs[at];
	*spec = (struct spec){ .path = b->script.path,
			       .name = xstrdup(name),
			       .source = xstrdup(name),
			       .source_kind = SOURCE_DEBIAN_BINARY };
	xsource_fetch(&b->packages[at], spec, b->places->lock, b->places->cache);
	return &b->packages[at];
}

/* The one file in a package's directory in the cache. */
static char *deb_of(const struct source *package)
{
	struct strlist names = STRLIST_INIT;

	fs_list(&names, package->directory);
	for (size_t i = 0; i < names.n; i++)
		if (!fnmatch("*.deb", names.v[i], 0))
			return xasprintf("%s/%s", package->directory, names.v[i]);
	die_hint("remove that directory and repeat", "'%s' holds no package", package->directory);
}

/* "linux-image-cloud-amd64:linux-image-*": of its dependencies the one like the pattern. */
static char *dependency_like(const struct source *package, const char *name, const char *pattern)
{
	char *argv[] = { "dpkg-deb", "-f", deb_of(package), "Depends", NULL };
	char *text = xprocess_output(argv), *found = NULL, *save;

	for (char *word = strtok_r(text, ",|\n", &save); word && !found;
	     word = strtok_r(NULL, ",|\n", &save)) {
		word += strspn(word, " ");
		word[strcspn(word, " (")] = '\0';
		if (!fnmatch(pattern, word, 0))
			found = xstrdup(word);
	}
	free(text);
	if (!found)
		die("the package %s depends on none like '%s'", name, pattern);
	return found;
}

static void fetch_packages(struct build *b)
{
	for (size_t i = 0; i < b->script.packages.n; i++) {
		char *name = b->script.packages.v[i], *pattern = strchr(name, ':');
		const struct source *package;

		if (pattern)
			*pattern++ = '\0';
		package = fetch_package(b, name);
		if (pattern)
			fetch_package(b, dependency_like(package, name, pattern));
	}
}

static void fetch_components(struct build *b)
{
	size_t count = b->script.components.n;

	b->sources = xcalloc(count + 1, sizeof(*b->sources));
	b->specs = xcalloc(count + 1, sizeof(*b->specs));
	for (size_t i = 0; i < count; i++) {
		char *path = xasprintf("%s/%s.spec", b->places->specs, b->script.components.v[i]);

		if (!fs_exists(path))
			die_hint("run 'make list' to see the recipes",
				 "the peer %s needs the component %s, but there is no such recipe",
				 b->script.name, b->script.components.v[i]);
		xspec_read(&b->specs[i], path);
		xsource_fetch(&b->sources[i], &b->specs[i], b->places->source_lock,
			      b->places->cache);
	}
}

static void unpack_packages(const struct build *b, const char *directory)
{
	xfs_mkdirs(directory);
	for (size_t i = 0; i < b->package_count; i++) {
		char *argv[] = { "dpkg-deb", "-x", deb_of(&b->packages[i]), (char *)directory,
				 NULL };

		xprocess_run(argv);
	}
}

static void unpack_component(const struct build *b, size_t i, const char *parent)
{
	char *tree = xasprintf("%s/%s", parent, b->script.components.v[i]);

	xsource_unpack(&b->sources[i], &b->specs[i], tree);
	for (size_t p = 0; p < b->specs[i].patches.n; p++) {
		char *argv[] = { "patch",
				 "-p1",
				 "-s",
				 "-d",
				 tree,
				 "-i",
				 xfs_absolute(b->specs[i].patches.v[p]),
				 NULL };

		xprocess_run(argv);
	}
	free(tree);
}

/*
 * The key
 */

static void add_path(struct hash *h, const char *path)
{
	struct strlist files = STRLIST_INIT;

	hash_add_string(h, path);
	if (!fs_exists(path))
		die("the input '%s' of the peer %s is not there", path, build.script.name);
	if (!fs_is_directory(path)) {
		hash_add_file(h, path);
		return;
	}
	xfs_tree(&files, path, false);
	for (size_t i = 0; i < files.n; i++) {
		char *file = xasprintf("%s/%s", path, files.v[i]);

		hash_add_string(h, files.v[i]);
		hash_add_file(h, file);
		free(file);
	}
	strlist_release(&files);
}

static void add_source(struct hash *h, const struct source *s, const char *name)
{
	hash_add_string(h, name);
	hash_add_string(h, s->version);
	hash_add_string(h, s->sha256);
}

/* How a program calls itself; dies if there is none. */
static void add_program(struct hash *h, const char *program)
{
	char *found = process_find(program), *argv[] = { found, "--version", NULL }, *text;

	if (!found)
		die_hint(xasprintf("install it: apt-get install %s", program),
			 "the peer %s needs the program %s, which is not installed",
			 build.script.name, program);
	text = xprocess_output(argv);
	text[strcspn(text, "\n")] = '\0';
	hash_add_string(h, text);
	free(text);
	free(found);
}

static void compute_key(struct build *b)
{
	struct hash h;

	hash_init(&h);
	hash_add_string(&h, recipe_of_peers);
	hash_add_string(&h, b->places->app);
	hash_add_string(&h, b->places->machine);
	hash_add_file(&h, b->script.path);
	hash_add_file(&h, b->places->spec);
	for (size_t i = 0; i < ARRAY_SIZE(common_inputs); i++)
		add_path(&h, common_inputs[i]);
	for (size_t i = 0; i < b->script.inputs.n; i++)
		add_path(&h, b->script.inputs.v[i]);
	for (size_t i = 0; i < b->script.programs.n; i++)
		add_program(&h, b->script.programs.v[i]);
	for (size_t i = 0; i < b->package_count; i++)
		add_source(&h, &b->packages[i], b->package_specs[i].name);
	for (size_t i = 0; i < b->script.components.n; i++) {
		add_source(&h, &b->sources[i], b->specs[i].name);
		hash_add_string(&h, b->specs[i].text);
		for (size_t p = 0; p < b->specs[i].patches.n; p++)
			add_path(&h, b->specs[i].patches.v[p]);
	}
	hash_finish(&h, b->key);
}

/*
 * Run and keep
 */

static char *check_files(const char *directory, const struct peerfile *p)
{
	static const char *const names[] = { "image", "image.spec" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s", directory, names[i]);
		bool there = fs_exists(path) && xfs_size(path) > 0;

		free(path);
		if (!there)
			return xasprintf("there is no %s, or it is empty", names[i]);
	}
	for (size_t i = 0; i < p->region_count; i++)
		if (p->regions[i].elf &&
		    !fs_exists(xasprintf("%s/%s", directory, p->regions[i].elf)))
			return xasprintf("there is no %s, which its regions name",
					 p->regions[i].elf);
	return NULL;
}

char *peer_check(const char *directory, const char *name)
{
	struct imagespec spec;
	struct peerfile peer;
	char *wrong = peerfile_read(&peer, directory);

	if (!wrong && strcmp(peer.name, name))
		wrong = xasprintf("peer.json calls it '%s'", peer.name);
	if (!wrong)
		wrong = check_files(directory, &peer);
	if (wrong)
		return wrong;
	ximagespec_read(&spec, xasprintf("%s/image.spec", directory));
	if (spec.initrd && !fs_exists(spec.initrd))
		return xasprintf("there is no initrd, which image.spec names");
	return NULL;
}

static bool is_current(const struct build *b, const char *directory)
{
	char *path = xasprintf("%s/%s", directory, key_file);
	char *text = fs_read(path, NULL), *wrong = NULL;
	bool current = text && !strncmp(text, b->key, strlen(b->key));

	if (current)
		wrong = peer_check(directory, b->script.name);
	current &= !wrong;
	free(wrong);
	free(text);
	free(path);
	return current;
}

/* "NAME VERSION" of all that was fetched, for peer.json. */
static void write_versions(const struct build *b)
{
	struct strlist lines = STRLIST_INIT;
	char *text;

	for (size_t i = 0; i < b->package_count; i++)
		strlist_pushf(&lines, "%s %s", b->package_specs[i].name, b->packages[i].version);
	for (size_t i = 0; i < b->script.components.n; i++)
		strlist_pushf(&lines, "%s %s", b->specs[i].name, b->sources[i].version);
	strlist_push(&lines, "");
	text = strlist_join(&lines, "\n");
	xfs_write(xasprintf("%s/versions", b->scratch), text, strlen(text));
	free(text);
	strlist_release(&lines);
}

static void run_script(struct build *b)
{
	const struct peer_places *p = b->places;
	char *log = xasprintf("%s/%s.log", p->output, b->script.name);
	const char *environment[] = {
		xasprintf("NAME=%s", b->script.name), xasprintf("APP=%s", p->app),
		xasprintf("MACHINE=%s", p->machine), xasprintf("OUT=%s", b->new_directory),
		xasprintf("SCRATCH=%s", b->scratch), xasprintf("PACKAGES=%s/packages", b->scratch),
		xasprintf("SOURCES=%s/sources", b->scratch),
		xasprintf("SPEC=%s", xfs_absolute(p->spec)),
		xasprintf("SPECS=%s", xfs_absolute(p->specs)),
		xasprintf("TOOLS=%s", xfs_absolute(p->tools)),
		xasprintf("PEER=%s/peer", xfs_absolute(p->tools)), xasprintf("JOBS=%u", p->jobs),
		"LC_ALL=C",
		/* O= of a make around this is not one of the kernel's */
		"MAKEFLAGS=", "MAKEOVERRIDES=", "MFLAGS=", NULL
	};
	char *argv[] = { "sh", "-eu", (char *)b->script.path, NULL };
	struct process child = PROCESS_INIT;
	int status;

	child.argv = argv;
	child.environment = environment;
	child.out_fd = child.err_fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (child.out_fd < 0)
		die("cannot write '%s'", log);
	status = process_run(&child);
	close(child.out_fd);
	if (status) {
		char *tail[] = { "tail", "-n", "15", log, NULL };

		fprintf(stderr, "%s", xprocess_output(tail));
		die_hint(xasprintf("its log is %s", log),
			 "the script of the peer %s ended with status %d", b->script.name, status);
	}
}

static void keep(struct build *b, const char *directory)
{
	char *key = xasprintf("%s\n", b->key);
	char *wrong = peer_check(b->new_directory, b->script.name);
	mode_t mask;

	if (wrong)
		die("the script of the peer %s left no complete peer: %s", b->script.name, wrong);
	xfs_write(xasprintf("%s/%s", b->new_directory, key_file), key, strlen(key));
	mask = umask(0);
	umask(mask); /* the temporary one was for us alone */
	chmod(b->new_directory, 0777 & ~mask);
	/* the two change places at once; the old one goes with what is left over */
	if (!renameat2(AT_FDCWD, b->new_directory, AT_FDCWD, directory, RENAME_EXCHANGE))
		return;
	xfs_rename(b->new_directory, directory);
	b->new_directory = NULL;
}

/* What a run that was killed left; the locks are ours. */
static void remove_stale(const char *parent, const char *prefix)
{
	struct strlist names = STRLIST_INIT;

	fs_list(&names, parent);
	for (size_t i = 0; i < names.n; i++)
		if (!strncmp(names.v[i], prefix, strlen(prefix)))
			fs_remove(xasprintf("%s/%s", parent, names.v[i]));
	strlist_release(&names);
}

/* A directory of this peer's alone, `parent`/.WHAT-NAME.XXXXXX */
static char *temporary(const struct build *b, const char *parent, const char *what)
{
	char *name = xasprintf(".%s-%s", what, b->script.name), *prefix = xasprintf("%s.", name);

	remove_stale(parent, prefix);
	free(prefix);
	return xfs_absolute(xfs_temporary_directory(parent, name));
}

static void make(struct build *b, const char *directory)
{
	char *trees = xasprintf("%s/build", b->places->cache);

	atexit(discard);
	xfs_mkdirs(trees);
	xfs_lock(xasprintf("%s/.peer-%s.lock", trees, b->script.name), trees);
	b->scratch = temporary(b, trees, "peer");
	b->new_directory = temporary(b, b->places->output, "new");
	fprintf(stderr, "building the peer %s\n", b->script.name);
	unpack_packages(b, xasprintf("%s/packages", b->scratch));
	xfs_mkdirs(xasprintf("%s/sources", b->scratch));
	for (size_t i = 0; i < b->script.components.n; i++)
		unpack_component(b, i, xasprintf("%s/sources", b->scratch));
	write_versions(b);
	run_script(b);
	keep(b, directory);
	xfs_remove(b->scratch);
	b->scratch = NULL;
}

bool xpeer_make(const char *script, const struct peer_places *places)
{
	struct build *b = &build;
	char *wrong, *directory;

	*b = (struct build){ .places = places };
	wrong = peer_script_parse(&b->script, script, xfs_read(script, NULL));
	if (wrong)
		die("'%s' is no peer's script: %s", script, wrong);
	if (!strlist_has(&b->script.apps, places->app))
		return false;
	directory = xasprintf("%s/%s", places->output, b->script.name);
	xfs_mkdirs(places->output);
	xfs_lock(xasprintf("%s/.%s.lock", places->output, b->script.name), directory);
	fetch_packages(b);
	fetch_components(b);
	compute_key(b);
	if (!is_current(b, directory))
		make(b, directory);
	printf("%s\n", directory);
	free(directory);
	return true;
}
