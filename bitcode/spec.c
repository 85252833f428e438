/* SPDX-License-Identifier: MIT */
#include "spec.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"

static const struct {
	const char *key;
	size_t offset;
} strings[] = {
	{ "name", offsetof(struct spec, name) },
	{ "source", offsetof(struct spec, source) },
	{ "source_sha256", offsetof(struct spec, source_sha256) },
	{ "configure", offsetof(struct spec, configure) },
	{ "build", offsetof(struct spec, build) },
	{ "libc", offsetof(struct spec, libc) },
	{ "link_list", offsetof(struct spec, link_list) },
}, lists[] = {
	{ "depends", offsetof(struct spec, depends) },
	{ "programs", offsetof(struct spec, programs) },
	{ "libraries", offsetof(struct spec, libraries) },
	{ "headers", offsetof(struct spec, headers) },
	{ "files", offsetof(struct spec, files) },
	{ "patches", offsetof(struct spec, patches) },
	{ "inputs", offsetof(struct spec, inputs) },
	{ "native", offsetof(struct spec, native) },
	{ "flags", offsetof(struct spec, flags) },
};

static const char *const kinds[] = { "debian-source", "debian-binary", "tarball", "tree" };

static bool set_kind(struct spec *s, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(value, kinds[i])) {
			s->source_kind = (enum source_kind)i;
			return true;
		}
	return false;
}

static bool set(struct spec *s, const char *key, const char *value)
{
	if (!strcmp(key, "source_kind"))
		return set_kind(s, value);
	if (!strcmp(key, "follow"))
		return s->follow = true;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		if (!strcmp(key, strings[i].key)) {
			*(const char **)((char *)s + strings[i].offset) = xstrdup(value);
			return true;
		}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!strcmp(key, lists[i].key)) {
			strlist_split((struct strlist *)((char *)s + lists[i].offset), value);
			return true;
		}
	return false;
}

void xspec_read(struct spec *s, const char *path)
{
	char *text = xfs_read(path, NULL);
	unsigned line_number = 0;

	*s = (struct spec){ .path = xstrdup(path), .configure = "", .build = "" };
	s->text = xstrdup(text);
	for (char *line = text, *end; *line; line = end) {
		char *value;

		line_number++;
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		line += strspn(line, " "); /* make puts spaces between its items */
		value = line + strcspn(line, " ");
		if (*value)
			*value++ = '\0';
		value += strspn(value, " ");
		if (!*line || !*value)
			continue;
		if (!set(s, line, value))
			die("%s:%u: '%s %s' is not understood", path, line_number, line, value);
	}
	free(text);
	if (!s->name || !s->source)
		die("'%s' names no %s", path, s->name ? "source" : "component");
}

void xspec_read_sibling(struct spec *s, const struct spec *of, const char *name)
{
	const char *slash = strrchr(of->path, '/');
	int length = slash ? (int)(slash - of->path) : 1;
	char *path = xasprintf("%.*s/%s.spec", length, slash ? of->path : ".", name);

	if (!fs_exists(path))
		die_hint("run 'make list' to see the recipes",
			 "%s needs '%s', but there is no recipe of that name", of->name, name);
	xspec_read(s, path);
	free(path);
}
