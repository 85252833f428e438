/* SPDX-License-Identifier: MIT */
/*
 * seal - kernel object and initramfs become the file that a VMM loads
 *
 *   seal --plan plan.json --kernel vmlinux.o --initramfs initramfs.cpio
 *        --app nginx.elf --init init.elf --output CANDIDATE
 *
 * With --collector the image has a collector of profiles (collector/guest).
 * CANDIDATE is a directory: image, *.debug, plan.json, sizes.json, with the shaker's files
 * shake.json and syscalls.json, with a profile profile.json: what it did, by unit
 * (bitcode/applied.h). Nothing is compiled: the archive is wrapped by the assembler, the final link and the
 * tables take seconds.
 */
#include <argp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bitcode/link_final.h"
#include "../bitcode/plan.h"
#include "../bitcode/toolchain.h"
#include "helpers.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/process.h"
#include "lib/report.h"
#include "lib/util.h"
#include "origin.h"
#include "segments.h"
#include "units.h"

struct options {
	const char *plan, *kernel, *initramfs, *app, *init, *record, *syscalls, *collector, *output;
};

static const struct argp_option options[] = {
	{ "plan", 'p', "FILE", 0, "the plan it was linked by", 0 },
	{ "kernel", 'k', "FILE", 0, "the linked kernel object", 0 },
	{ "initramfs", 'r', "FILE", 0, "the archive", 0 },
	{ "app", 'a', "ELF", 0, "the linked app", 0 },
	{ "init", 'i', "ELF", 0, "the linked init", 0 },
	{ "collector", 'c', "ELF", 0, "the linked collector, if there is one", 0 },
	{ "record", 'R', "FILE", 0, "what the shaker did, if it did", 0 },
	{ "syscalls", 's', "FILE", 0, "what it found in the programs", 0 },
	{ "output", 'o', "DIR", 0, "directory of the candidate", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p': o->plan = arg; return 0;
	case 'k': o->kernel = arg; return 0;
	case 'r': o->initramfs = arg; return 0;
	case 'a': o->app = arg; return 0;
	case 'i': o->init = arg; return 0;
	case 'c': o->collector = arg; return 0;
	case 'R': o->record = arg; return 0;
	case 's': o->syscalls = arg; return 0;
	case 'o': o->output = arg; return 0;
	case ARGP_KEY_END:
		if (!o->plan || !o->kernel || !o->initramfs || !o->app || !o->init || !o->output)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* What the kernel's usr/initramfs_data.S does, around our archive. */
static char *wrap_initramfs(const struct options *o)
{
	char *source = xasprintf("%s/initramfs.S", o->output);
	char *object = xasprintf("%s/initramfs.o", o->output);
	char *text = xasprintf("\t.section .init.ramfs,\"a\"\n"
			       "__irf_start:\n"
			       "\t.incbin \"%s\"\n"
			       "__irf_end:\n"
			       "\t.section .init.ramfs.info,\"a\"\n"
			       "\t.globl __initramfs_size\n"
			       "__initramfs_size:\n"
			       "\t.quad __irf_end - __irf_start\n"
			       "\t.section .note.GNU-stack,\"\",@progbits\n",
			       o->initramfs);
	char *argv[] = {
		TOOLCHAIN_CLANG, "--target=x86_64-linux-gnu", "-c", "-o", object, source, NULL
	};

	xfs_write(source, text, strlen(text));
	xprocess_run(argv);
	unlink(source);
	free(text);
	return object;
}

/*
 * Handlers of system calls. One whose configuration option is off is there, too:
 * kernel/sys_ni.c gives each a stub that returns ENOSYS, like sys_ni_syscall's.
 */
struct handlers {
	struct strlist names, stubs;
	unsigned char ni_code[64];
	size_t ni_bytes;
};

static const char handler_prefix[] = "__x64_sys_";

static void note_ni(const struct elf_function *f, void *context)
{
	struct handlers *h = context;

	if (strcmp(f->name, "__x64_sys_ni_syscall") || !f->code ||
	    f->code_bytes > sizeof(h->ni_code))
		return;
	memcpy(h->ni_code, f->code, f->code_bytes);
	h->ni_bytes = f->code_bytes;
}

static void note_handler(const struct elf_function *f, void *context)
{
	struct handlers *h = context;
	const char *name = f->name + strlen(handler_prefix);

	if (strncmp(f->name, handler_prefix, strlen(handler_prefix)) || !strcmp(name, "ni_syscall"))
		return;
	if (f->code && f->code_bytes == h->ni_bytes && !memcmp(f->code, h->ni_code, h->ni_bytes))
		strlist_push(&h->stubs, name);
	else if (!strlist_has(&h->names, name))
		strlist_push(&h->names, name);
}

static void list_handlers(const char *vmlinux, struct handlers *h)
{
	xsegments_functions(vmlinux, note_ni, h);
	if (!h->ni_bytes)
		die("'%s' has no __x64_sys_ni_syscall to tell stubs by", vmlinux);
	xsegments_functions(vmlinux, note_handler, h);
	strlist_sort(&h->names);
}

/* Without the shaker every handler that the configuration has is there. */
static json_t *describe_unshaken(const char *vmlinux)
{
	struct handlers handlers = { 0 };

	list_handlers(vmlinux, &handlers);
	return json_pack("{s:o, s:i}", "kept", json_from_strlist(&handlers.names), "dropped", 0);
}

static json_t *describe_shaken(const json_t *record, const char *path)
{
	json_t *syscalls = json_object_get(record, "syscalls"), *call;
	struct strlist names = STRLIST_INIT;
	size_t i;

	json_array_foreach(xjson_array(syscalls, "kept", path), i, call)
		strlist_push(&names, xjson_string(call, "name", path));
	strlist_sort(&names);
	return json_pack("{s:o, s:i}", "kept", json_from_strlist(&names), "dropped",
			 (int)json_array_size(xjson_array(syscalls, "dropped", path)));
}

static json_t *describe(const struct options *o, const char *image, const char *vmlinux)
{
	json_t *record = o->record ? xjson_read(o->record) : NULL;
	struct elf_sizes kernel, app;
	char hex[HASH_HEX_BYTES];

	xhash_file(image, hex);
	xsegments_measure(vmlinux, NULL, &kernel);
	xsegments_measure(o->app, NULL, &app);
	return json_pack(
		"{s:{s:I, s:s}, s:{s:I, s:I}, s:{s:I, s:I}, s:I, s:s, s:o}", "image", "bytes",
		(json_int_t)xfs_size(image), "sha256", hex, "kernel", "text_bytes",
		(json_int_t)kernel.text_bytes, "functions", (json_int_t)kernel.functions, "app_elf",
		"bytes", (json_int_t)xfs_size(xasprintf("%s.stripped", o->app)), "text_bytes",
		(json_int_t)app.text_bytes, "initramfs_bytes", (json_int_t)xfs_size(o->initramfs),
		"shake", record ? xjson_string(record, "mode", o->record) : "0", "syscalls",
		record ? describe_shaken(record, o->record) : describe_unshaken(vmlinux));
}

/* What "pack" wrote of the image's files beside the archive; null if it did not. */
static json_t *describe_files(const char *archive)
{
	char *path = origin_files_path(archive);
	json_t *files = fs_exists(path) ? xjson_read(path) : json_null();

	free(path);
	return files;
}

/* What the profile did to each unit, as "link" wrote it beside what it linked. */
static json_t *describe_profile(const struct options *o, const json_t *id)
{
	const char *elfs[] = { o->kernel, o->app, o->init };
	json_t *units = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(elfs); i++) {
		const char *dot = strrchr(fs_base(elfs[i]), '.');
		char *path =
			xasprintf("%.*s.profile.json", (int)(dot ? dot - elfs[i] : 0), elfs[i]);
		json_t *report = fs_exists(path) ? xjson_read(path) : NULL;

		if (report)
			json_object_set_new(units, xjson_string(report, "unit", path), report);
		free(path);
	}
	return json_pack("{s:i, s:O, s:o}", "schema", 1, "id", id, "units", units);
}

/* `pack` has kept it stripped, as it is in the archive. */
static json_t *describe_collector(const char *elf)
{
	char *stripped = xasprintf("%s.stripped", elf);
	json_t *collect = json_pack("{s:I}", "bytes", (json_int_t)xfs_size(stripped));

	free(stripped);
	return collect;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, NULL, "Make the image from kernel object and initramfs.",
		NULL,	 NULL,	       NULL
	};
	struct options o = { 0 };
	char *initramfs, *vmlinux, *image, *app;
	json_t *plan, *unit, *sizes;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	plan = xjson_read(o.plan);
	unit = xplan_unit(plan, "vmlinux", o.plan);
	xfs_remove(o.output);
	xfs_mkdirs(o.output);
	vmlinux = xasprintf("%s/vmlinux.debug", o.output);
	image = xasprintf("%s/image", o.output);
	app = xasprintf("%s/%s.debug", o.output, xjson_string(plan, "app", o.plan));

	initramfs = wrap_initramfs(&o);
	xlink_final(unit, o.kernel, initramfs, vmlinux);
	unlink(initramfs);
	xsegments_write(vmlinux, image);
	if (o.collector) {
		xunits_complete(image, vmlinux);
		xfs_copy(o.collector, xasprintf("%s/collector.debug", o.output));
	}
	xfs_copy(o.app, app);
	xfs_copy(o.init, xasprintf("%s/init.debug", o.output));
	xfs_copy(o.plan, xasprintf("%s/plan.json", o.output));
	if (o.record)
		xfs_copy(o.record, xasprintf("%s/shake.json", o.output));
	if (o.syscalls)
		xfs_copy(o.syscalls, xasprintf("%s/syscalls.json", o.output));
	if (json_is_string(json_object_get(plan, "profile")))
		xjson_write(xasprintf("%s/profile.json", o.output),
			    describe_profile(&o, json_object_get(plan, "profile")));
	sizes = describe(&o, image, vmlinux);
	json_object_set_new(sizes, "files", describe_files(o.initramfs));
	if (o.collector)
		json_object_set_new(sizes, "collect", describe_collector(o.collector));
	if (o.syscalls)
		json_object_set_new(sizes, "helpers_missing",
				    helpers_missing(o.syscalls, xjson_string(plan, "app", o.plan),
						    xasprintf("%s.stripped", o.app), o.initramfs));
	xjson_write(xasprintf("%s/sizes.json", o.output), sizes);
	report_note("%s", fs_human_bytes(xfs_size(image)));
	return EXIT_YES;
}
