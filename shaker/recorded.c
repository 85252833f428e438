/* SPDX-License-Identifier: MIT */
#include "recorded.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "initcall_name.h"

struct symbol {
	const char *name;
	size_t node;
	UT_hash_handle hh;
};

static json_t *column(const struct recorded *r, const char *part, const char *name)
{
	json_t *array = json_object_get(json_object_get(r->shake, part), name);

	if (!json_is_array(array))
		die("'%s/shake.json' has no column %s.%s; is it of another version?", r->directory,
		    part, name);
	return array;
}

static unsigned *numbers(json_t *array)
{
	unsigned *list = xcalloc(json_array_size(array) + 1, sizeof(*list));
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value)
		list[i] = (unsigned)json_integer_value(value);
	return list;
}

static void read_nodes(struct recorded *r)
{
	json_t *kinds = xjson_array(r->shake, "kinds", "shake.json");
	json_t *kind = column(r, "nodes", "kind"), *name = column(r, "nodes", "name");
	json_t *section = column(r, "nodes", "section"), *file = column(r, "nodes", "file");
	json_t *live = column(r, "nodes", "live"), *parent = column(r, "nodes", "parent");
	json_t *cut = column(r, "nodes", "cut");
	json_t *instructions = column(r, "nodes", "instructions");

	r->rows.n = json_array_size(name);
	r->nodes = xcalloc(r->rows.n + 1, sizeof(*r->nodes));
	for (size_t i = 0; i < r->rows.n; i++)
		r->nodes[i] = (struct recorded_node){
			.kind = json_string_value(json_array_get(
				kinds, (size_t)json_integer_value(json_array_get(kind, i)))),
			.name = json_string_value(json_array_get(name, i)),
			.section = json_string_value(json_array_get(section, i)),
			.file = json_string_value(json_array_get(file, i)),
			.live = json_integer_value(json_array_get(live, i)),
			.parent = (long)json_integer_value(json_array_get(parent, i)),
			.cut = (unsigned)json_integer_value(json_array_get(cut, i)),
			.instructions =
				(uint64_t)json_integer_value(json_array_get(instructions, i)),
		};
}

static void read_edges(struct recorded *r)
{
	unsigned *first = xcalloc(r->rows.n + 1, sizeof(*first)), *to, count = 0;

	r->first = numbers(column(r, "edges", "first"));
	r->to = numbers(column(r, "edges", "to"));
	r->cuts = numbers(column(r, "edges", "cut"));
	to = xcalloc(r->first[r->rows.n] + 1, sizeof(*to));
	for (size_t i = 0; i < r->rows.n; i++) {
		first[i] = count;
		for (unsigned e = r->first[i]; r->nodes[i].live && e < r->first[i + 1]; e++)
			if (!r->cuts[e])
				to[count++] = r->to[e];
	}
	first[r->rows.n] = count;
	r->rows.first = first;
	r->rows.to = to;
}

static void read_roots(struct recorded *r)
{
	json_t *roots = xjson_array(r->shake, "roots", "shake.json"), *root;
	size_t i;

	r->root_count = json_array_size(roots);
	r->roots = xcalloc(r->root_count + 1, sizeof(*r->roots));
	json_array_foreach(roots, i, root)
		r->roots[i] = (unsigned)xjson_uint(root, "node", "shake.json");
}

static void take_symbols(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct symbol *names,
			 struct recorded *r)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;

	for (size_t i = 1; i < count; i++) {
		struct symbol *found;
		const char *name;
		GElf_Sym s;

		if (!gelf_getsym(data, (int)i, &s) || s.st_shndx == SHN_UNDEF)
			continue;
		name = elf_strptr(elf, header->sh_link, s.st_name);
		if (!name)
			continue;
		HASH_FIND_STR(names, name, found);
		if (!found)
			continue;
		r->nodes[found->node].bytes += s.st_size;
		r->nodes[found->node].in_kernel = true;
	}
}

/* Sizes of what is in the linked kernel; code that was inlined counts where it is. */
static void read_sizes(struct recorded *r)
{
	char *path = xasprintf("%s/vmlinux.debug", r->directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct symbol *names = NULL, *next, *name, *all;
	Elf_Scn *section = NULL;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		die("cannot read '%s'", path);
	all = xcalloc(r->rows.n + 1, sizeof(*all));
	for (size_t i = 0; i < r->rows.n; i++) {
		if (!r->nodes[i].live || !*r->nodes[i].name)
			continue;
		all[i].name = r->nodes[i].name;
		all[i].node = i;
		HASH_FIND_STR(names, all[i].name, name);
		if (!name)
			HASH_ADD_KEYPTR(hh, names, all[i].name, strlen(all[i].name), &all[i]);
	}
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			take_symbols(elf, section, &header, names, r);
	}
	HASH_ITER(hh, names, name, next)
	HASH_DEL(names, name);
	free(all);
	elf_end(elf);
	close(fd);
	free(path);
}

void xrecorded_read(struct recorded *r, const char *directory)
{
	char *path = xasprintf("%s/shake.json", directory);

	*r = (struct recorded){ .directory = directory };
	if (!fs_exists(path))
		die_hint("build with SHAKE=full (the default) or SHAKE=syscalls",
			 "the generation in '%s' was not shaken, so there is nothing to explain",
			 directory);
	r->shake = xjson_read(path);
	free(path);
	path = xasprintf("%s/syscalls.json", directory);
	r->syscalls = xjson_read(path);
	free(path);
	read_nodes(r);
	read_edges(r);
	read_roots(r);
	read_sizes(r);
}

/* Static functions of one name have names of their own (bitcode/names.h); one asks for the source's. */
static bool is_named(const char *symbol, const char *name)
{
	static const char unique[] = ".__uniq.";
	size_t length = strlen(name);

	return !strncmp(symbol, name, length) &&
	       (!symbol[length] || !strncmp(symbol + length, unique, strlen(unique)));
}

long recorded_find(const struct recorded *r, const char *name)
{
	long found = -1;

	for (size_t i = 0; i < r->rows.n; i++)
		if (is_named(r->nodes[i].name, name) && strcmp(r->nodes[i].kind, "symbol") &&
		    (found < 0 || (r->nodes[i].live && !r->nodes[found].live)))
			found = (long)i;
	return found;
}

const json_t *recorded_cut(const struct recorded *r, unsigned number)
{
	return json_array_get(json_object_get(r->shake, "cuts"), number - 1);
}

const json_t *recorded_syscall_of(const struct recorded *r, long node, bool *kept)
{
	static const char *const lists[] = { "kept", "dropped" };
	json_t *syscalls = json_object_get(r->shake, "syscalls"), *call;
	size_t i;

	for (size_t l = 0; l < 2; l++)
		json_array_foreach(json_object_get(syscalls, lists[l]), i, call) {
			const char *handler = json_string_value(json_object_get(call, "handler"));

			if (handler && !strcmp(handler, r->nodes[node].name)) {
				*kept = !l;
				return call;
			}
		}
	return NULL;
}

char *recorded_initcall(const struct recorded_node *node)
{
	return strcmp(node->kind, "assembly") ? NULL : initcall_name(node->section, node->name);
}
