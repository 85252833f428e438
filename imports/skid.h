/* SPDX-License-Identifier: MIT */
/*
 * skid.h - what a sample stands for, if an emulator took it
 *
 * QEMU's TCG looks for interrupts only where a translated block starts (accel/tcg/cpu-exec.c): a sample
 * there stands for the time that the block before it took. Where that keeps interrupts out, there
 * is none, and all come together where they are let in again. A translated block goes on over the start of
 * a basic block that is merely jumped to from elsewhere.
 */
#ifndef IMPORTS_SKID_H
#define IMPORTS_SKID_H

#include <stdbool.h>

#include "blocks.h"

struct skid_block;

struct skid {
	const struct blocks *blocks;
	double *by_edge;  /* of each edge: instructions that samples at its end stand for */
	double *by_entry; /* of each block: the same, where it is entered from unknown code */
	bool *is_closed;  /* of each block: samples at its start say nothing */
	struct skid_block *states;
};

void skid_begin(struct skid *s, const struct blocks *b);

/* With the blocks' runs and the edges' shares of them as they are now. */
void skid_update(struct skid *s, const double *runs, const double *shares);

void skid_release(struct skid *s);

#endif
