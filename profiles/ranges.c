/* SPDX-License-Identifier: MIT */
#include "ranges.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/util.h"

/* Hexadecimal digits up to `end_character`; moves `*text` behind that. */
static bool read_hex(const char **text, char end_character, uint64_t *value)
{
	char *end;

	if (!isxdigit((unsigned char)**text))
		return false;
	errno = 0;
	*value = strtoull(*text, &end, 16);
	if (errno || *end != end_character)
		return false;
	*text = end + (end_character != '\0');
	return true;
}

static bool is_name(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("_-.", text[i]))
			return false;
	return bytes > 0 && bytes < 200 && text[0] != '.';
}

const char *ranges_parse(struct ranges *r, const char *text, bool named)
{
	size_t name_bytes = named ? strcspn(text, ":") : 0;
	char *name = NULL;
	uint64_t start, end;
	const char *error;

	if (named) {
		if (text[name_bytes] != ':' || !is_name(text, name_bytes))
			return "it does not begin with a name and ':'";
		name = xstrndup(text, name_bytes);
		text += name_bytes + 1;
	}
	if (!read_hex(&text, ':', &start) || !read_hex(&text, '\0', &end))
		error = "it does not end with START:END in hexadecimal";
	else
		error = ranges_add(r, start, end, name);
	free(name);
	return error;
}

/* Index of the first range that ends behind `address`. */
static size_t lower_bound(const struct ranges *r, uint64_t address)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->v[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct range *ranges_find(const struct ranges *r, uint64_t address)
{
	size_t at = lower_bound(r, address);

	return at < r->n && r->v[at].start <= address ? &r->v[at] : NULL;
}

const struct range *ranges_overlapping(const struct ranges *r, uint64_t start, uint64_t end)
{
	size_t at = lower_bound(r, start);

	return at < r->n && r->v[at].start < end ? &r->v[at] : NULL;
}

const char *ranges_add(struct ranges *r, uint64_t start, uint64_t end, const char *name)
{
	size_t at = lower_bound(r, start);

	if (start >= end)
		return "it ends before it starts";
	if (ranges_overlapping(r, start, end))
		return "it overlaps another one";
	r->v = xrealloc(r->v, (r->n + 1) * sizeof(*r->v));
	memmove(r->v + at + 1, r->v + at, (r->n - at) * sizeof(*r->v));
	r->v[at] = (struct range){ start, end, name ? xstrdup(name) : NULL };
	r->n++;
	return NULL;
}

void ranges_release(struct ranges *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].name);
	free(r->v);
	*r = (struct ranges){ 0 };
}
