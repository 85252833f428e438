/* SPDX-License-Identifier: MIT */
/*
 * reading.h - one recording, read, and held against the ELF files it is of
 */
#ifndef FLEETS_READING_H
#define FLEETS_READING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../pipeline/lib/hash.h"
#include "../profiles/rawtext.h"
#include "programs.h"

/* What the counts are of: record.json's "kind". */
enum reading_kind { READING_EXACT, READING_BRANCHES, READING_ADDRESSES, READING_KINDS };

extern const char *const reading_kind_names[READING_KINDS];

/* The one of this name, or READING_KINDS. */
enum reading_kind reading_kind_of(const char *name);

struct reading_unit {
	bool is_there;
	struct raw_profile counts; /* that passed the check, sorted; an address is a range of one */
	uint64_t instructions;	   /* of the ranges */
};

struct reading {
	char id[HASH_HEX_BYTES]; /* of the counts and what they are of: the same for a copy */
	enum reading_kind kind;
	const struct build *build;
	struct program *programs;	  /* of the build, by unit */
	struct reading_unit units[UNITS]; /* as programs */
	uint64_t instructions;		  /* of all units; samples, if the kind is addresses */
	double weight;			  /* record.json's, from 0 */
	json_t *facts;			  /* facts.h */
};

/*
 * Read the recording in `directory`. NULL, or why it is of no use, a sentence without the
 * directory's name that the caller frees; then `r` is empty.
 */
char *reading_open(struct reading *r, struct programs *programs, const char *directory);
void reading_release(struct reading *r);

#endif
