/* SPDX-License-Identifier: MIT */
#include "harvest.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "foreign.h"
#include "proglink.h"
#include "toolchain.h"

struct harvest {
	const struct build *build;
	const struct spec *spec;
	const char *capsule;
	unsigned jobs;
};

static bool is_bitcode(const char *data, size_t bytes)
{
	return bytes >= 4 && !memcmp(data, "BC\xc0\xde", 4);
}

/* Code of a compiler that is not bitcode: it would miss every optimization, and say nothing. */
static void refuse_foreign(const struct harvest *h, const char *name, const char *data,
			   size_t bytes)
{
	char *compiler =
		h->spec->follow || is_bitcode(data, bytes) ? NULL : foreign_compiler(data, bytes);

	/* by bitcc, as the recipe wants it */
	if (!compiler || (h->spec->native.n && strstr(compiler, "clang version " TOOLCHAIN_LLVM)))
		return;
	die_hint(
		"make the build use $CC for it, and for no .s of its own; or name its source in the recipe's NATIVE,"
		" with the reason",
		"'%s' of %s is no bitcode: it was compiled by '%s'", name, h->spec->name, compiler);
}

/* "objs/src/core/nginx.o" -> "modules/objs/src/core/nginx.bc"; the caller frees. */
static char *store_module(const struct harvest *h, const char *name, const char *data, size_t bytes)
{
	size_t length = strlen(name);
	char *module, *path;

	refuse_foreign(h, name, data, bytes);
	if (length > 2 && !strcmp(name + length - 2, ".o"))
		length -= 2;
	module = xasprintf("modules/%.*s.%s", (int)length, name,
			   is_bitcode(data, bytes) ? "bc" : "o");
	path = xasprintf("%s/%s", h->capsule, module);
	xfs_mkdirs_above(path);
	xfs_write(path, data, bytes);
	free(path);
	return module;
}

static char *store_file(const struct harvest *h, const char *name)
{
	char *path = xasprintf("%s/%s", h->build->source, name), *module, *data;
	size_t bytes;

	data = xfs_read(path, &bytes);
	module = store_module(h, name, data, bytes);
	free(data);
	free(path);
	return module;
}

/* Path below the source tree, or NULL if it is elsewhere. */
static const char *below_source(const struct harvest *h, const char *path)
{
	size_t length = strlen(h->build->source);

	if (strncmp(path, h->build->source, length) || path[length] != '/')
		return NULL;
	return path + length + 1;
}

static bool is_elf(const char *data, size_t bytes)
{
	return bytes >= SELFMAG && !memcmp(data, ELFMAG, SELFMAG);
}

/*
 * Members of an archive (not a thin one) become modules below its name. Two
 * members of one name are told apart by a number.
 */
static json_t *store_archive(const struct harvest *h, const char *path, const char *name)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	struct strlist names = STRLIST_INIT;
	json_t *modules = json_array();
	int status;

	archive_read_support_format_ar(a);
	if (archive_read_open_filename(a, path, 1 << 16))
		die("cannot read the archive '%s': %s", path, archive_error_string(a));
	while ((status = archive_read_next_header(a, &entry)) == ARCHIVE_OK) {
		const char *member = archive_entry_pathname(entry);
		size_t bytes = (size_t)archive_entry_size(entry);
		char *data = xmalloc(bytes + 1), *module;

		if (archive_read_data(a, data, bytes) != (la_ssize_t)bytes)
			die("cannot read '%s' of '%s'", member, path);
		if (is_bitcode(data, bytes) || is_elf(data, bytes)) {
			char *unique = strlist_has(&names, member)
					       ? xasprintf("%s/%zu-%s", name, names.n, member)
					       : xasprintf("%s/%s", name, member);

			module = store_module(h, unique, data, bytes);
			json_array_append_new(modules, json_string(module));
			strlist_push(&names, member);
		}
		free(data);
	}
	if (status != ARCHIVE_EOF)
		die("the archive '%s' is damaged: %s", path, archive_error_string(a));
	archive_read_free(a);
	return modules;
}

/*
 * lib/libNAME.a, native: what the configure probes of others link against. From
 * bitcode every probe would compile half a libc.
 */
static void make_native_library(const struct harvest *h, const char *name, json_t *modules)
{
	struct strlist argv = STRLIST_INIT;
	char *directory = xasprintf("%s/native-%s", h->build->directory, name);
	char *library = xasprintf("%s/lib/lib%s.a", h->capsule, name), *list, *emit;
	struct strlist lines = STRLIST_INIT, objects = STRLIST_INIT;
	json_t *module;
	size_t i;

	xfs_mkdirs(directory);
	xfs_mkdirs_above(library);
	json_array_foreach(modules, i, module) {
		const char *path = json_string_value(module);

		if (path[strlen(path) - 1] == 'o') {
			strlist_pushf(&objects, "%s/%s", h->capsule, path);
			continue;
		}
		strlist_pushf(&objects, "%s/%zu-%s.o", directory, i, fs_base(path));
		strlist_pushf(&lines, "%s/%s\t%s", h->capsule, path, objects.v[objects.n - 1]);
	}
	list = strlist_join(&lines, "\n");
	xfs_write(xasprintf("%s/list", directory), list, strlen(list));
	emit = xasprintf("%s/emit", xfs_absolute(xasprintf("%s/bin/bitcc", h->build->directory)));
	*strrchr(emit, '/') = '\0';
	*strrchr(emit, '/') = '\0';

	char *const run_emit[] = { xasprintf("%s/emit", emit), "-j", xasprintf("%u", h->jobs),
				   xasprintf("%s/list", directory), NULL };

	if (lines.n)
		xprocess_run(run_emit);
	strlist_push(&argv, TOOLCHAIN_AR);
	strlist_push(&argv, "rcsD");
	strlist_push(&argv, library);
	strlist_concat(&argv, &objects);
	xprocess_run(argv.v);
	xfs_remove(directory);
}

static void harvest_libraries(const struct harvest *h, json_t *manifest)
{
	json_t *libraries = json_array();

	for (size_t i = 0; i < h->spec->libraries.n; i++) {
		const char *file = h->spec->libraries.v[i];
		char *path = xasprintf("%s/%s", h->build->source, file);
		const char *base = fs_base(file);
		json_t *modules;
		char *name;

		if (!fs_exists(path))
			die("the build of %s made no '%s'", h->spec->name, file);
		if (strncmp(base, "lib", 3) || strlen(base) < 6)
			die("'%s' of %s is not called libNAME.a", file, h->spec->name);
		name = xstrndup(base + 3, strlen(base) - 5);
		modules = store_archive(h, path, base);
		if (json_array_size(modules))
			make_native_library(h, name, modules);
		json_array_append_new(libraries,
				      json_pack("{s:s, s:o}", "name", name, "modules", modules));
	}
	json_object_set_new(manifest, "libraries", libraries);
}

static json_t *library_reference(const struct harvest *h, const char *path)
{
	const char *base = fs_base(path);
	char *name = xstrndup(base + 3, strlen(base) - 5);

	if (h->build->libc && !strncmp(path, h->build->libc, strlen(h->build->libc)))
		return NULL; /* the libc is in every link */
	for (size_t i = 0; i < h->build->prefixes.n; i++)
		if (!strncmp(path, h->build->prefixes.v[i], strlen(h->build->prefixes.v[i])))
			return json_pack("{s:s, s:s}", "component", h->spec->depends.v[i],
					 "library", name);
	die_hint("build what it needs as a capsule of its own and add it to the recipe's DEPENDS",
		 "%s links '%s', which is neither its own nor of a capsule", h->spec->name, path);
}

static json_t *program_input(const struct harvest *h, const char *path)
{
	const char *name = below_source(h, path);
	size_t length = strlen(path);

	if (!name)
		return library_reference(h, path);
	if (length > 2 && !strcmp(path + length - 2, ".a"))
		return json_pack("{s:o}", "lazy", store_archive(h, path, name));
	return json_pack("{s:s}", "module", store_file(h, name));
}

static _Noreturn void refuse_program(const struct harvest *h, const char *program, const char *path)
{
	size_t bytes;
	char *data = xfs_read(path, &bytes), *interpreter = foreign_interpreter(data, bytes);

	if (interpreter)
		die_hint("make the build link with $CC, which links statically",
			 "'%s' of %s is linked dynamically, for '%s': bitcc did not link it",
			 program, h->spec->name, interpreter);
	die_hint("make the build link with $CC, and name in PROGRAMS what it links, not a copy",
		 "'%s' of %s was not linked by bitcc", program, h->spec->name);
}

static json_t *harvest_program(const struct harvest *h, const char *program)
{
	char *path = xasprintf("%s/%s", h->build->source, program),
	     *absolute = realpath(path, NULL);
	char *record_path;
	json_t *record, *inputs = json_array(), *input;
	size_t i;

	if (!absolute)
		die("the build of %s made no '%s'", h->spec->name, program);
	record_path = proglink_record_path(h->build->record, absolute);
	if (!fs_exists(record_path))
		refuse_program(h, program, absolute);
	record = xjson_read(record_path);
	json_array_foreach(xjson_array(record, "inputs", record_path), i, input) {
		json_t *taken = program_input(h, json_string_value(input));

		if (taken)
			json_array_append_new(inputs, taken);
	}
	return json_pack("{s:s, s:s, s:o, s:O}", "name", fs_base(program), "kind", "program",
			 "inputs", inputs, "dropped_flags",
			 json_object_get(record, "dropped_flags"));
}

/* The list comes from the goal that kernel/patches adds to kbuild; it says how, too. */
static json_t *harvest_kernel(const struct harvest *h)
{
	char *text = xfs_read(xasprintf("%s/%s", h->build->source, h->spec->link_list), NULL),
	     *save;
	json_t *link = json_pack("{s:s, s:s}", "name", "vmlinux", "kind", "kernel");
	json_t *inputs = json_array(), *lazy = json_array();

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = line + strcspn(line, " ");

		if (*value)
			*value++ = '\0';
		if (!strcmp(line, "object"))
			json_array_append_new(inputs,
					      json_pack("{s:s}", "module", store_file(h, value)));
		else if (!strcmp(line, "library"))
			json_array_append_new(lazy, json_string(store_file(h, value)));
		else
			json_object_set_new(link, line, json_string(value));
	}
	json_array_append_new(inputs, json_pack("{s:o}", "lazy", lazy));
	json_object_set_new(link, "inputs", inputs);
	return link;
}

/* "from=to": from the source tree to the capsule, a file or a whole directory. */
static void copy_pair(const struct harvest *h, const char *pair, const char *below)
{
	const char *equals = strchr(pair, '=');
	char *from = xasprintf("%s/%.*s", h->build->source,
			       (int)(equals ? equals - pair : (long)strlen(pair)), pair);
	char *to = xasprintf("%s/%s%s", h->capsule, below, equals ? equals + 1 : fs_base(pair));
	struct strlist files = STRLIST_INIT;

	if (!fs_is_directory(from)) {
		if (!fs_exists(from))
			die("the build of %s made no '%.*s'", h->spec->name,
			    (int)(equals ? equals - pair : (long)strlen(pair)), pair);
		xfs_mkdirs_above(to);
		xfs_copy(from, to);
		return;
	}
	xfs_tree(&files, from, false);
	for (size_t i = 0; i < files.n; i++) {
		char *target = xasprintf("%s/%s", to, files.v[i]);

		xfs_mkdirs_above(target);
		xfs_copy(xasprintf("%s/%s", from, files.v[i]), target);
		free(target);
	}
}

void xharvest(const struct build *b, const struct spec *spec, const char *capsule, json_t *manifest,
	      unsigned jobs)
{
	struct harvest h = { b, spec, capsule, jobs };
	json_t *links = json_array();

	for (size_t i = 0; i < spec->headers.n; i++)
		copy_pair(&h, spec->headers.v[i], "include/");
	for (size_t i = 0; i < spec->files.n; i++)
		copy_pair(&h, spec->files.v[i], "");
	harvest_libraries(&h, manifest);
	for (size_t i = 0; i < spec->programs.n; i++)
		json_array_append_new(links, harvest_program(&h, spec->programs.v[i]));
	if (spec->link_list)
		json_array_append_new(links, harvest_kernel(&h));
	json_object_set_new(manifest, "links", links);
}
