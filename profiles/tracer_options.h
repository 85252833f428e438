/* SPDX-License-Identifier: MIT */
/*
 * tracer_options.h - the tracer's arguments, "key=value" each
 *
 *   out=DIR			where to write when QEMU ends (window=whole)
 *   window=whole|control	count from reset on, or only between "start" and "stop"
 *   control=PATH		a unix socket to listen on (control.h)
 *   models=on|off		caches and TLB
 *   stacks=on|off		calling contexts; needs functions=
 *   functions=FILE		which function code belongs to (functions.h)
|off		caches and TLB
 *   l1i=BYTES:WAYS:LINE	32768:8:64
 *   l1d=BYTES:WAYS:LINE	32768:8:64; some processors have 49152:12:64
 *   itlb=ENTRIES:WAYS		64:8, for pages of 4 KiB
 *   itlb_huge=ENTRIES		8, for pages of 2 MiB, each entry for any of them
 *   region=NAME:START:END	one NAME.raw; a name may have several ranges
 *   exclude=START:END		not into any profile: idle and delay loops
 *   fault=START:END		where exceptions enter the kernel
 *   interrupt=START:END	where interrupts do
 *   huge=START:END		mapped with pages of 2 MiB
 *
 * Addresses are hexadecimal, END is the first one behind. Only the first addresses of entry code
 * belong into fault= and interrupt=: what is entered by a jump or return is none.
 */
#ifndef PROFILES_TRACER_OPTIONS_H
#define PROFILES_TRACER_OPTIONS_H

#include <stdbool.h>

#include "pipeline/lib/strlist.h"
#include "ranges.h"

enum { REGIONS_MAX = 16 };

/* As given; cache_init() judges the numbers. */
struct geometry {
	uint64_t bytes, ways, line_bytes; /* bytes: of all lines together */
};

struct tracer_options {
	char *out, *control, *functions;
	bool whole, models, stacks;
	struct geometry l1i, l1d, itlb, itlb_huge;
	struct ranges regions, excluded, faults, interrupts, huge;
	struct strlist region_names; /* sorted, each once */
};

/* NULL, or a sentence that says what is wrong; valid until the next call. */
const char *tracer_options_parse(struct tracer_options *o, int argc, char **argv);

/* The number of the region's name in region_names, or -1. */
int tracer_options_region(const struct tracer_options *o, uint64_t address);

#endif
