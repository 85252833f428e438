/* SPDX-License-Identifier: MIT */
#include "components.h"

#include <elfutils/libdw.h>
#include <dwarf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/strlist.h"
#include "pipeline/lib/util.h"
#include "profiles/subject.h"

#define UPPER_HALF (UINT64_C(1) << 63)

/* "musl", "musl-oldmalloc": variants of one libc. */
static bool is_libc(const char *name)
{
	return !strcmp(name, "musl") || !strncmp(name, "musl-", 5);
}

/* Names of the components that are neither the libc, the kernel, init nor the app. */
static void library_names(struct strlist *names, const json_t *manifest)
{
	const char *app = json_string_value(json_object_get(manifest, "app"));
	const json_t *all = json_object_get(manifest, "components"), *one;
	size_t i;

	json_array_foreach(all, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));

		if (name && app && strcmp(name, app) && strcmp(name, "linux") &&
		    strcmp(name, "init") && !is_libc(name))
			strlist_push(names, name);
	}
}

/* "/zlib-1:1.2.13.dfsg" is of "zlib": the version begins at the last dash before a digit. */
static char *name_of_directory(const char *directory)
{
	char *name = xstrdup(directory + strspn(directory, "/"));

	for (char *dash = name; (dash = strchr(dash, '-')); dash++)
		if (dash[1] >= '0' && dash[1] <= '9') {
			*dash = '\0';
			break;
		}
	name[strcspn(name, "/")] = '\0';
	return name;
}

static enum component component_of_name(const char *name, const struct strlist *libraries)
{
	if (is_libc(name))
		return COMPONENT_LIBC;
	return strlist_has(libraries, name) ? COMPONENT_LIBRARIES : COMPONENT_APP;
}

static void add(struct components *c, uint64_t start, uint64_t end, enum component component)
{
	if (!start || start >= end) /* dropped by the linker */
		return;
	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	c->v[c->n++] = (struct component_range){ start, end, component };
}

static void add_unit(struct components *c, Dwarf_Die *unit, const struct strlist *libraries)
{
	Dwarf_Addr base, start, end;
	Dwarf_Attribute attribute;
	ptrdiff_t at = 0;
	const char *directory = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
	enum component component = COMPONENT_OTHER;

	if (directory) {
		char *name = name_of_directory(directory);

		component = component_of_name(name, libraries);
		free(name);
	}
	while ((at = dwarf_ranges(unit, at, &base, &start, &end)) > 0)
		add(c, start, end, component);
}

static int by_start(const void *a, const void *b)
{
	const struct component_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void read_code(struct components *c, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	c->image_start = UINT64_MAX;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_EXECINSTR))
			continue;
		if (header.sh_addr < c->image_start)
			c->image_start = header.sh_addr;
		if (header.sh_addr + header.sh_size > c->image_end)
			c->image_end = header.sh_addr + header.sh_size;
	}
}

static void read_program(struct components *c, const char *path, const struct strlist *libraries)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Dwarf *dwarf = fd < 0 ? NULL : dwarf_begin(fd, DWARF_C_READ);
	Dwarf_CU *unit = NULL;
	Dwarf_Half version;
	uint8_t type;
	Dwarf_Die root;

	if (!dwarf)
		die("cannot read the debug information of '%s': %s", path,
		    fd < 0 ? strerror(errno) : dwarf_errmsg(-1));
	read_code(c, dwarf_getelf(dwarf));
	while (!dwarf_get_units(dwarf, unit, &unit, &version, &type, &root, NULL))
		add_unit(c, &root, libraries);
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_start);
	dwarf_end(dwarf);
	close(fd);
}

/* ".../capsules/musl-oldmalloc-751bbb574952ef47/modules/..." */
static char *component_of_path(const char *path)
{
	static const char key[] = "/capsules/";
	const char *at = strstr(path, key), *slash;
	char *name, *dash;

	if (!at)
		return NULL;
	at += strlen(key);
	slash = strchrnul(at, '/');
	name = xstrndup(at, (size_t)(slash - at));
	dash = strrchr(name, '-');
	if (dash)
		*dash = '\0';
	return name;
}

/* The component of the program's native modules, if it is the same for all. */
static enum component component_of_assembly(const json_t *plan, const char *app,
					    const struct strlist *libraries)
{
	const json_t *units = json_object_get(plan, "units"), *unit, *module;
	enum component found = COMPONENT_COUNT;
	size_t i, k;

	json_array_foreach(units, i, unit) {
		const char *name = json_string_value(json_object_get(unit, "name"));
		const json_t *modules = json_object_get(unit, "modules");

		if (!name || strcmp(name, app))
			continue;
		json_array_foreach(modules, k, module) {
			const char *kind = json_string_value(json_object_get(module, "kind"));
			const char *path = json_string_value(json_object_get(module, "path"));
			char *of = kind && path && !strcmp(kind, "native") ? component_of_path(path)
									   : NULL;
			enum component this;

			if (!of)
				continue;
			this = component_of_name(of, libraries);
			free(of);
			if (found != COMPONENT_COUNT && found != this)
				return COMPONENT_OTHER;
			found = this;
		}
	}
	return found == COMPONENT_COUNT ? COMPONENT_OTHER : found;
}

/* A peer's regions have the names of components, or other ones: then they are user code. */
static void read_peer(struct components *c, const char *directory)
{
	struct subject subject;

	xsubject_read(&subject, directory, NULL, NULL);
	for (size_t r = 0; r < subject.region_count; r++) {
		const struct ranges *code = &subject.regions[r].map->code;
		enum component component = COMPONENT_KERNEL;

		while (component < COMPONENT_USER &&
		       strcmp(subject.regions[r].name, component_names[component]))
			component++;
		for (size_t i = 0; i < code->n; i++)
			add(c, code->v[i].start, code->v[i].end, component);
	}
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_start);
	c->image_start = UINT64_MAX;
	json_decref(subject.build_ids);
}

void xcomponents_read(struct components *c, const char *directory)
{
	char *manifest_path = xasprintf("%s/manifest.json", directory);
	struct strlist libraries = STRLIST_INIT;
	json_t *manifest, *plan;
	const char *app;

	*c = (struct components){ .elsewhere = COMPONENT_USER };
	if (!fs_exists(manifest_path)) {
		read_peer(c, directory);
		free(manifest_path);
		return;
	}
	manifest = xjson_read(manifest_path);
	plan = xjson_read(xasprintf("%s/plan.json", directory));
	app = xjson_string(manifest, "app", manifest_path);
	library_names(&libraries, manifest);
	c->elsewhere = COMPONENT_OTHER;
	c->assembly = component_of_assembly(plan, app, &libraries);
	read_program(c, xasprintf("%s/%s.debug", directory, app), &libraries);
	json_decref(manifest);
	json_decref(plan);
	strlist_release(&libraries);
	free(manifest_path);
}

enum component component_of(const struct components *c, uint64_t address)
{
	size_t low = 0, high = c->n;

	if (address >= UPPER_HALF)
		return COMPONENT_KERNEL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address >= c->v[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < c->n && address >= c->v[low].start)
		return c->v[low].component;
	return address >= c->image_start && address < c->image_end ? c->assembly : c->elsewhere;
}

void components_release(struct components *c)
{
	free(c->v);
	*c = (struct components){ 0 };
}
