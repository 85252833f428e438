/* SPDX-License-Identifier: MIT */
#include "subject.h"

#include <stdlib.h>
#include <string.h>

#include "bench/peerfile.h"
#include "pipeline/lib/fs.h"
#include "pipeline/lib/json.h"
#include "pipeline/lib/util.h"

/* The region whose code is where that of `map` is, or NULL. */
static const char *overlapped(const struct subject *s, const struct elfmap *map)
{
	for (size_t i = 0; i < s->region_count; i++)
		for (size_t c = 0; c < map->code.n; c++)
			if (ranges_overlapping(&s->regions[i].map->code, map->code.v[c].start,
					       map->code.v[c].end))
				return s->regions[i].name;
	return NULL;
}

static _Noreturn void refuse(const char *name, const char *other)
{
	die("the code of %s and of %s is at the same addresses: they cannot be told apart", name,
	    other);
}

static struct elfmap *next_map(const struct subject *s, const char *name)
{
	if (s->region_count == SUBJECT_REGIONS_MAX)
		die("there are more than %d regions of code: %s is one too many",
		    SUBJECT_REGIONS_MAX, name);
	return (struct elfmap *)&s->maps[s->region_count];
}

static void add_region(struct subject *s, const char *name, struct elfmap *map)
{
	s->regions[s->region_count++] = (struct symbolize_region){ name, map };
}

/* `base` is added to the addresses of the file. */
static void add_elf(struct subject *s, const char *name, const char *path, uint64_t base)
{
	struct elfmap *map = next_map(s, name);
	const char *other;

	xelfmap_read(map, path);
	elfmap_move(map, base);
	json_object_set_new(s->build_ids, name, json_string(map->build_id));
	other = overlapped(s, map);
	if (other && strcmp(name, "init"))
		refuse(name, other);
	if (other) {
		strlist_pushf(&s->left_out, "init: its code is at the addresses of %s", other);
		warn("init is left out: its code is at the addresses of %s", other);
		return;
	}
	add_region(s, name, map);
}

/* "NAME=ELF": not the generation's, but it runs there. */
static void add_program(struct subject *s, const char *program)
{
	const char *equals = program ? strchr(program, '=') : NULL;

	if (equals)
		add_elf(s, xstrndup(program, (size_t)(equals - program)), equals + 1, 0);
}

static void read_generation(struct subject *s, const char *directory, const char *app,
			    const char *program)
{
	char *manifest_path = xasprintf("%s/manifest.json", directory);
	json_t *manifest;

	add_elf(s, "vmlinux", xasprintf("%s/vmlinux.debug", directory), 0);
	add_elf(s, app, xasprintf("%s/%s.debug", directory, app), 0);
	add_program(s, program);
	add_elf(s, "init", xasprintf("%s/init.debug", directory), 0);
	s->kernel = s->regions[0].map;
	/* a candidate has no manifest yet, and is no generation */
	manifest = json_read(manifest_path);
	s->generation = json_incref(json_object_get(manifest, "generation"));
	json_decref(manifest);
	free(manifest_path);
}

static struct elfmap *map_of(struct subject *s, const char *name)
{
	for (size_t i = 0; i < s->region_count; i++)
		if (!strcmp(s->regions[i].name, name))
			return &s->maps[i];
	return NULL;
}

/* A range of its own, or one more of a region that there is. */
static void add_range(struct subject *s, const struct peer_region *r, const char *directory)
{
	struct elfmap range = { .path = directory }, *map = map_of(s, r->name);
	const char *other;

	if (ranges_add(&range.code, r->start, r->end, NULL))
		die("the range of %s ends before it starts", r->name);
	other = overlapped(s, &range);
	if (other)
		refuse(r->name, other);
	if (map) {
		ranges_add(&map->code, r->start, r->end, NULL);
		ranges_release(&range.code);
		return;
	}
	map = next_map(s, r->name);
	*map = range;
	add_region(s, r->name, map);
}

static void read_peer(struct subject *s, const char *directory)
{
	struct peerfile peer;

	xpeerfile_read(&peer, directory);
	s->peer = peer.name;
	for (size_t i = 0; i < peer.region_count; i++) {
		const struct peer_region *r = &peer.regions[i];

		if (r->elf)
			add_elf(s, r->name, xasprintf("%s/%s", directory, r->elf), r->base);
		else
			add_range(s, r, directory);
	}
	s->kernel = map_of(s, "kernel");
}

void xsubject_read(struct subject *s, const char *directory, const char *app, const char *program)
{
	*s = (struct subject){ .build_ids = json_object() };
	if (peerfile_is_peer(directory))
		read_peer(s, directory);
	else
		read_generation(s, directory, app, program);
	if (!s->generation)
		s->generation = json_null();
}
