/* SPDX-License-Identifier: MIT */
/*
 * load_sequence.h - which request comes next
 *
 * The same load file and seed give the same sequence, everywhere and for ever: the generator is
 * splitmix64 (Steele, Lea, Flood 2014), whose state begins as the seed. A draw of 64 bits times the
 * sum of the weights, shifted right by 64, falls into one request's share; shares lie in the file's
 * order. An exchange's variables (loadtext.h) take a draw each behind that.
 */
#ifndef PROFILES_LOAD_SEQUENCE_H
#define PROFILES_LOAD_SEQUENCE_H

#include "loadfile.h"

struct load_sequence {
	const struct loadfile *l; /* not owned */
	uint64_t state;
	uint64_t weights;		     /* their sum */
	uint64_t drawn[LOAD_MOST_VARIABLES]; /* of the last one, if it is an exchange */
};

/* At the beginning of the sequence that `l` describes. */
void load_sequence_begin(struct load_sequence *s, const struct loadfile *l);

/* The next request: its place in l->v. */
size_t load_sequence_next(struct load_sequence *s);

/* One step of splitmix64. */
uint64_t load_sequence_draw(uint64_t *state);

#endif
