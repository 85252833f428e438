/* SPDX-License-Identifier: MIT */
/* statistics.h - a stand-in until the real one is merged */
#ifndef BENCH_STATISTICS_H
#define BENCH_STATISTICS_H
#include <stddef.h>
#define STATISTICS_ALPHA 0.05
double statistics_median(const double *v, size_t n);
double statistics_mann_whitney(const double *a, size_t na, const double *b, size_t nb);
#endif
