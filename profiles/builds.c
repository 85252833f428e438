/* SPDX-License-Identifier: MIT */
#include "builds.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/generation.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "elfmap.h"

enum { SHORT_ID = 12 }; /* digits of a build id that a person is shown */

const char *builds_unit_name(const struct builds *b, enum unit unit)
{
	return unit == UNIT_KERNEL ? "vmlinux" : unit == UNIT_APP ? b->app : "init";
}

static void find_code(struct build_unit *u, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr h;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &h) || !h.sh_size || h.sh_type != SHT_PROGBITS ||
		    (h.sh_flags & (SHF_ALLOC | SHF_EXECINSTR)) != (SHF_ALLOC | SHF_EXECINSTR))
			continue;
		if (u->start == u->end) {
			u->start = h.sh_addr;
			u->load_offset = h.sh_addr - h.sh_offset;
		}
		u->start = h.sh_addr < u->start ? h.sh_addr : u->start;
		u->end = h.sh_addr + h.sh_size > u->end ? h.sh_addr + h.sh_size : u->end;
	}
}

/* Leaves it empty if there is none. */
static void find_build_id(char id[129], Elf *elf)
{
	const void *bytes = NULL;
	ssize_t n = dwelf_elf_gnu_build_id(elf, &bytes);

	for (ssize_t i = 0; n <= 64 && i < n; i++)
		snprintf(id + 2 * i, 3, "%02x", ((const uint8_t *)bytes)[i]);
}

/* What cannot be read has no build id, and is never found. */
static void read_unit(struct build_unit *u)
{
	int fd = open(u->path, O_RDONLY | O_CLOEXEC);
	Elf *elf;

	if (fd < 0)
		return;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getclass(elf) == ELFCLASS64) {
		find_build_id(u->build_id, elf);
		find_code(u, elf);
	}
	elf_end(elf);
	close(fd);
}

static void widen(struct build_unit *all, const struct build_unit *u)
{
	if (u->start == u->end)
		return;
	if (all->start == all->end)
		*all = *u;
	all->start = u->start < all->start ? u->start : all->start;
	all->end = u->end > all->end ? u->end : all->end;
}

size_t builds_read(struct builds *b, const char *out, const char *app)
{
	unsigned *numbers;

	*b = (struct builds){ .out = out, .app = app };
	b->n = generation_list(out, app, &numbers);
	b->v = xcalloc(b->n + 1, sizeof(*b->v));
	for (size_t i = 0; i < b->n; i++) {
		struct build *build = &b->v[i];

		build->number = numbers[i];
		build->directory = xasprintf("%s/%s/%u", out, app, build->number);
		for (enum unit unit = 0; unit < UNITS; unit++) {
			struct build_unit *u = &build->units[unit];

			u->path = xasprintf("%s/%s.debug", build->directory,
					    builds_unit_name(b, unit));
			read_unit(u);
			widen(&b->all[unit], u);
		}
	}
	free(numbers);
	return b->n;
}

enum unit builds_unit_at(const struct builds *b, uint64_t address)
{
	for (enum unit unit = 0; unit < UNITS; unit++)
		if (address >= b->all[unit].start && address < b->all[unit].end)
			return unit;
	return UNIT_NONE;
}

static bool has_ids(const struct build *build, const char *const ids[UNITS])
{
	for (enum unit unit = 0; unit < UNITS; unit++)
		if (ids[unit] && (!*ids[unit] || strcmp(build->units[unit].build_id, ids[unit])))
			return false;
	return true;
}

struct build *builds_find(const struct builds *b, const char *const ids[UNITS], uint64_t preferred)
{
	struct build *found = NULL;

	for (size_t i = b->n; i-- > 0;)
		if (has_ids(&b->v[i], ids) && (!found || b->v[i].number == preferred))
			found = &b->v[i];
	return found;
}

const struct build *builds_by_id(const struct builds *b, enum unit unit, const char *id)
{
	const char *ids[UNITS] = { NULL };

	ids[unit] = id;
	return builds_find(b, ids, UINT64_MAX);
}

const struct build *xbuilds_number(const struct builds *b, const char *number)
{
	char *directory = xgeneration_directory(b->out, b->app, number);

	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->v[i].directory, directory)) {
			free(directory);
			return &b->v[i];
		}
	die_hint(xasprintf("'make generations APP=%s' lists them", b->app),
		 "'%s' has no generation '%s'", b->app, number);
}

bool builds_is_mapped(const struct builds *b, enum unit unit, uint64_t start, uint64_t offset)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].units[unit].start < b->v[i].units[unit].end &&
		    start - offset == b->v[i].units[unit].load_offset)
			return true;
	return false;
}

static const char *or_none(const char *id)
{
	return *id ? id : "none";
}

char *builds_list(const struct builds *b)
{
	struct strlist lines = STRLIST_INIT;
	char *text;

	for (size_t i = 0; i < b->n; i++)
		strlist_pushf(&lines, "%u: vmlinux %.*s, %s %.*s", b->v[i].number, SHORT_ID,
			      or_none(b->v[i].units[UNIT_KERNEL].build_id), b->app, SHORT_ID,
			      or_none(b->v[i].units[UNIT_APP].build_id));
	text = strlist_join(&lines, "; ");
	strlist_release(&lines);
	return text;
}

static bool has_id(const char *directory, const char *name, const char *id)
{
	struct build_unit u = { .path = xasprintf("%s/%s.debug", directory, name) };

	read_unit(&u);
	free(u.path);
	return !strcmp(u.build_id, id);
}

/* NULL, or the sentence for an app that has it. */
static char *look_in(const char *out, const char *app, const char *id)
{
	unsigned *numbers;
	size_t n = generation_list(out, app, &numbers);
	char *found = NULL;

	while (!found && n-- > 0) {
		char *directory = xasprintf("%s/%s/%u", out, app, numbers[n]);

		if (has_id(directory, "vmlinux", id) || has_id(directory, app, id))
			found = xasprintf("generation %u of %s has the build id %.*s: APP=%s",
					  numbers[n], app, SHORT_ID, id, app);
		free(directory);
	}
	free(numbers);
	return found;
}

char *builds_elsewhere(const struct builds *b, const char *id)
{
	struct strlist apps = STRLIST_INIT;
	char *found = NULL;

	if (!*id)
		return NULL;
	generation_apps(b->out, &apps);
	for (size_t i = 0; !found && i < apps.n; i++)
		if (strcmp(apps.v[i], b->app))
			found = look_in(b->out, apps.v[i], id);
	strlist_release(&apps);
	return found;
}

const struct ranges *build_code(struct build *build, enum unit unit)
{
	struct build_unit *u = &build->units[unit];

	if (!u->has_code && u->path && fs_exists(u->path)) {
		struct elfmap map;

		xelfmap_read(&map, u->path);
		u->code = map.code;
		for (size_t i = 0; i < map.symbol_count; i++)
			free((char *)map.symbols[i].name);
		free(map.symbols);
	}
	u->has_code = true;
	return &u->code;
}
