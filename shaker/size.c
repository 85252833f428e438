/* SPDX-License-Identifier: MIT */
/*
 * size - what takes the space in a kernel
 *
 *   size --generation out/nginx/0 --by part|subsystem|driver|syscall|symbol [--json]
 *
 * "own" is the size of the thing itself in the linked kernel; "retained" is what would
 * go if it went: itself and all that only it leads to.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "recorded.h"

struct options {
	const char *generation, *by;
	unsigned lines;
	bool json;
};

struct entry {
	char *name;
	uint64_t own_bytes, retained_bytes, symbols;
	UT_hash_handle hh;
};

static const struct argp_option options[] = {
	{ "generation", 'g', "DIR", 0, "the generation's directory", 0 },
	{ "by", 'b', "WHAT", 0, "part, subsystem, driver, syscall or symbol", 0 },
	{ "lines", 'n', "N", 0, "how many to print, 0 for all", 0 },
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'g': o->generation = arg; return 0;
	case 'b': o->by = arg; return 0;
	case 'n': o->lines = (unsigned)atoi(arg); return 0;
	case 'j': o->json = true; return 0;
	case ARGP_KEY_END:
		if (!o->generation || !o->by)
			argp_usage(state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void add(struct entry **entries, const char *name, uint64_t own, uint64_t retained)
{
	struct entry *e;

	HASH_FIND_STR(*entries, name, e);
	if (!e) {
		e = xcalloc(1, sizeof(*e));
		e->name = xstrdup(name);
		HASH_ADD_KEYPTR(hh, *entries, e->name, strlen(e->name), e);
	}
	e->own_bytes += own;
	e->retained_bytes += retained;
	e->symbols++;
}

/* "net/ipv4/tcp.c" -> "net/ipv4"; generated and unknown ones by their kind. */
static char *directory_of(const struct recorded_node *n)
{
	const char *slash = strrchr(n->file, '/');

	if (!strcmp(n->kind, "symbol"))
		return xstrdup("(native objects)");
	if (!slash)
		return xasprintf("(%s)", *n->file ? n->file : n->kind);
	return xstrndup(n->file, (size_t)(slash - n->file));
}

/* Retained by a directory: what all of its functions together dominate, by itself. */
static uint64_t retained_outside(const struct recorded *r, const long *dominators,
				 const uint64_t *retained, size_t node)
{
	long above = dominators[node];

	if (above >= 0 && !strcmp(r->nodes[above].file, r->nodes[node].file))
		return 0; /* counted with what dominates it */
	return retained[node];
}

static void by_subsystem(struct entry **entries, const struct recorded *r, const long *dominators,
			 const uint64_t *retained)
{
	for (size_t i = 0; i < r->rows.n; i++) {
		char *name;

		if (!r->nodes[i].live || !r->nodes[i].in_kernel)
			continue;
		name = directory_of(&r->nodes[i]);
		add(entries, name, r->nodes[i].bytes, retained_outside(r, dominators, retained, i));
		free(name);
	}
}

static void by_symbol(struct entry **entries, const struct recorded *r, const uint64_t *retained)
{
	for (size_t i = 0; i < r->rows.n; i++)
		if (r->nodes[i].live && *r->nodes[i].name && strcmp(r->nodes[i].kind, "symbol"))
			add(entries, r->nodes[i].name, r->nodes[i].bytes, retained[i]);
}

static void by_syscall(struct entry **entries, const struct recorded *r, const uint64_t *retained)
{
	for (size_t i = 0; i < r->rows.n; i++) {
		bool kept = false;
		const json_t *call = recorded_syscall_of(r, (long)i, &kept);

		if (call && kept && r->nodes[i].live)
			add(entries, json_string_value(json_object_get(call, "name")),
			    r->nodes[i].bytes, retained[i]);
	}
}

/* The source file of an initcall's function says whether it is a driver's. */
static bool is_driver(const struct recorded *r, const char *initcall)
{
	long node = recorded_find(r, initcall);

	return node >= 0 && !strncmp(r->nodes[node].file, "drivers/", 8);
}

static void by_driver(struct entry **entries, const struct recorded *r, const uint64_t *retained)
{
	for (size_t i = 0; i < r->rows.n; i++) {
		char *initcall = recorded_initcall(&r->nodes[i]);

		if (initcall && r->nodes[i].live && is_driver(r, initcall))
			add(entries, initcall, r->nodes[i].bytes, retained[i]);
		free(initcall);
	}
}

static void by_part(struct entry **entries, const char *generation)
{
	static const struct {
		const char *name, *object, *key;
	} parts[] = {
		{ "image", "image", "bytes" },
		{ "image under xz -9e", "image", "xz_bytes" },
		{ "kernel text", "kernel", "text_bytes" },
		{ "app", "app_elf", "bytes" },
		{ "app text", "app_elf", "text_bytes" },
	};
	json_t *manifest = xjson_read(xasprintf("%s/manifest.json", generation));

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		add(entries, parts[i].name,
		    (uint64_t)json_integer_value(json_object_get(
			    json_object_get(manifest, parts[i].object), parts[i].key)),
		    0);
	add(entries, "files with app and init",
	    (uint64_t)json_integer_value(json_object_get(manifest, "initramfs_bytes")), 0);
}

static int larger_first(const struct entry *a, const struct entry *b)
{
	uint64_t x = a->retained_bytes > a->own_bytes ? a->retained_bytes : a->own_bytes;
	uint64_t y = b->retained_bytes > b->own_bytes ? b->retained_bytes : b->own_bytes;

	return x < y ? 1 : x > y ? -1 : strcmp(a->name, b->name);
}

static void print(struct entry *entries, const char *by, unsigned lines)
{
	unsigned shown = 0, count = HASH_COUNT(entries);

	printf("%12s %12s  %s\n", "own", strcmp(by, "part") ? "retained" : "", by);
	for (struct entry *e = entries; e; e = e->hh.next) {
		if (lines && shown++ == lines) {
			printf("%u more; LINES=0 shows all\n", count - lines);
			return;
		}
		if (strcmp(by, "part"))
			printf("%12lu %12lu  %s\n", (unsigned long)e->own_bytes,
			       (unsigned long)e->retained_bytes, e->name);
		else
			printf("%12lu %12s  %s\n", (unsigned long)e->own_bytes, "", e->name);
	}
}

static void print_json(struct entry *entries, const char *by)
{
	json_t *list = json_array();

	for (struct entry *e = entries; e; e = e->hh.next)
		json_array_append_new(list,
				      json_pack("{s:s, s:I, s:I, s:I}", "name", e->name,
						"own_bytes", (json_int_t)e->own_bytes,
						"retained_bytes", (json_int_t)e->retained_bytes,
						"symbols", (json_int_t)e->symbols));
	json_print(json_pack("{s:i, s:s, s:o}", "schema", 1, "by", by, "entries", list));
}

static void by_graph(struct entry **entries, const struct options *o)
{
	struct recorded r;
	uint64_t *bytes, *retained;
	long *above;

	xrecorded_read(&r, o->generation);
	above = dominators(&r.rows, r.roots, r.root_count);
	bytes = xcalloc(r.rows.n + 1, sizeof(*bytes));
	for (size_t i = 0; i < r.rows.n; i++)
		bytes[i] = r.nodes[i].bytes;
	retained = retained_sizes(&r.rows, above, bytes);
	if (!strcmp(o->by, "subsystem"))
		by_subsystem(entries, &r, above, retained);
	else if (!strcmp(o->by, "syscall"))
		by_syscall(entries, &r, retained);
	else if (!strcmp(o->by, "driver"))
		by_driver(entries, &r, retained);
	else if (!strcmp(o->by, "symbol"))
		by_symbol(entries, &r, retained);
	else
		die("BY=%s is not known; there are: part subsystem driver syscall symbol", o->by);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option,
					  NULL,	   "Show what takes the space in a kernel.",
					  NULL,	   NULL,
					  NULL };
	struct options o = { .lines = 25 };
	struct entry *entries = NULL;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!strcmp(o.by, "part"))
		by_part(&entries, o.generation);
	else
		by_graph(&entries, &o);
	HASH_SORT(entries, larger_first);
	if (o.json)
		print_json(entries, o.by);
	else
		print(entries, o.by, o.lines);
	return EXIT_YES;
}
