/* SPDX-License-Identifier: MIT */
/*
 * known.h - the generations whose guests are listened to: build ids, and where their code is
 */
#ifndef COLLECTOR_KNOWN_H
#define COLLECTOR_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../profiles/ranges.h"
#include "protocol.h"

struct known_unit {
	uint8_t build_id[BUILD_ID_BYTES]; /* zeroes: there is none */
	char *elf;			  /* UNIT.debug */
	struct ranges code;		  /* read when it is first asked about */
	bool has_code;
};

struct known_generation {
	unsigned number;
	struct known_unit units[COLLECTOR_UNITS];
};

struct known {
	char *app;
	struct known_generation *v; /* newest first */
	size_t n;
};

/* All of `app` below `out` that have their ELFs. Dies, saying what to do, if there is none. */
void xknown_read(struct known *k, const char *out, const char *app);

/*
 * The newest generation that has these; NULL if none has, or if kernel or app are missing. A guest
 * without an id for init has none.
 */
struct known_generation *known_find(struct known *k,
				    const uint8_t ids[COLLECTOR_UNITS][BUILD_ID_BYTES]);

/* Where the unit's code is; dies if its ELF has become unreadable. */
const struct ranges *known_code(struct known_generation *g, enum collector_unit unit);

/* "vmlinux", the app's name, "init" */
const char *known_unit_name(const struct known *k, enum collector_unit unit);

/* Two digits a byte; `hex` has room for 41 bytes. */
void build_id_print(char *hex, const uint8_t id[BUILD_ID_BYTES]);

bool build_id_is_given(const uint8_t id[BUILD_ID_BYTES]);

#endif
