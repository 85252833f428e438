/* SPDX-License-Identifier: MIT */
#include "report_size.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/json.h"
#include "../pipeline/lib/util.h"
#include "report_symbols.h"

static const char kernel[] = "vmlinux";

/* The source file of a kernel's symbol, by its name in bitcode. */
struct source {
	const char *name, *file;
	UT_hash_handle hh;
};

struct shaken {
	json_t *shake; /* NULL: the image was not shaken */
	json_t *name, *file, *kind, *live, *cut, *instructions;
	size_t count;
	struct source *sources;
};

static const char *string_at(const json_t *array, size_t i)
{
	const char *text = json_string_value(json_array_get(array, i));

	return text ? text : "";
}

static uint64_t number_at(const json_t *array, size_t i)
{
	json_int_t value = json_integer_value(json_array_get(array, i));

	return value > 0 ? (uint64_t)value : 0;
}

static void read_shaken(struct shaken *s, const struct report_generation *g)
{
	*s = (struct shaken){ .shake = g->shake };
	s->name = report_value(s->shake, "nodes.name");
	s->file = report_value(s->shake, "nodes.file");
	s->kind = report_value(s->shake, "nodes.kind");
	s->live = report_value(s->shake, "nodes.live");
	s->cut = report_value(s->shake, "nodes.cut");
	s->instructions = report_value(s->shake, "nodes.instructions");
	s->count = json_array_size(s->name);
	for (size_t i = 0; i < s->count; i++) {
		struct source *found;
		const char *name = string_at(s->name, i);

		if (!*string_at(s->file, i) || !number_at(s->live, i))
			continue;
		HASH_FIND_STR(s->sources, name, found);
		if (found)
			continue;
		found = xcalloc(1, sizeof(*found));
		found->name = name;
		found->file = string_at(s->file, i);
		HASH_ADD_KEYPTR(hh, s->sources, found->name, strlen(found->name), found);
	}
}

/* Suffixes that the optimizer puts behind a name are taken off, one by one. */
static const char *source_of(const struct shaken *s, const char *symbol)
{
	char *name = xstrdup(symbol), *dot;
	struct source *found;

	HASH_FIND_STR(s->sources, name, found);
	while (!found && (dot = strrchr(name, '.')) && dot != name) {
		*dot = 0;
		HASH_FIND_STR(s->sources, name, found);
	}
	free(name);
	return found ? found->file : NULL;
}

static void add_symbol(struct report_tree *unit, const struct report_symbol *s, bool is_kernel,
		       const struct shaken *shaken)
{
	const char *file = s->file;

	if (s->is_rest) {
		report_tree_add(unit, "(no symbol: strings, tables, padding)", NULL, s->name,
				s->bytes, 0);
		return;
	}
	if (!file && is_kernel)
		file = source_of(shaken, s->name);
	if (file) /* all of the kernel is one component */
		report_tree_add(unit, is_kernel ? NULL : s->component, file, s->name, s->bytes, 0);
	else
		report_tree_add(unit, s->is_code ? "(code without source)" : "(data)", NULL,
				s->name, s->bytes, 0);
}

/* Units are told apart by their name; a tree below `root` is made for each. */
static struct report_tree *unit_of(struct report_tree *root, const char *name)
{
	struct report_tree *unit = report_tree_new(name);

	HASH_ADD_KEYPTR(hh, root->children, unit->name, strlen(unit->name), unit);
	return unit;
}

static void add_unit(struct report_size *size, const struct report_generation *g, const char *name,
		     const struct shaken *shaken)
{
	bool is_kernel = !strcmp(name, kernel);
	double initramfs = report_number(g->manifest, "initramfs_bytes");
	char *path = xasprintf("%s/%s.debug", g->directory, name);
	struct report_symbols symbols;
	struct report_tree *unit;
	char *why = report_symbols_read(&symbols, path, is_kernel,
					initramfs > 0 ? (uint64_t)initramfs : 0);

	if (why) {
		size->unreadable =
			xasprintf("%s%s.debug of generation %u %s. ",
				  size->unreadable ? size->unreadable : "", name, g->number, why);
		return;
	}
	if (!size->kept)
		size->kept = report_tree_new("image");
	unit = unit_of(size->kept, name);
	for (size_t i = 0; i < symbols.count; i++)
		add_symbol(unit, &symbols.symbols[i], is_kernel, shaken);
	/* the kernel has a tree of what was dropped beside it: the same steps in both */
	if (!is_kernel)
		report_tree_collapse(unit);
	size->kept->bytes += unit->bytes;
	size->kept->symbols += unit->symbols;
	free(symbols.symbols);
}

/* Instructions of the functions that stayed, in bitcode. */
static uint64_t live_instructions(const struct shaken *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->count; i++)
		if (number_at(s->live, i))
			sum += number_at(s->instructions, i);
	return sum;
}

static void add_dropped(struct report_size *size, const struct shaken *s)
{
	struct report_tree *unit = report_tree_new(kernel);

	for (size_t i = 0; i < s->count; i++) {
		uint64_t instructions = number_at(s->instructions, i);
		const char *file = string_at(s->file, i);
		double bytes = (double)instructions * size->bytes_per_instruction;

		if (number_at(s->live, i) || !instructions || !*string_at(s->name, i))
			continue;
		report_tree_add(unit, NULL, *file ? file : "(no source known)",
				string_at(s->name, i), (uint64_t)(bytes + 0.5),
				(unsigned)number_at(s->cut, i));
		size->dropped_functions++;
	}
	if (!size->dropped_functions)
		return;
	size->dropped = report_tree_new("image");
	size->dropped->bytes = unit->bytes;
	size->dropped->symbols = unit->symbols;
	HASH_ADD_KEYPTR(hh, size->dropped->children, unit->name, strlen(unit->name), unit);
}

/* What is in the image and in no unit, so that the whole is the size of the file. */
static void add_others(struct report_size *size, const struct report_generation *g)
{
	double image = report_number(g->manifest, "image.bytes");

	if (size->kept && !size->unreadable && image > (double)size->kept->bytes)
		report_tree_add(size->kept, NULL, NULL, "(other files, headers)",
				(uint64_t)image - size->kept->bytes, 0);
}

static json_t *reasons(const struct shaken *s)
{
	json_t *list = json_array(), *cut;
	size_t i;

	json_array_foreach(json_object_get(s->shake, "cuts"), i, cut) {
		const char *class = json_string_value(json_object_get(cut, "class"));
		const char *name = json_string_value(json_object_get(cut, "name"));

		json_array_append_new(
			list, json_sprintf("%s %s", class ? class : "cut", name ? name : ""));
	}
	return list;
}

void report_size_read(struct report_size *size, const struct report_generation *g)
{
	double text = report_number(g->manifest, "kernel.text_bytes");
	struct strlist names = STRLIST_INIT;
	struct shaken shaken;
	uint64_t live;

	*size = (struct report_size){ 0 };
	read_shaken(&shaken, g);
	fs_list(&names, g->directory);
	for (size_t i = 0; i < names.n; i++) {
		char *dot = strrchr(names.v[i], '.');

		if (!dot || strcmp(dot, ".debug"))
			continue;
		*dot = 0;
		add_unit(size, g, names.v[i], &shaken);
	}
	add_others(size, g);
	size->reasons = reasons(&shaken);
	live = live_instructions(&shaken);
	if (live && text > 0) {
		size->bytes_per_instruction = text / (double)live;
		add_dropped(size, &shaken);
	}
}
