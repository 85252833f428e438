/* SPDX-License-Identifier: MIT */
/*
 * sketch.h - one recording in a few numbers, the same size for each
 *
 * Two histograms of the instructions executed, shares in parts of SKETCH_ONE:
 *
 *   functions   by the function it was written in, over SKETCH_FUNCTIONS buckets: comparable
 *               between builds, however they inline (sources.h)
 *   blocks      by 64 bytes of code, over SKETCH_BLOCKS buckets: within one build
 *
 * Which bucket a function or a piece of code is in is decided by a hash, so that different ones may
 * share a bucket. The likeness of two sketches is therefore never less than that of their
 * recordings. Besides: the pieces of code with the largest shares, and who the recording is.
 */
#ifndef FLEETS_SKETCH_H
#define FLEETS_SKETCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "reading.h"
#include "records.h"

enum {
	SKETCH_ONE = 1 << 30,
	SKETCH_FUNCTIONS = 1024,
	SKETCH_BLOCKS = 2048,
	SKETCH_PEAKS = 4,
};

/* A piece of code, or a branch, that has a large share of a recording. */
struct sketch_peak {
	uint64_t
		share; /* in parts of SKETCH_ONE; more than one for branches of a broken recording */
	uint64_t address;
	unsigned function_bucket, block_bucket;
	char *function; /* its name, or "" */
};

struct sketch {
	struct record about;
	char *refused; /* NULL, or why; then nothing below is set */
	char id[HASH_HEX_BYTES];
	unsigned generation; /* its number here */
	enum reading_kind kind;
	json_t *build_ids; /* of the units that have counts */
	json_t *facts;
	uint64_t instructions;
	double weight; /* record.json's */
	struct sketch_peak peaks[SKETCH_PEAKS];
	size_t peak_count;
	uint32_t functions[SKETCH_FUNCTIONS], blocks[SKETCH_BLOCKS];
};

/* A number for `bytes` bytes of `name` in `unit`, the same everywhere. Never 0. */
uint64_t sketch_hash_name(const char *unit, const char *name, size_t bytes);

/* Of what was read; `about` is copied. The caller releases. */
void sketch_make(struct sketch *s, const struct record *about, const struct reading *r);

/* Of a recording that is of no use; takes over `reason`. */
void sketch_refuse(struct sketch *s, const struct record *about, char *reason);

void sketch_release(struct sketch *s);

struct sketches {
	char *app; /* of all */
	struct sketch *v;
	size_t n, room;
};

/* Takes over the sketch. */
void sketches_push(struct sketches *all, struct sketch *s);

/*
 * A file of sketches: a line {"schema": 1, "app": "nginx"}, then a JSON object a line for each
 * recording. The text; the caller frees.
 */
char *sketches_format(const struct sketches *all, size_t *bytes);

/* Add those of a file's text. NULL, or a sentence with file and line that the caller frees. */
char *sketches_parse(struct sketches *all, const char *name, const char *text, size_t bytes);

void sketches_release(struct sketches *all);

#endif
