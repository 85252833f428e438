/* SPDX-License-Identifier: MIT */
/* conditions.h - a stand-in until the real one is merged */
#ifndef BENCH_CONDITIONS_H
#define BENCH_CONDITIONS_H
#include <jansson.h>
char *conditions_differ(const json_t *a, const json_t *b);
#endif
