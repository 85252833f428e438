/* SPDX-License-Identifier: MIT */
#include "needed.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

/* What is read of one file. */
struct facts {
	struct strlist libraries; /* DT_NEEDED */
	struct strlist modules;	  /* depends= */
	char *interpreter;
};

static void read_dynamic(struct facts *f, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Dyn entry;

	for (size_t i = 0; data && i < count; i++) {
		const char *name;

		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		if (name)
			strlist_push(&f->libraries, name);
	}
}

/* Strings of "key=value", each with a NUL behind it. */
static void read_modinfo(struct facts *f, Elf_Scn *section)
{
	static const char key[] = "depends=";
	Elf_Data *data = elf_getdata(section, NULL);
	const char *at = data ? data->d_buf : NULL, *end = at ? at + data->d_size : NULL;

	while (at && at < end && memchr(at, '\0', (size_t)(end - at))) {
		if (!strncmp(at, key, strlen(key))) {
			char *names = xstrdup(at + strlen(key)), *save;

			for (char *name = strtok_r(names, ",", &save); name;
			     name = strtok_r(NULL, ",", &save))
				strlist_push(&f->modules, name);
			free(names);
		}
		at += strlen(at) + 1;
	}
}

static void read_section(struct facts *f, Elf *elf, Elf_Scn *section)
{
	size_t names;
	GElf_Shdr header;
	const char *name;
	Elf_Data *data;

	if (!gelf_getshdr(section, &header) || elf_getshdrstrndx(elf, &names))
		return;
	name = elf_strptr(elf, names, header.sh_name);
	if (header.sh_type == SHT_DYNAMIC)
		read_dynamic(f, elf, section, &header);
	else if (name && !strcmp(name, ".modinfo"))
		read_modinfo(f, section);
	else if (name && !strcmp(name, ".interp") && (data = elf_getdata(section, NULL)))
		f->interpreter = xstrndup(data->d_buf, data->d_size);
}

static void read_facts(struct facts *f, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	Elf *elf;

	*f = (struct facts){ 0 };
	if (fd < 0)
		die("cannot read '%s': %s", path, strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		die("'%s' is not an ELF file", path);
	while ((section = elf_nextscn(elf, section)))
		read_section(f, elf, section);
	elf_end(elf);
	close(fd);
}

/* The first path whose last part is `base`, or NULL. */
static const char *find(const struct strlist *tree, const char *base)
{
	for (size_t i = 0; i < tree->n; i++)
		if (!strcmp(fs_base(tree->v[i]), base))
			return tree->v[i];
	return NULL;
}

struct search {
	const char *directory;
	struct strlist tree; /* all paths below it */
	struct strlist *found;
};

static void add_libraries(struct search *s, const char *path, char **interpreter)
{
	struct facts f;

	read_facts(&f, path);
	if (interpreter)
		*interpreter = f.interpreter;
	for (size_t i = 0; i < f.libraries.n; i++) {
		const char *library = find(&s->tree, f.libraries.v[i]);
		char *below;

		if (!library)
			die_hint("add the package that has it to the peer's line '# peer packages'",
				 "'%s' needs %s, which is in none of the packages", path,
				 f.libraries.v[i]);
		if (strlist_has(s->found, library))
			continue;
		strlist_push(s->found, library);
		below = xasprintf("%s/%s", s->directory, library);
		add_libraries(s, below, NULL);
		free(below);
	}
	strlist_release(&f.libraries);
}

void xneeded_libraries(struct strlist *paths, char **interpreter, const char *program,
		       const char *packages)
{
	struct search s = { packages, STRLIST_INIT, paths };

	xfs_tree(&s.tree, packages, false);
	add_libraries(&s, program, interpreter);
	strlist_sort(paths);
	strlist_release(&s.tree);
}

/* A module's file may have '-' where its name has '_'. */
static const char *find_module(const struct strlist *tree, const char *name)
{
	char *base = xasprintf("%s.ko", name);
	const char *found = NULL;

	for (size_t i = 0; !found && i < tree->n; i++) {
		char *file = xstrdup(fs_base(tree->v[i]));

		for (char *c = file; *c; c++)
			*c = *c == '-' ? '_' : *c;
		found = strcmp(file, base) ? NULL : tree->v[i];
		free(file);
	}
	free(base);
	return found;
}

static void add_module(struct search *s, const char *name, const char *for_whom)
{
	const char *module = find_module(&s->tree, name);
	struct facts f;
	char *path;

	if (!module)
		die("the module %s, which %s needs, is not below '%s'", name, for_whom,
		    s->directory);
	if (strlist_has(s->found, module))
		return;
	path = xasprintf("%s/%s", s->directory, module);
	read_facts(&f, path);
	for (size_t i = 0; i < f.modules.n; i++)
		add_module(s, f.modules.v[i], name);
	strlist_push(s->found, module);
	strlist_release(&f.modules);
	free(path);
}

void xneeded_modules(struct strlist *paths, const struct strlist *names, const char *directory)
{
	struct search s = { directory, STRLIST_INIT, paths };

	xfs_tree(&s.tree, directory, false);
	for (size_t i = 0; i < names->n; i++)
		add_module(&s, names->v[i], "the peer");
	strlist_release(&s.tree);
}
