/* SPDX-License-Identifier: MIT */
#include "known.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/generation.h"
#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "../profiles/elfmap.h"

bool build_id_is_given(const uint8_t id[BUILD_ID_BYTES])
{
	static const uint8_t none[BUILD_ID_BYTES];

	return memcmp(id, none, BUILD_ID_BYTES) != 0;
}

void build_id_print(char *hex, const uint8_t id[BUILD_ID_BYTES])
{
	for (size_t i = 0; i < BUILD_ID_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
}

const char *known_unit_name(const struct known *k, enum collector_unit unit)
{
	return unit == UNIT_KERNEL ? "vmlinux" : unit == UNIT_APP ? k->app : "init";
}

/* False if the file is not there, or has no build id of 20 bytes. */
static bool read_build_id(uint8_t id[BUILD_ID_BYTES], const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const void *bytes = NULL;
	bool found = false;
	Elf *elf;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && dwelf_elf_gnu_build_id(elf, &bytes) == BUILD_ID_BYTES) {
		memcpy(id, bytes, BUILD_ID_BYTES);
		found = true;
	}
	elf_end(elf);
	close(fd);
	return found;
}

/* Only init may be missing. */
static bool read_generation(struct known_generation *g, const struct known *k, const char *out)
{
	for (unsigned u = 0; u < COLLECTOR_UNITS; u++) {
		struct known_unit *unit = &g->units[u];

		unit->elf = xasprintf("%s/%s/%u/%s.debug", out, k->app, g->number,
				      known_unit_name(k, u));
		if (!read_build_id(unit->build_id, unit->elf) && u != UNIT_INIT)
			return false;
	}
	return true;
}

void xknown_read(struct known *k, const char *out, const char *app)
{
	unsigned *numbers;
	size_t n = generation_list(out, app, &numbers);

	*k = (struct known){ .app = xstrdup(app), .v = xcalloc(n + 1, sizeof(*k->v)) };
	while (n-- > 0) {
		struct known_generation *g = &k->v[k->n];

		*g = (struct known_generation){ .number = numbers[n] };
		if (read_generation(g, k, out))
			k->n++;
		else
			warn("generation %u of %s has no ELF files with build ids: its guests "
			     "are not known",
			     g->number, app);
	}
	free(numbers);
	if (!k->n)
		die_hint(xasprintf("make image APP=%s COLLECT=1", app),
			 "there is no generation of '%s' in '%s'", app, out);
}

static bool has_ids(const struct known_generation *g,
		    const uint8_t ids[COLLECTOR_UNITS][BUILD_ID_BYTES])
{
	for (unsigned u = 0; u < COLLECTOR_UNITS; u++)
		if ((u != UNIT_INIT || build_id_is_given(ids[u])) &&
		    memcmp(g->units[u].build_id, ids[u], BUILD_ID_BYTES))
			return false;
	return true;
}

struct known_generation *known_find(struct known *k,
				    const uint8_t ids[COLLECTOR_UNITS][BUILD_ID_BYTES])
{
	for (size_t i = 0; i < k->n; i++)
		if (has_ids(&k->v[i], ids))
			return &k->v[i];
	return NULL;
}

const struct ranges *known_code(struct known_generation *g, enum collector_unit unit)
{
	struct known_unit *u = &g->units[unit];

	if (!u->has_code && u->elf && fs_exists(u->elf)) {
		struct elfmap map;

		xelfmap_read(&map, u->elf);
		u->code = map.code;
		for (size_t i = 0; i < map.symbol_count; i++)
			free((char *)map.symbols[i].name);
		free(map.symbols);
	}
	u->has_code = true;
	return &u->code;
}
