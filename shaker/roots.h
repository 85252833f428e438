/* SPDX-License-Identifier: MIT */
/*
 * roots.h - where reachability starts
 *
 * Computed from the inputs: what a boot loader reads (notes of native objects), what
 * the linker script names, and assembly that has an effect by being there. By hand:
 * a short list of what cannot be computed, each with its reason.
 */
#ifndef SHAKER_ROOTS_H
#define SHAKER_ROOTS_H

#include "graph.h"
#include "mark.h"

/* Add all roots of a graph that was built from `in`. */
void roots_find(struct roots *r, const struct graph *g, const struct inputs *in);

#endif
