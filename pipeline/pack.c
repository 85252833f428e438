/* SPDX-License-Identifier: MIT */
/*
 * pack - the initramfs of an image: init, the app, its files, and a record
 *
 *   pack --image image.spec --plan plan.json --init init.elf --app nginx.elf -o initramfs.cpio
 *
 * Programs are stripped here; their ELF files with debug information stay
 * outside. There is no shell, and nothing else that nobody asked for. Beside the archive
 * comes initramfs.files.json, what the image's files were (origin.h).
 */
#include <argp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../bitcode/toolchain.h"
#include "imagespec.h"
#include "initramfs.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/process.h"
#include "lib/report.h"
#include "lib/util.h"
#include "origin.h"

struct options {
	const char *image, *plan, *init, *app, *output;
};

static const struct argp_option options[] = {
	{ "image", 's', "FILE", 0, "what the recipe says about the image", 0 },
	{ "plan", 'p', "FILE", 0, "the plan it was linked by", 0 },
	{ "init", 'i', "ELF", 0, "the linked init", 0 },
	{ "app", 'a', "ELF", 0, "the linked app", 0 },
	{ "output", 'o', "FILE", 0, "the archive", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 's': o->image = arg; return 0;
	case 'p': o->plan = arg; return 0;
	case 'i': o->init = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'o': o->output = arg; return 0;
	case ARGP_KEY_END:
		if (!o->image || !o->plan || !o->init || !o->app || !o->output)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void add_program(struct initramfs *fs, const char *path, const char *elf)
{
	/* kept beside it: its size is the app's size in the manifest */
	char *stripped = xasprintf("%s.stripped", elf), *data;
	char *argv[] = { TOOLCHAIN_OBJCOPY, "--strip-all", (char *)elf, stripped, NULL };
	size_t bytes;

	xprocess_run(argv);
	data = xfs_read(stripped, &bytes);
	initramfs_add_data(fs, path, 0755, data, bytes);
	free(data);
	free(stripped);
}

/* Devices of a fixed number that programs expect; there is no devtmpfs. */
static void add_devices(struct initramfs *fs)
{
	static const struct {
		const char *name;
		mode_t mode;
		unsigned major, minor;
	} devices[] = {
		{ "console", 0600, 5, 1 }, { "tty", 0666, 5, 0 },    { "null", 0666, 1, 3 },
		{ "zero", 0666, 1, 5 },	   { "full", 0666, 1, 7 },   { "random", 0666, 1, 8 },
		{ "urandom", 0666, 1, 9 }, { "ttyS0", 0600, 4, 64 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		char *path = xasprintf("dev/%s", devices[i].name);

		initramfs_add_device(fs, path, devices[i].mode, devices[i].major, devices[i].minor);
		free(path);
	}
}

static void add_directories(struct initramfs *fs)
{
	static const char *const names[] = { "bin",  "dev", "dev/shm", "etc",
					     "proc", "run", "sys",     "var" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		initramfs_add_directory(fs, names[i], 0755);
	initramfs_add_directory(fs, "tmp", 01777);
}

/* kernel/init/plan.h has the format. */
static void add_init_conf(struct initramfs *fs, const struct imagespec *s, const json_t *plan)
{
	struct strlist lines = STRLIST_INIT;
	json_t *feature;
	char *text;
	size_t i;

	strlist_pushf(&lines, "app %s", s->app);
	strlist_pushf(&lines, "stop_signal %d", s->stop_signal);
	json_array_foreach(json_object_get(plan, "cpu_needs"), i, feature)
		strlist_pushf(&lines, "cpu %s", json_string_value(feature));
	for (i = 0; i < s->command.n; i++)
		strlist_pushf(&lines, "argument %s", s->command.v[i]);
	strlist_push(&lines, "environment PATH=/bin");
	for (i = 0; i < s->environment.n; i++)
		strlist_pushf(&lines, "environment %s", s->environment.v[i]);
	strlist_push(&lines, "");
	text = strlist_join(&lines, "\n");
	initramfs_add_data(fs, "etc/anneal/init.conf", 0644, text, strlen(text));
}

/* What the guest is made of, for whoever finds it running. */
static void add_record(struct initramfs *fs, const json_t *plan)
{
	json_t *record =
		json_pack("{s:i, s:O, s:O, s:O, s:O}", "schema", 1, "app",
			  json_object_get(plan, "app"), "march", json_object_get(plan, "march"),
			  "profile", json_object_get(plan, "profile"), "components",
			  json_object_get(plan, "components"));
	char *text = json_dumps(record, JSON_SORT_KEYS | JSON_INDENT(1));

	initramfs_add_data(fs, "etc/anneal/manifest.json", 0644, text, strlen(text));
	free(text);
	json_decref(record);
}

/* For the manifest: the archive itself also has the programs in it. */
static void record_files(const struct imagespec *spec, const char *archive)
{
	char *path = origin_files_path(archive);

	xjson_write_if_changed(path, xorigin_files(&spec->rootfs));
	free(path);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, NULL, "Pack the initramfs of an image.", NULL, NULL, NULL
	};
	struct options o = { 0 };
	struct imagespec spec;
	struct initramfs *fs = initramfs_new();
	json_t *plan;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	ximagespec_read(&spec, o.image);
	plan = xjson_read(o.plan);
	add_directories(fs);
	add_devices(fs);
	for (size_t i = 0; i < spec.rootfs.n; i++)
		xinitramfs_add_tree(fs, spec.rootfs.v[i]);
	add_program(fs, "init", o.init);
	add_program(fs, spec.command.v[0] + (spec.command.v[0][0] == '/'), o.app);
	add_init_conf(fs, &spec, plan);
	add_record(fs, plan);
	xinitramfs_write(fs, o.output);
	record_files(&spec, o.output);
	report_note("%s", fs_human_bytes(xfs_size(o.output)));
	return EXIT_YES;
}
