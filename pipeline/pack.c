/* SPDX-License-Identifier: MIT */
/*
 * pack - the initramfs of an image: init, the app, its files, a record, and the collector if asked for
 *
 *   pack --image image.spec --plan plan.json --init init.elf --app nginx.elf -o initramfs.cpio
 *        [--collector collector.elf]
 *
 * Programs are stripped here; their ELF files with debug information stay
 * outside. There is no shell, and nothing else that nobody asked for. Beside the archive
 * comes initramfs.files.json, what the image's files were (origin.h).
 */
#include <argp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/toolchain.h"
#include "guestfiles.h"
#include "imagespec.h"
#include "initramfs.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/process.h"
#include "lib/report.h"
#include "lib/util.h"
#include "origin.h"
#include "units.h"

struct options {
	const char *image, *plan, *init, *app, *collector, *output;
};

static const struct argp_option options[] = {
	{ "image", 's', "FILE", 0, "what the recipe says about the image", 0 },
	{ "plan", 'p', "FILE", 0, "the plan it was linked by", 0 },
	{ "init", 'i', "ELF", 0, "the linked init", 0 },
	{ "app", 'a', "ELF", 0, "the linked app", 0 },
	{ "collector", 'c', "ELF", 0, "the linked collector, if there is one", 0 },
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
	case 'c': o->collector = arg; return 0;
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

static void add_resolver(struct initramfs *fs, const char *elf)
{
	size_t bytes;
	char *data = xfs_read(elf, &bytes);

	guestfiles_add_resolver(fs, data, bytes);
	free(data);
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

static void add_collector(struct initramfs *fs, const struct options *o)
{
	char *text = xunits_text(o->app, o->init);

	add_program(fs, guestfiles_collector, o->collector);
	initramfs_add_data(fs, guestfiles_units, 0644, text, strlen(text));
	free(text);
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
	guestfiles_add_base(fs, &spec);
	guestfiles_add_users(fs, &spec);
	for (size_t i = 0; i < spec.rootfs.n; i++)
		xinitramfs_add_tree(fs, spec.rootfs.v[i]);
	add_program(fs, "init", o.init);
	add_program(fs, spec.command.v[0] + (spec.command.v[0][0] == '/'), o.app);
	add_resolver(fs, o.app);
	if (o.collector)
		add_collector(fs, &o);
	guestfiles_add_init_conf(fs, &spec, json_object_get(plan, "cpu_needs"));
	add_record(fs, plan);
	xinitramfs_write(fs, o.output);
	record_files(&spec, o.output);
	report_note("%s", fs_human_bytes(xfs_size(o.output)));
	return EXIT_YES;
}
