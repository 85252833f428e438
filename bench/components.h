/* SPDX-License-Identifier: MIT */
/*
 * components.h - which part of an image a piece of code belongs to: kernel, libc, app, libraries
 *
 * A compile unit's debug information names the directory that it was compiled in, and that
 * is its component's name and version: "/musl-1.2.3". Assembly has no such thing; it belongs to the
 * one component of the program that has native modules, if it is one.
 */
#ifndef BENCH_COMPONENTS_H
#define BENCH_COMPONENTS_H

#include <stddef.h>
#include <stdint.h>

#include "figures.h"

struct component_range {
	uint64_t start, end;
	enum component component;
};

struct components {
	struct component_range *v; /* by start, none overlapping another */
	size_t n;
	uint64_t image_start, image_end; /* all of the program's code */
	enum component assembly;	 /* whose code without debug information is */
	enum component elsewhere;	 /* user code outside of the program */
};

/*
 * Of the subject in `directory`: a generation's app, or where there is no manifest.json the regions of
 * peer.json, beside which all user code is COMPONENT_USER. Dies if files are not understood.
 */
void xcomponents_read(struct components *c, const char *directory);

enum component component_of(const struct components *c, uint64_t address);

void components_release(struct components *c);

#endif
