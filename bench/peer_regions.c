/* SPDX-License-Identifier: MIT */
#include "peer_regions.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

enum { PAGE_BYTES = 4096 };

static const char *file_for(const struct strlist *elfs, const char *name)
{
	size_t bytes = strlen(name);

	for (size_t i = 0; i < elfs->n; i++)
		if (!strncmp(elfs->v[i], name, bytes) && elfs->v[i][bytes] == '=')
			return elfs->v[i] + bytes + 1;
	return NULL;
}

/* What the mapping is called; NULL: none of a file's (the vDSO is the kernel's, wherever it is). */
static const char *region_of(const struct survey_map *m, const char *program)
{
	const char *base = fs_base(m->file);

	if (m->file[0] != '/')
		return NULL;
	if (!strcmp(m->file, program))
		return "app";
	return !strncmp(base, "libc.so", 7) || !strncmp(base, "libc-", 5) ? "libc" : "libraries";
}

/* What is added to the ELF's addresses where its code is mapped as in `m`. */
static uint64_t base_of(const char *path, const struct survey_map *m)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t base = 0;
	GElf_Phdr header;
	size_t count = 0;
	bool found = false;
	Elf *elf;

	if (fd < 0)
		die("cannot read '%s': %s", path, strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_getphdrnum(elf, &count))
		die("'%s' is not an ELF program", path);
	for (size_t i = 0; i < count && !found; i++) {
		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD ||
		    !(header.p_flags & PF_X))
			continue;
		found = (header.p_offset & -(uint64_t)PAGE_BYTES) == m->offset;
		base = m->start - (header.p_vaddr & -(uint64_t)PAGE_BYTES);
	}
	if (!found)
		die("'%s' is not the file that the guest has mapped as '%s'", path, m->file);
	elf_end(elf);
	close(fd);
	return base;
}

static json_t *address_json(uint64_t address)
{
	char *text = xasprintf("0x%" PRIx64, address);
	json_t *value = json_string(text);

	free(text);
	return value;
}

static bool is_there(const json_t *regions, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(regions, i, one)
		if (!strcmp(json_string_value(json_object_get(one, "name")), name))
			return true;
	return false;
}

json_t *xpeer_regions(const struct survey *s, const char *program, const struct strlist *elfs,
		      const char *directory)
{
	const char *kernel = file_for(elfs, "kernel");
	json_t *regions = json_array();
	bool app = false;

	json_array_append_new(regions, json_pack("{s:s, s:s}", "name", "kernel", "elf", kernel));
	for (size_t i = 0; i < s->map_count; i++) {
		const struct survey_map *m = &s->maps[i];
		const char *name = region_of(m, program), *elf;

		if (!name)
			continue;
		app |= !strcmp(name, "app");
		elf = file_for(elfs, name);
		if (elf && !is_there(regions, name)) {
			char *path = xasprintf("%s/%s", directory, elf);

			json_array_append_new(regions,
					      json_pack("{s:s, s:s, s:o}", "name", name, "elf", elf,
							"base", address_json(base_of(path, m))));
			free(path);
			continue;
		}
		json_array_append_new(regions, json_pack("{s:s, s:o, s:o}", "name", name, "start",
							 address_json(m->start), "end",
							 address_json(m->end)));
	}
	if (!app)
		die("the guest has no code of '%s' mapped: does the app run?", program);
	return regions;
}
