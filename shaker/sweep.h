/* SPDX-License-Identifier: MIT */
/*
 * sweep.h - remove from the module what is not live, and hide the rest
 */
#ifndef SHAKER_SWEEP_H
#define SHAKER_SWEEP_H

#include "graph.h"
#include "mark.h"

/*
 * Afterwards the module holds only what is live: dead globals, blocks of assembly and
 * exports are gone. What text refers to keeps its name and is visible; everything
 * else is internal, so that the optimizer may change or drop it. References from
 * live code to dead globals must be cut before (apply.h).
 */
void sweep(const struct graph *g, const struct mark *marks, LLVMModuleRef module);

#endif
