/* SPDX-License-Identifier: MIT */
#include "known.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/generation.h"
#include "../pipeline/lib/util.h"
#include "../profiles/code.h"

enum { SHORT_ID = 12 }; /* digits of a build id that a person is shown */

const char *known_name(const struct known *k, enum unit unit)
{
	return unit == UNIT_KERNEL ? "vmlinux" : unit == UNIT_APP ? k->app : "init";
}

static void find_code(struct known_unit *u, Elf *elf)
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

/* What cannot be read has no build id, and is never found. */
static void read_unit(struct known_unit *u, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *error = code_build_id(path, u->build_id);
	Elf *elf;

	if (error)
		*u->build_id = '\0';
	free(error);
	if (fd < 0)
		return;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && !error)
		find_code(u, elf);
	elf_end(elf);
	close(fd);
}

static void widen(struct known_unit *all, const struct known_unit *u)
{
	if (u->start == u->end)
		return;
	if (all->start == all->end)
		*all = *u;
	all->start = u->start < all->start ? u->start : all->start;
	all->end = u->end > all->end ? u->end : all->end;
}

void xknown_read(struct known *k, const char *out, const char *app)
{
	unsigned *numbers;

	*k = (struct known){ .out = out, .app = app };
	k->n = generation_list(out, app, &numbers);
	if (!k->n)
		die_hint(xasprintf("build one: make image APP=%s", app),
			 "there is no image of '%s' in '%s' that counts could be of", app, out);
	k->v = xcalloc(k->n, sizeof(*k->v));
	for (size_t i = 0; i < k->n; i++) {
		struct known_generation *g = &k->v[i];

		g->number = numbers[i];
		g->directory = xasprintf("%s/%s/%u", out, app, g->number);
		for (enum unit unit = 0; unit < UNITS; unit++) {
			char *path = xasprintf("%s/%s.debug", g->directory, known_name(k, unit));

			read_unit(&g->units[unit], path);
			widen(&k->all[unit], &g->units[unit]);
			free(path);
		}
	}
	free(numbers);
}

enum unit known_unit_at(const struct known *k, uint64_t address)
{
	for (enum unit unit = 0; unit < UNITS; unit++)
		if (address >= k->all[unit].start && address < k->all[unit].end)
			return unit;
	return UNIT_NONE;
}

const struct known_generation *known_by_id(const struct known *k, enum unit unit, const char *id)
{
	for (size_t i = k->n; *id && i-- > 0;)
		if (!strcmp(k->v[i].units[unit].build_id, id))
			return &k->v[i];
	return NULL;
}

const struct known_generation *xknown_number(const struct known *k, const char *number)
{
	char *directory = xgeneration_directory(k->out, k->app, number);

	for (size_t i = 0; i < k->n; i++)
		if (!strcmp(k->v[i].directory, directory)) {
			free(directory);
			return &k->v[i];
		}
	die_hint(xasprintf("'make generations APP=%s' lists them", k->app),
		 "'%s' has no generation '%s'", k->app, number);
}

bool known_is_mapped(const struct known *k, enum unit unit, uint64_t start, uint64_t offset)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].units[unit].start < k->v[i].units[unit].end &&
		    start - offset == k->v[i].units[unit].load_offset)
			return true;
	return false;
}

static const char *or_none(const char *id)
{
	return *id ? id : "none";
}

char *known_list(const struct known *k)
{
	struct strlist lines = STRLIST_INIT;
	char *text;

	for (size_t i = 0; i < k->n; i++)
		strlist_pushf(&lines, "%u: vmlinux %.*s, %s %.*s", k->v[i].number, SHORT_ID,
			      or_none(k->v[i].units[UNIT_KERNEL].build_id), k->app, SHORT_ID,
			      or_none(k->v[i].units[UNIT_APP].build_id));
	text = strlist_join(&lines, "; ");
	strlist_release(&lines);
	return text;
}

static bool has_id(const char *directory, const char *name, const char *id)
{
	char *path = xasprintf("%s/%s.debug", directory, name), found[129] = "";
	bool same;

	free(code_build_id(path, found));
	same = !strcmp(found, id);
	free(path);
	return same;
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

char *known_elsewhere(const struct known *k, const char *id)
{
	struct strlist apps = STRLIST_INIT;
	char *found = NULL;

	if (!*id)
		return NULL;
	generation_apps(k->out, &apps);
	for (size_t i = 0; !found && i < apps.n; i++)
		if (strcmp(apps.v[i], k->app))
			found = look_in(k->out, apps.v[i], id);
	strlist_release(&apps);
	return found;
}
