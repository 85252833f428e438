/* SPDX-License-Identifier: MIT */
/*
 * peer - images of others, to compare with: built from a small script each, and kept
 *
 *   peer make --app nginx ... bench/peers/debian.sh	the peer's directory, if its inputs changed
 *   peer check DIR					is it complete? says what is wrong, status 1
 *
 * What the scripts use (bench/peers/README.md):
 *
 *   peer libraries --from PACKAGES --root ROOT /bin/nginx	what the program needs, copied into ROOT
 *   peer modules --from DIR --root ROOT virtio_net ...		modules in the order of loading
 *   peer initramfs --spec image.spec --root ROOT FILE
 *   peer survey --elf app=nginx.elf DIR			boots it; DIR/regions.json, kernel.elf
 *   peer describe --title T --describe D --shipped kernel=image[,FILE...] --source linux=6.1 DIR
 */
#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel_elf.h"
#include "needed.h"
#include "peer_make.h"
#include "peer_regions.h"
#include "pipeline/guestfiles.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/process.h"
#include "pipeline/lib/util.h"
#include "survey.h"

struct options {
	struct peer_places places;
	const char *from, *root, *title, *describe;
	struct strlist elfs, shipped, sources;
	const char *command;
	struct strlist arguments;
};

enum { KEY_FIRST = 256, KEY_SOURCE_LOCK, KEY_SPECS, KEY_MACHINE, KEY_TITLE, KEY_SHIPPED };

static const struct argp_option options[] = {
	{ "app", 'a', "NAME", 0, "the app", 1 },
	{ "machine", KEY_MACHINE, "NAME", 0, "what our image runs on", 1 },
	{ "cache", 'c', "DIR", 0, "where sources are kept", 1 },
	{ "lock", 'l', "FILE", 0, "packages' versions and checksums", 1 },
	{ "source-lock", KEY_SOURCE_LOCK, "FILE", 0, "those of components", 1 },
	{ "specs", KEY_SPECS, "DIR", 0, "the recipes' specs", 1 },
	{ "spec", 's', "FILE", 0, "the app's image.spec", 1 },
	{ "tools", 'T', "DIR", 0, "our programs", 1 },
	{ "output", 'o', "DIR", 0, "OUT/APP/peers", 1 },
	{ "jobs", 'j', "N", 0, "processes at a time", 1 },
	{ "from", 'f', "DIR", 0, "unpacked packages, a kernel's modules", 2 },
	{ "root", 'r', "DIR", 0, "what becomes the guest's root", 2 },
	{ "elf", 'e', "REGION=FILE", 0, "an ELF file of the peer's for kernel, app or libc", 3 },
	{ "title", KEY_TITLE, "TEXT", 0, "for a table's head", 4 },
	{ "describe", 'd', "TEXT", 0, "one sentence", 4 },
	{ "shipped", KEY_SHIPPED, "PART=FILE[,FILE...]", 0, "what a user downloads", 4 },
	{ "source", 'S', "NAME=VERSION", 0, "what it was made from", 4 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'a': o->places.app = arg; return 0;
	case KEY_MACHINE: o->places.machine = arg; return 0;
	case 'c': o->places.cache = arg; return 0;
	case 'l': o->places.lock = arg; return 0;
	case KEY_SOURCE_LOCK: o->places.source_lock = arg; return 0;
	case KEY_SPECS: o->places.specs = arg; return 0;
	case 's': o->places.spec = arg; return 0;
	case 'T': o->places.tools = arg; return 0;
	case 'o': o->places.output = arg; return 0;
	case 'j': o->places.jobs = (unsigned)atoi(arg); return 0;
	case 'f': o->from = arg; return 0;
	case 'r': o->root = arg; return 0;
	case 'e': strlist_push(&o->elfs, arg); return 0;
	case KEY_TITLE: o->title = arg; return 0;
	case 'd': o->describe = arg; return 0;
	case KEY_SHIPPED: strlist_push(&o->shipped, arg); return 0;
	case 'S': strlist_push(&o->sources, arg); return 0;
	case ARGP_KEY_ARG:
		if (!o->command)
			o->command = arg;
		else
			strlist_push(&o->arguments, arg);
		return 0;
	case ARGP_KEY_END:
		if (!o->command || !o->arguments.n)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void need(const char *value, const char *option, const struct options *o)
{
	if (value)
		return;
	fprintf(stderr, "error: peer %s needs %s\n", o->command, option);
	exit(EXIT_USAGE);
}

static int make(const struct options *o)
{
	const struct peer_places *p = &o->places;

	need(p->app, "--app", o);
	need(p->machine, "--machine", o);
	need(p->cache, "--cache", o);
	need(p->lock, "--lock", o);
	need(p->source_lock, "--source-lock", o);
	need(p->specs, "--specs", o);
	need(p->spec, "--spec", o);
	need(p->tools, "--tools", o);
	need(p->output, "--output", o);
	if (!xpeer_make(o->arguments.v[0], p))
		say(1, "'%s' is not for %s", o->arguments.v[0], p->app);
	return EXIT_YES;
}

static int check(const struct options *o)
{
	for (size_t i = 0; i < o->arguments.n; i++) {
		char *wrong = peer_check(o->arguments.v[i], fs_base(o->arguments.v[i]));

		if (wrong) {
			printf("%s: %s\n", o->arguments.v[i], wrong);
			return EXIT_NO;
		}
	}
	return EXIT_YES;
}

/* Below o->root, with the directories above it. */
static char *in_root(const struct options *o, const char *path)
{
	char *to = xasprintf("%s/%s", o->root, path + (*path == '/'));

	xfs_mkdirs_above(to);
	return to;
}

static int libraries(const struct options *o)
{
	struct strlist paths = STRLIST_INIT;
	char *interpreter = NULL, *program;

	need(o->from, "--from", o);
	need(o->root, "--root", o);
	program = in_root(o, o->arguments.v[0]);
	xneeded_libraries(&paths, &interpreter, program, o->from);
	for (size_t i = 0; i < paths.n; i++) {
		/* where the interpreter looks without an ld.so.cache */
		char *to = xasprintf("/lib/x86_64-linux-gnu/%s", fs_base(paths.v[i]));

		xfs_copy(xasprintf("%s/%s", o->from, paths.v[i]), in_root(o, to));
		if (!interpreter || strcmp(fs_base(to), fs_base(interpreter)))
			puts(in_root(o, to));
		free(to);
	}
	if (interpreter) {
		xfs_copy(xasprintf("%s%s", o->from, interpreter), in_root(o, interpreter));
		puts(in_root(o, interpreter));
	}
	return EXIT_YES;
}

static int modules(const struct options *o)
{
	struct strlist paths = STRLIST_INIT, lines = STRLIST_INIT;
	char *text;

	need(o->from, "--from", o);
	need(o->root, "--root", o);
	xneeded_modules(&paths, &o->arguments, o->from);
	for (size_t i = 0; i < paths.n; i++) {
		char *to = xasprintf("/modules/%s", fs_base(paths.v[i]));

		xfs_copy(xasprintf("%s/%s", o->from, paths.v[i]), in_root(o, to));
		puts(in_root(o, to));
		strlist_push(&lines, to);
		free(to);
	}
	strlist_push(&lines, "");
	text = strlist_join(&lines, "\n");
	xfs_write(in_root(o, "/etc/anneal/modules"), text, strlen(text));
	return EXIT_YES;
}

static int initramfs(const struct options *o)
{
	struct initramfs *fs = initramfs_new();
	struct imagespec spec;

	need(o->places.spec, "--spec", o);
	need(o->root, "--root", o);
	ximagespec_read(&spec, o->places.spec);
	guestfiles_add_base(fs, &spec);
	for (size_t i = 0; i < spec.rootfs.n; i++)
		xinitramfs_add_tree(fs, spec.rootfs.v[i]);
	xinitramfs_add_tree(fs, o->root);
	guestfiles_add_init_conf(fs, &spec, NULL);
	xinitramfs_write(fs, o->arguments.v[0]);
	return EXIT_YES;
}

static bool has_kernel(const struct strlist *elfs)
{
	for (size_t i = 0; i < elfs->n; i++)
		if (!strncmp(elfs->v[i], "kernel=", 7))
			return true;
	return false;
}

static int survey(const struct options *o)
{
	const char *directory = o->arguments.v[0];
	char *spec_path = xasprintf("%s/image.spec", directory);
	struct strlist elfs = STRLIST_INIT;
	struct imagespec spec;
	struct survey s;
	json_t *regions;

	ximagespec_read(&spec, spec_path);
	xsurvey_run(&s, directory);
	strlist_concat(&elfs, &o->elfs);
	if (!has_kernel(&elfs)) {
		xkernel_elf_write(&s, xasprintf("%s/kernel.elf", directory));
		strlist_push(&elfs, "kernel=kernel.elf");
	}
	regions = xpeer_regions(&s, spec.command.v[0], &elfs, directory);
	xjson_write(xasprintf("%s/regions.json", directory), regions);
	json_decref(regions);
	return EXIT_YES;
}

/* Bytes of the files one behind the other, and of that under xz. */
static void weigh(const struct strlist *files, uint64_t *bytes, uint64_t *xz_bytes)
{
	struct strlist argv = STRLIST_INIT;
	char *text;

	strlist_push(&argv, "sh");
	strlist_push(&argv, "-euc");
	strlist_push(&argv, "cat -- \"$@\" | wc -c; cat -- \"$@\" | xz -9e -T1 -c | wc -c");
	strlist_push(&argv, "sh");
	strlist_concat(&argv, files);
	for (size_t i = 0; i < files->n; i++)
		xfs_size(files->v[i]); /* dies if it is not there */
	text = xprocess_output(argv.v);
	*bytes = strtoull(text, &text, 10);
	*xz_bytes = strtoull(text, NULL, 10);
	strlist_release(&argv);
}

/* "kernel=FILE,FILE" */
static json_t *shipped_part(const char *word)
{
	size_t name_bytes = strcspn(word, "=");
	char *name = xstrndup(word, name_bytes), *rest, *save;
	struct strlist files = STRLIST_INIT;
	uint64_t bytes, xz_bytes;
	json_t *part;

	rest = xstrdup(word + name_bytes + (word[name_bytes] == '='));
	for (char *file = strtok_r(rest, ",\n", &save); file; file = strtok_r(NULL, ",\n", &save))
		strlist_push(&files, file);
	if (!files.n)
		die("'%s' is not PART=FILE[,FILE...]", word);
	weigh(&files, &bytes, &xz_bytes);
	part = json_pack("{s:s, s:I, s:I}", "name", name, "bytes", (json_int_t)bytes, "xz_bytes",
			 (json_int_t)xz_bytes);
	free(name);
	free(rest);
	strlist_release(&files);
	return part;
}

static json_t *source_json(const char *word)
{
	size_t name_bytes = strcspn(word, "=");
	char *name = xstrndup(word, name_bytes);
	json_t *source;

	if (!word[name_bytes] || !word[name_bytes + 1])
		die("'%s' is not NAME=VERSION", word);
	source = json_pack("{s:s, s:s}", "name", name, "version", word + name_bytes + 1);
	free(name);
	return source;
}

static int describe(const struct options *o)
{
	const char *directory = o->arguments.v[0], *name = getenv("NAME");
	char *regions_path = xasprintf("%s/regions.json", directory);
	json_t *shipped = json_array(), *sources = json_array(), *peer;

	need(o->title, "--title", o);
	need(o->describe, "--describe", o);
	need(name, "NAME in the environment", o);
	for (size_t i = 0; i < o->shipped.n; i++)
		json_array_append_new(shipped, shipped_part(o->shipped.v[i]));
	for (size_t i = 0; i < o->sources.n; i++)
		json_array_append_new(sources, source_json(o->sources.v[i]));
	peer = json_pack("{s:i, s:s, s:s, s:s, s:o, s:o, s:o}", "schema", 1, "name", name, "title",
			 o->title, "describe", o->describe, "shipped", shipped, "sources", sources,
			 "regions", xjson_read(regions_path));
	xjson_write(xasprintf("%s/peer.json", directory), peer);
	json_decref(peer);
	xfs_remove(regions_path);
	return EXIT_YES;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
	} commands[] = {
		{ "make", make },	    { "check", check },	  { "libraries", libraries },
		{ "modules", modules },	    { "survey", survey }, { "describe", describe },
		{ "initramfs", initramfs },
	};
	static const struct argp argp = {
		options,
		parse_option,
		"make SCRIPT\ncheck DIR...\nlibraries PROGRAM\n"
		"modules NAME...\ninitramfs FILE\nsurvey DIR\ndescribe DIR",
		"Images of others, to compare with.",
		NULL,
		NULL,
		NULL
	};
	struct options o = { .places = { .jobs = 1 } };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(o.command, commands[i].name))
			return commands[i].run(&o);
	die("there is no command '%s'; there are make, check, libraries, modules, initramfs, survey, "
	    "describe",
	    o.command);
}
