/* SPDX-License-Identifier: MIT */
/*
 * json.h - jansson, with Anneal's habits
 *
 * Files are written whole, keys sorted, two spaces, a newline at the end, so
 * that the same data gives the same bytes. The getters die with the file's name
 * when a field is missing or of another type: what reads a file says so in one
 * sentence instead of crashing later.
 */
#ifndef PIPELINE_JSON_H
#define PIPELINE_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "strlist.h"

/* A new reference; dies if the file is missing or not JSON. */
json_t *xjson_read(const char *path);

/* NULL if the file is missing or not JSON. */
json_t *json_read(const char *path);

void xjson_write(const char *path, const json_t *value);
void xjson_write_if_changed(const char *path, const json_t *value);
void json_print(const json_t *value);

/* `where` is named in the error. */
const char *xjson_string(const json_t *object, const char *key, const char *where);
uint64_t xjson_uint(const json_t *object, const char *key, const char *where);
json_t *xjson_array(const json_t *object, const char *key, const char *where);

json_t *json_from_strlist(const struct strlist *l);

/* A string of any bytes: those that are not UTF-8 become question marks. A new reference. */
json_t *json_text(const char *bytes);

#endif
