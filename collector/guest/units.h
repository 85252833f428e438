/* SPDX-License-Identifier: MIT */
/*
 * units.h - which programs this image is made of, by address
 *
 * /etc/anneal/units, written by pack, its first line completed by seal:
 *
 *   kernel BUILD-ID FIRST LAST
 *   app BUILD-ID FIRST LAST
 *   init BUILD-ID FIRST LAST
 *
 * BUILD-ID is 40 digits, FIRST and LAST the addresses of the unit's code, inclusive; all
 * hexadecimal, lower case, without 0x. Units lie apart from each other (bitcode/plan.c).
 */
#ifndef COLLECTOR_GUEST_UNITS_H
#define COLLECTOR_GUEST_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../protocol.h"

/* An offset into a unit has this many bits at most; a larger unit is an error. */
enum { UNIT_OFFSET_BITS = 28 };

struct units {
	struct {
		uint64_t first, last; /* of its code; first > last: there is no such unit */
	} v[UNITS];
	uint8_t build_ids[UNITS][BUILD_ID_BYTES];
};

/* Read the text of such a file. False if it is not one. */
bool units_parse(struct units *u, const char *text, size_t bytes);

/* The unit that the address is in, or UNITS. */
unsigned units_find(const struct units *u, uint64_t address);

#endif
