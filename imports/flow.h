/* SPDX-License-Identifier: MIT */
/*
 * flow.h - numbers that cannot be negative, balance where they must, and fit what was observed
 *
 * What is unknown is how often each block and each edge of a program ran. Known is what adds up to
 * what (what enters a block leaves it), and a sample of sums of them, each with an error of its own.
 * The result is the most likely answer that balances: penalized maximum likelihood, by entropic
 * mirror descent (A. Beck and M. Teboulle, Operations Research Letters 31, 2003) with Bregman's
 * projections onto one equation after the other (USSR Comp. Math. 7, 1967). The steps are those of
 * Richardson's and Lucy's iteration, so that without equations this is expectation maximization.
 *
 * The same input gives the same output. Memory: about 100 bytes for each variable and term.
 */
#ifndef IMPORTS_FLOW_H
#define IMPORTS_FLOW_H

#include <stddef.h>
#include <stdint.h>

struct flow_term {
	uint32_t variable;
	float factor;
};

struct flow_terms {
	struct flow_term *v;
	size_t n, room;
	size_t *first; /* of each row; one more than there are rows */
	size_t rows, row_room;
};

struct flow {
	double *x;     /* the answer so far, by variable */
	double *scale; /* how many observations one unit of it stands for */
	double *slope; /* of the penalty that is made small */
	size_t n, room;
	struct flow_terms equations;	/* sum of factor times variable is 0; factors 1 and -1 */
	struct flow_terms observations; /* sum of factor times variable is expected */
	double *observed;		/* by row of these */
	struct flow_terms choices;	/* which part of a whole: whole first, then parts */
	double *weights;		/* of choices, by row: as many observations as this */
};

/* A new variable; `guess` > 0 is where the search begins. Returns its number. */
uint32_t flow_variable(struct flow *f, double guess);

/* Begin an equation; its terms follow. */
void flow_equation(struct flow *f);
void flow_term(struct flow *f, uint32_t variable, int sign);

/* Begin an observation of `count` samples; its terms follow. */
void flow_observation(struct flow *f, double count);
void flow_expect(struct flow *f, uint32_t variable, double factor);

/* Forget all observations: others follow. */
void flow_forget(struct flow *f);

/*
 * Begin a choice: of `whole`, the parts that follow have a share each that is known in advance,
 * as well as if `weight` had been observed.
 */
void flow_choice(struct flow *f, uint32_t whole, double weight);
void flow_part(struct flow *f, uint32_t variable, double share);

/*
 * Improve the answer `steps` times. `spread` is the relative error, squared, that each observation
 * has besides that of its count: samples are not exactly where the work is.
 */
void flow_improve(struct flow *f, unsigned steps, double spread);

/* Balance alone: the nearest answer in which every equation holds, as far as `sweeps` lead. */
void flow_balance(struct flow *f, unsigned sweeps);

void flow_release(struct flow *f);

#endif
