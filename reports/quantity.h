/* SPDX-License-Identifier: MIT */
/*
 * quantity.h - figures for people: three digits and a unit
 *
 * Every function returns a new string that the caller frees.
 */
#ifndef REPORTS_QUANTITY_H
#define REPORTS_QUANTITY_H

#include <jansson.h>

/* "+874 Ki", "-12 B", "0 B" */
char *quantity_bytes_change(json_int_t bytes);

/* 1234567 -> "1,234,567"; "-" in front if it is negative */
char *quantity_integer(json_int_t n);

/* A figure in one of the units of a measure (diff_measures.h): "588 us", "2.45 k", "30,233". */
char *quantity_measure(double value, const char *unit);

/* "+24.9%"; "" if it cannot be said. */
char *quantity_percent(const json_t *percent);

/* Of two sizes: as above; "NEW" from nothing. */
char *quantity_percent_of(json_int_t from, json_int_t to);

#endif
