/* SPDX-License-Identifier: MIT */
/*
 * manifest.h - the record that makes a directory a capsule
 *
 * A capsule is a directory CACHE/capsules/NAME-KEY with
 *
 *   manifest.json   what it is, what made it, and every file with its sha256
 *   manifest.sha256 of manifest.json
 *   modules/        raw bitcode (.bc), and what can only be native (.o)
 *   include/ lib/   for building what depends on it (lib/ is native: configure
 *                   probes link against it)
 *   ...             files of the component's own ("tools/objtool")
 *
 * manifest.json, schema 1:
 *   name, version, key, compiler
 *   source           { kind, package, version, sha256 }
 *   flags            of bitcc; configure, build: the recipe's commands
 *   patches          [ { name, sha256 } ]
 *   depends          [ { name, key } ]
 *   files            [ { path, kind, bytes, sha256 } ], by path; kind is bitcode,
 *                    native, header or data
 *   libraries        [ { name, modules: [ path ] } ]
 *   links            [ { name, kind: "program" or "kernel", inputs, ... } ], where an
 *                    input is { module } (always linked), { lazy: [ path ] } (an
 *                    archive: linked if something needs it) or { library, component }
 *                    (another capsule's)
 */
#ifndef BITCODE_MANIFEST_H
#define BITCODE_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>

/* Hash and write the manifest of a finished directory. `manifest` lacks files[]. */
void manifest_seal(const char *directory, json_t *manifest);

/*
 * Read the manifest and check every file against it. Returns it (a new
 * reference), or NULL with a sentence in *why that the caller frees: a file
 * missing, changed, or there without being listed.
 */
json_t *manifest_verify(const char *directory, char **why);

/* Only the manifest itself is checked: cheap, for listing. */
json_t *manifest_read(const char *directory, char **why);

/* "bitcode", "native", "header" or "data". */
const char *manifest_file_kind(const char *directory, const char *path);

#endif
