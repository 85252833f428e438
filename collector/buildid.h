/* SPDX-License-Identifier: MIT */
/*
 * buildid.h - build ids as guests send them
 */
#ifndef COLLECTOR_BUILDID_H
#define COLLECTOR_BUILDID_H

#include <stdbool.h>
#include <stdint.h>

#include "../profiles/builds.h"
#include "protocol.h"

enum { BUILD_ID_HEX_BYTES = 2 * BUILD_ID_BYTES + 1 };

/* Zeroes: there is none. */
bool build_id_is_given(const uint8_t id[BUILD_ID_BYTES]);

/* Two digits a byte; "" if there is none. */
void build_id_print(char hex[BUILD_ID_HEX_BYTES], const uint8_t id[BUILD_ID_BYTES]);

/* False, and zeroes, if `hex` is no build id of that many bytes. */
bool build_id_parse(uint8_t id[BUILD_ID_BYTES], const char *hex);

/*
 * The newest generation that has these; NULL if none has, or if kernel or app are missing. A guest
 * without an id for init has none.
 */
struct build *build_id_find(const struct builds *b, const uint8_t ids[UNITS][BUILD_ID_BYTES]);

#endif
