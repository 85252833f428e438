/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "flamegraph.h"
#include "frametree.h"
#include "pipeline/lib/util.h"

/*
 * Bytes of the well-formed UTF-8 character at `at` (Unicode 15, table 3-7) that XML 1.0 allows;
 * 0 if there is none.
 */
static size_t character_bytes(const unsigned char *at, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t bytes;

	if (*at < 0x80)
		return *at >= ' ' && *at != 0x7f;
	if (*at < 0xc2 || *at > 0xf4)
		return 0;
	bytes = *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	if (*at == 0xe0)
		low = 0xa0;
	else if (*at == 0xed)
		high = 0x9f;
	else if (*at == 0xf0)
		low = 0x90;
	else if (*at == 0xf4)
		high = 0x8f;
	if (bytes > left || at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < bytes; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	/* U+FFFE and U+FFFF are no characters */
	if (bytes == 3 && at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe)
		return 0;
	return bytes;
}

char *flamegraph_name(const char *name, size_t max_bytes)
{
	size_t bytes = frame_shown_bytes(name), used = 0;
	char *shown = xmalloc((bytes < max_bytes ? bytes : max_bytes) + sizeof("..."));

	for (size_t i = 0; i < bytes;) {
		size_t one = character_bytes((const unsigned char *)name + i, bytes - i);

		if (used + (one ? one : 1) > max_bytes) {
			memcpy(shown + used, "...", 3);
			used += 3;
			break;
		}
		if (one)
			memcpy(shown + used, name + i, one);
		else
			shown[used] = '?';
		used += one ? one : 1;
		i += one ? one : 1;
	}
	shown[used] = '\0';
	return shown;
}
