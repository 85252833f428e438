/* SPDX-License-Identifier: MIT */
/*
 * perfcursor.h - little-endian numbers and strings, taken from the front of some bytes
 *
 * Taking more than there are gives 0 or NULL and sets `bad`, for good; so it is enough to
 * look at `bad` at the end.
 */
#ifndef IMPORTS_PERFCURSOR_H
#define IMPORTS_PERFCURSOR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct perfcursor {
	const uint8_t *at, *end;
	bool bad;
};

/* Where they are; the cursor stands behind them. */
static inline const uint8_t *perfcursor_skip(struct perfcursor *c, uint64_t bytes)
{
	const uint8_t *at = c->at;

	if (c->bad || bytes > (size_t)(c->end - c->at)) {
		c->bad = true;
		return NULL;
	}
	c->at += bytes;
	return at;
}

static inline uint64_t perfcursor_u64(struct perfcursor *c)
{
	const uint8_t *at = perfcursor_skip(c, 8);
	uint64_t value = 0;

	if (at)
		memcpy(&value, at, 8);
	return le64toh(value);
}

static inline uint32_t perfcursor_u32(struct perfcursor *c)
{
	const uint8_t *at = perfcursor_skip(c, 4);
	uint32_t value = 0;

	if (at)
		memcpy(&value, at, 4);
	return le32toh(value);
}

static inline uint16_t perfcursor_u16(struct perfcursor *c)
{
	const uint8_t *at = perfcursor_skip(c, 2);
	uint16_t value = 0;

	if (at)
		memcpy(&value, at, 2);
	return le16toh(value);
}

/* The characters up to a NUL, which must come. */
static inline const char *perfcursor_text(struct perfcursor *c)
{
	const uint8_t *end =
		c->bad || c->at == c->end ? NULL : memchr(c->at, 0, (size_t)(c->end - c->at));

	if (!end) {
		c->bad = true;
		return NULL;
	}
	return (const char *)perfcursor_skip(c, (uint64_t)(end - c->at) + 1);
}

/* A string of perf.data's features: its room in 4 bytes, then that many, a NUL in them. */
static inline const char *perfcursor_string(struct perfcursor *c)
{
	uint32_t room = perfcursor_u32(c);
	const uint8_t *at = perfcursor_skip(c, room);

	if (at && !memchr(at, 0, room))
		c->bad = true;
	return c->bad ? NULL : (const char *)at;
}

#endif
