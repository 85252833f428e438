/* SPDX-License-Identifier: MIT */
#include "buildid.h"

#include <stdio.h>
#include <string.h>

bool build_id_is_given(const uint8_t id[BUILD_ID_BYTES])
{
	static const uint8_t none[BUILD_ID_BYTES];

	return memcmp(id, none, BUILD_ID_BYTES) != 0;
}

void build_id_print(char hex[BUILD_ID_HEX_BYTES], const uint8_t id[BUILD_ID_BYTES])
{
	*hex = '\0';
	for (size_t i = 0; i < BUILD_ID_BYTES && build_id_is_given(id); i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
}

bool build_id_parse(uint8_t id[BUILD_ID_BYTES], const char *hex)
{
	static const char digits[] = "0123456789abcdef";

	memset(id, 0, BUILD_ID_BYTES);
	if (strlen(hex) != 2 * BUILD_ID_BYTES || strspn(hex, digits) != 2 * BUILD_ID_BYTES)
		return false;
	for (size_t i = 0; i < 2 * BUILD_ID_BYTES; i++)
		id[i / 2] = (uint8_t)(id[i / 2] << 4 | (strchr(digits, hex[i]) - digits));
	return true;
}

struct build *build_id_find(const struct builds *b, const uint8_t ids[UNITS][BUILD_ID_BYTES])
{
	char hex[UNITS][BUILD_ID_HEX_BYTES];
	const char *wanted[UNITS];

	for (enum unit unit = 0; unit < UNITS; unit++) {
		build_id_print(hex[unit], ids[unit]);
		wanted[unit] = unit == UNIT_INIT && !*hex[unit] ? NULL : hex[unit];
	}
	return builds_find(b, wanted, UINT64_MAX);
}
