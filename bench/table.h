/* SPDX-License-Identifier: MIT */
/*
 * table.h - figures of several subjects side by side, as text
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <jansson.h>
#include <stdbool.h>

enum table_format { TABLE_TEXT, TABLE_MARKDOWN };

/*
 * Print bench.json objects, an array, as columns to standard output; a figure that was not
 * measured is "-". `ratios`: each is followed by its ratio to the first subject's.
 */
void table_print(const json_t *benches, enum table_format format, bool ratios);

#endif
