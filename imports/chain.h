/* SPDX-License-Identifier: MIT */
/*
 * chain.h - a Markov chain whose shares change and whose edges do not
 *
 * Solved exactly, by elimination without pivots: shares of a state add up to less than 1. States
 * should be in an order in which few edges lead backwards: only those make work.
 */
#ifndef IMPORTS_CHAIN_H
#define IMPORTS_CHAIN_H

#include <stddef.h>
#include <stdint.h>

struct chain_entry {
	uint32_t state;
	double value;
};

struct chain {
	uint32_t n;
	struct chain_entry *entries; /* of the factors, by row, ascending by state */
	size_t *first;		     /* of each row; one more for the end */
	size_t *diagonal;	     /* of each row */
	double *row;		     /* the one that is being worked on */
};

/* Edge i leads from[i] to to[i]; the chain has `n` states. The caller releases. */
void chain_build(struct chain *c, uint32_t n, const uint32_t *from, const uint32_t *to,
		 size_t edges);
void chain_release(struct chain *c);

/* Before new shares: forget the old ones. */
void chain_clear(struct chain *c);

/* Edges that chain_build() has; shares of the same edge are added up. */
void chain_share(struct chain *c, uint32_t from, uint32_t to, double share);

/* After the last share. */
void chain_factorize(struct chain *c);

/* visits[i] is what enters i from outside; becomes how often i is visited in all. */
void chain_visits(const struct chain *c, double *visits);

/* worth[i] is what a visit of i gives; becomes what it and all that follow give together. */
void chain_worth(const struct chain *c, double *worth);

#endif
