/* SPDX-License-Identifier: MIT */
#include "proglink.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/hash.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/process.h"
#include "../pipeline/lib/util.h"
#include "toolchain.h"

/*
 * These keep every global symbol alive, or only make sense for a dynamic
 * program. The value says how many words the flag takes besides itself.
 */
static const struct {
	const char *flag;
	int values;
} dropped[] = {
	{ "-E", 0 },
	{ "--export-dynamic", 0 },
	{ "-export-dynamic", 0 },
	{ "--dynamic-list", 1 },
	{ "-rpath", 1 },
	{ "--rpath", 1 },
	{ "-rpath-link", 1 },
	{ "--enable-new-dtags", 0 },
	{ "--disable-new-dtags", 0 },
	{ "-pie", 0 },
	{ "--no-gc-sections", 0 },
	{ "-Bdynamic", 0 },
	{ "-dynamic-linker", 1 },
	{ "-Bsymbolic", 0 },
	{ "-Bsymbolic-functions", 0 },
};

static int drop(const char *flag, int *values)
{
	for (size_t i = 0; i < ARRAY_SIZE(dropped); i++) {
		size_t length = strlen(dropped[i].flag);

		if (!strcmp(flag, dropped[i].flag)) {
			*values = dropped[i].values;
			return 1;
		}
		if (dropped[i].values && !strncmp(flag, dropped[i].flag, length) &&
		    flag[length] == '=') {
			*values = 0;
			return 1;
		}
	}
	return 0;
}

static char *find_library(const struct settings *s, const struct command *c, const char *name)
{
	struct strlist directories = STRLIST_INIT;

	strlist_concat(&directories, &c->search);
	for (size_t i = 0; i < s->prefixes.n; i++)
		strlist_pushf(&directories, "%s/lib", s->prefixes.v[i]);
	if (s->libc)
		strlist_pushf(&directories, "%s/lib", s->libc);
	for (size_t i = 0; i < directories.n; i++) {
		char *path = xasprintf("%s/lib%s.a", directories.v[i], name);

		if (!access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}

/* "libx.so", "libx.so.1.2". */
static bool is_shared(const char *path)
{
	const char *so = strstr(fs_base(path), ".so");

	return so && (!so[3] || so[3] == '.');
}

/* The inputs as paths; false if a library is missing. */
static bool resolve_inputs(const struct settings *s, const struct command *c, struct strlist *words,
			   struct strlist *paths, json_t *dropped_flags)
{
	int skip = 0;

	for (size_t i = 0; i < c->input_count; i++) {
		const char *text = c->inputs[i].text;
		char *path;

		if (skip) {
			skip--;
		} else if (c->inputs[i].kind == INPUT_LINKER) {
			if (drop(text, &skip))
				json_array_append_new(dropped_flags, json_string(text));
			else
				strlist_push(words, text);
		} else if (c->inputs[i].kind == INPUT_LIBRARY) {
			path = find_library(s, c, text + 2);
			if (!path) {
				warn("bitcc: no library '%s' among the capsules; is it in the recipe's DEPENDS?",
				     text + 2);
				return false;
			}
			strlist_push(words, path);
			strlist_push(paths, path);
		} else if (is_shared(text)) {
			warn("bitcc: '%s' is a shared library, and programs of images are static: give the "
			     "build an option for static libraries only (--disable-shared)",
			     text);
			return false;
		} else {
			strlist_push(words, text);
			path = realpath(text, NULL);
			if (path)
				strlist_push(paths, path);
		}
	}
	return true;
}

char *proglink_record_path(const char *record_directory, const char *program)
{
	char hex[HASH_HEX_BYTES];

	hash_bytes(program, strlen(program), hex);
	return xasprintf("%s/%s.json", record_directory, hex);
}

static void write_record(const struct settings *s, const char *output, const struct strlist *paths,
			 json_t *dropped_flags)
{
	char *absolute = realpath(output, NULL);
	json_t *record;

	if (!s->record || !absolute)
		return;
	record = json_object();
	json_object_set_new(record, "output", json_string(absolute));
	json_object_set_new(record, "inputs", json_from_strlist(paths));
	json_object_set(record, "dropped_flags", dropped_flags);
	xjson_write(proglink_record_path(s->record, absolute), record);
	json_decref(record);
}

static void push_start_files(struct strlist *l, const struct settings *s, const char *const *names)
{
	for (; *names; names++)
		strlist_pushf(l, "%s/lib/%s", s->libc, *names);
}

int proglink(const struct settings *s, const struct command *c, const char *output)
{
	static const char *const first[] = { "crt1.o", "crti.o", NULL };
	static const char *const last[] = { "crtn.o", NULL };
	bool start_files = s->libc && !c->shared && !c->no_startfiles && !c->relocatable;
	struct strlist l = STRLIST_INIT, words = STRLIST_INIT, paths = STRLIST_INIT;
	struct process p = PROCESS_INIT;
	json_t *dropped_flags = json_array();
	int status;

	if (!resolve_inputs(s, c, &words, &paths, dropped_flags))
		return 1;
	strlist_push(&l, TOOLCHAIN_LLD);
	strlist_push(&l, "-m");
	strlist_push(&l, "elf_x86_64");
	strlist_push(&l, c->shared ? "-shared" : c->relocatable ? "-r" : "-static");
	strlist_push(&l, "--lto-O0");
	strlist_push(&l, "-o");
	strlist_push(&l, output);
	if (start_files)
		push_start_files(&l, s, first);
	strlist_concat(&l, &words);
	if (s->libc && !c->no_stdlib && !c->relocatable)
		strlist_pushf(&l, "%s/lib/libc.a", s->libc);
	if (start_files)
		push_start_files(&l, s, last);
	p.argv = l.v;
	status = process_run(&p);
	if (!status)
		write_record(s, output, &paths, dropped_flags);
	return status;
}
