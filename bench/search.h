/* SPDX-License-Identifier: MIT */
/*
 * search.h - the least value for which something that may err answers yes
 */
#ifndef BENCH_SEARCH_H
#define BENCH_SEARCH_H

#include <stdbool.h>

/*
 * The least of `least` (above 0) to `most` for which answers(context, value) is true, by bisection.
 * That supposes that more never does worse and that one try is enough, which is looked at where it
 * matters: the value found has to pass two tries of three, and the one below it to fail two of
 * three; where they do not, the edge moves until they do. 0: not even `most` passes.
 */
unsigned search_least(unsigned least, unsigned most, bool (*answers)(void *context, unsigned value),
		      void *context);

#endif
