/* SPDX-License-Identifier: MIT */
#include "units.h"

#include <string.h>

static const char *const names[UNITS] = {
	[UNIT_KERNEL] = "kernel ",
	[UNIT_APP] = "app ",
	[UNIT_INIT] = "init ",
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to 16 digits and the character `after` them. NULL: that is not there. */
static const char *number(uint64_t *value, const char *at, const char *end, char after)
{
	const char *start = at;

	for (*value = 0; at < end && digit(*at) >= 0 && at - start < 16; at++)
		*value = *value << 4 | (uint64_t)digit(*at);
	return at > start && at < end && *at == after ? at + 1 : NULL;
}

static const char *build_id(uint8_t id[BUILD_ID_BYTES], const char *at, const char *end)
{
	if (end - at <= 2 * BUILD_ID_BYTES || at[2 * BUILD_ID_BYTES] != ' ')
		return NULL;
	for (size_t i = 0; i < BUILD_ID_BYTES; i++) {
		int high = digit(at[2 * i]), low = digit(at[2 * i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return at + 2 * BUILD_ID_BYTES + 1;
}

bool units_parse(struct units *u, const char *text, size_t bytes)
{
	const char *at = text, *end = text + bytes;

	for (unsigned i = 0; i < UNITS; i++) {
		size_t length = strlen(names[i]);

		if ((size_t)(end - at) < length || memcmp(at, names[i], length))
			return false;
		at = build_id(u->build_ids[i], at + length, end);
		at = at ? number(&u->v[i].first, at, end, ' ') : NULL;
		at = at ? number(&u->v[i].last, at, end, '\n') : NULL;
		if (!at || u->v[i].first > u->v[i].last ||
		    (u->v[i].last - u->v[i].first) >> UNIT_OFFSET_BITS)
			return false;
	}
	return at == end;
}

unsigned units_find(const struct units *u, uint64_t address)
{
	unsigned i = 0;

	while (i < UNITS && (address < u->v[i].first || address > u->v[i].last))
		i++;
	return i;
}
