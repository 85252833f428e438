/* SPDX-License-Identifier: MIT */
/*
 * field.h - fields of JSON that somebody else wrote
 *
 * What is absent or of another type gives the neutral answer, never NULL: a report of
 * half a record is better than none. Strings are borrowed.
 */
#ifndef REPORTS_FIELD_H
#define REPORTS_FIELD_H

#include <jansson.h>

/* "" if there is none. */
const char *field_text(const json_t *object, const char *key);

/* 0 if there is none. */
json_int_t field_integer(const json_t *object, const char *key);

/*
 * What lies at a path like "latency_ns.p50"; a word is looked up in an array as the
 * "name" of its elements: "by.kernel.instructions". NULL if it is not there.
 */
json_t *field_at(const json_t *value, const char *path);

#endif
