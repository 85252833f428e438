/* SPDX-License-Identifier: MIT */
#include "peerfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

static char *path_of(const char *directory)
{
	return xasprintf("%s/peer.json", directory);
}

bool peerfile_is_peer(const char *directory)
{
	char *path = path_of(directory);
	bool is_peer = fs_exists(path);

	free(path);
	return is_peer;
}

static bool is_name(const char *text)
{
	for (const char *c = text; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-')
			return false;
	return *text && strlen(text) < 64 && *text != '-';
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

/* "0x..."; false if the member is there and is none. */
static bool read_address(const json_t *object, const char *key, uint64_t *address)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	char *end;

	if (!value)
		return true;
	if (!text || strncmp(text, "0x", 2) || !isxdigit((unsigned char)text[2]))
		return false;
	errno = 0;
	*address = strtoull(text, &end, 16);
	return !*end && !errno;
}

/* A path that stays below the peer's directory. */
static bool is_inside(const char *path)
{
	return *path != '/' && strcmp(path, "..") && strncmp(path, "../", 3) &&
	       !strstr(path, "/../");
}

static const char *read_region(struct peer_region *r, const json_t *object)
{
	*r = (struct peer_region){ .name = string_of(object, "name"),
				   .elf = string_of(object, "elf") };
	if (!r->name || !is_name(r->name))
		return "has no name of small letters, digits and '-'";
	if (!read_address(object, "base", &r->base) || !read_address(object, "start", &r->start) ||
	    !read_address(object, "end", &r->end))
		return "has an address that is not \"0x\" and hexadecimal digits";
	if (r->elf)
		return !is_inside(r->elf)   ? "names an ELF file outside of the peer"
		       : r->start || r->end ? "has both an ELF file and a range"
					    : NULL;
	return r->start < r->end ? NULL : "has neither an ELF file nor a range from start to end";
}

static char *read_regions(struct peerfile *p, const json_t *array)
{
	bool kernel = false;
	const json_t *one;
	size_t i;

	p->regions = xcalloc(json_array_size(array) + 1, sizeof(*p->regions));
	json_array_foreach(array, i, one) {
		struct peer_region *r = &p->regions[i];
		const char *wrong = read_region(r, one);

		if (wrong)
			return xasprintf("region %zu %s", i + 1, wrong);
		for (size_t earlier = 0; r->elf && earlier < i; earlier++)
			if (!strcmp(p->regions[earlier].name, r->name))
				return xasprintf("region %zu has an ELF file, but is not the first "
						 "one that is called %s",
						 i + 1, r->name);
		kernel |= !strcmp(r->name, "kernel");
	}
	p->region_count = json_array_size(array);
	return kernel ? NULL : xstrdup("no region is called kernel");
}

static bool is_count(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key)) > 0;
}

static char *check_lists(const json_t *shipped, const json_t *sources)
{
	const json_t *one;
	size_t i;

	if (!json_array_size(shipped))
		return xstrdup("it ships nothing");
	json_array_foreach(shipped, i, one)
		if (!string_of(one, "name") || !is_count(one, "bytes") ||
		    !is_count(one, "xz_bytes"))
			return xasprintf("shipped part %zu lacks name, bytes or xz_bytes", i + 1);
	if (!json_array_size(sources))
		return xstrdup("it has no sources");
	json_array_foreach(sources, i, one)
		if (!string_of(one, "name") || !string_of(one, "version"))
			return xasprintf("source %zu lacks name or version", i + 1);
	return NULL;
}

static char *check(struct peerfile *p)
{
	char *wrong;

	if (json_integer_value(json_object_get(p->json, "schema")) != 1)
		return xstrdup("its schema is not 1");
	p->name = string_of(p->json, "name");
	p->title = string_of(p->json, "title");
	p->describe = string_of(p->json, "describe");
	if (!p->name || !is_name(p->name))
		return xstrdup("it has no name of small letters, digits and '-'");
	if (!p->title || !p->describe)
		return xstrdup("it lacks title or describe");
	wrong = check_lists(json_object_get(p->json, "shipped"),
			    json_object_get(p->json, "sources"));
	return wrong ? wrong : read_regions(p, json_object_get(p->json, "regions"));
}

char *peerfile_read(struct peerfile *p, const char *directory)
{
	char *path = path_of(directory), *wrong, *sentence = NULL;
	json_error_t error;

	*p = (struct peerfile){ .json = json_load_file(path, JSON_REJECT_DUPLICATES, &error) };
	wrong = p->json ? check(p) : xasprintf("line %d: %s", error.line, error.text);
	if (wrong)
		sentence = xasprintf("'%s' does not describe a peer: %s", path, wrong);
	free(wrong);
	free(path);
	return sentence;
}

void xpeerfile_read(struct peerfile *p, const char *directory)
{
	char *wrong = peerfile_read(p, directory);

	if (wrong)
		die_hint("bench/peers/README.md says what belongs into it", "%s", wrong);
}
