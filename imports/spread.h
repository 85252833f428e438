/* SPDX-License-Identifier: MIT */
/*
 * spread.h - plain samples become ranges and branches, as if they had been counted
 *
 * What is made passes check.h. docs/profiles.md explains how.
 */
#ifndef IMPORTS_SPREAD_H
#define IMPORTS_SPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../profiles/code.h"
#include "../profiles/rawtext.h"
#include "addresstext.h"

/* One sample is as many instructions as this: counts are whole numbers. */
enum { SPREAD_INSTRUCTIONS_PER_SAMPLE = 10000 };

struct spread_result {
	uint64_t samples; /* all */
	uint64_t outside; /* of them: in no code of the ELF */
	uint64_t
		unplaced; /* of them: where interrupts are let in, which says nothing of the code there */
	size_t blocks;	      /* of the functions that have samples */
	size_t blocks_hit;    /* of them: with samples */
	size_t functions_hit; /* with samples */
	size_t functions;     /* of the ELF, that debug information names */
	bool only_at_starts;  /* samples come only where blocks start: an emulator took them */
};

/*
 * `raw` gets sorted counts, and is released by the caller. NULL, or a sentence that the caller frees:
 * nothing is in `raw` then.
 */
char *spread_addresses(struct raw_profile *raw, struct code *code, const struct address_counts *a,
		       struct spread_result *r);

#endif
