/* SPDX-License-Identifier: MIT */
/*
 * benchdata.h - bench.json, schema 1: what was measured of one subject (docs/measuring.md)
 *
 * A subject is a directory: a generation, OUT/APP/N, or a peer, OUT/APP/peers/NAME (peer.json). Its
 * figures of the recipe's bench load are in bench.json, those of another load in
 * bench-LOAD.json; bench.symbols.json and bench.folded go with them.
 */
#ifndef BENCH_BENCHDATA_H
#define BENCH_BENCHDATA_H

#include <jansson.h>
#include <stdbool.h>

/*
 * A new object for the subject in `directory`: who it is, of which image, and its sizes; nothing
 * measured yet. Dies if the directory is no subject.
 */
json_t *xbenchdata_new(const char *directory, const char *session);

/* Append a run, one with "invalid" too; takes the reference. `kind`: "exact", "boot", "wall". */
void benchdata_add(json_t *bench, const char *kind, json_t *run);

/* Compute all figures on top from the runs that are valid: medians. */
void benchdata_summarize(json_t *bench);

/* How many runs of the kind are invalid. */
size_t benchdata_invalid(const json_t *bench, const char *kind);

/* The first invalid run's sentence, or NULL; valid as long as `bench` is. */
const char *benchdata_why_invalid(const json_t *bench);

/* "bench" or "bench-LOAD", the stem of the files' names; `load` NULL: the recipe's. */
char *benchdata_stem(const char *load);

/*
 * Read `path` and say whether figures can be taken from it: a new reference, or NULL with a
 * sentence in `*why`, to be freed: it is missing, half-written, of another schema, unfinished.
 */
json_t *benchdata_read(const char *path, char **why);

#endif
