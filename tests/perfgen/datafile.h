/* SPDX-License-Identifier: MIT */
/*
 * datafile.h - writes a perf.data, as a file or as a stream
 *
 * imports/perfdata.h describes the format. Features that a reader must not keep are written,
 * too: a host name and a command line that hold the word "secret".
 */
#ifndef TESTS_PERFGEN_DATAFILE_H
#define TESTS_PERFGEN_DATAFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../imports/perfevent.h"

enum { DATAFILE_RECORD_BYTES = 1 << 16, DATAFILE_BUILD_IDS = 8 };

struct datafile_options {
	bool is_stream, is_compressed, big_endian, has_index;
	const char *arch, *cpuid, *cpu_description;
	struct perf_event_kind event;
};

/* The end of a record that is being made. */
struct datafile {
	FILE *out;
	struct datafile_options options;
	uint64_t data_start, written;
	uint8_t record[DATAFILE_RECORD_BYTES];
	size_t bytes;
	struct perf_build_id build_ids[DATAFILE_BUILD_IDS];
	size_t build_id_count;
	void *stream; /* of zstd */
	uint8_t plain[1 << 15];
	size_t plain_bytes;
	uint64_t time;
};

/* All of these die with a sentence if the file cannot be written. */
void datafile_open(struct datafile *d, const char *path, const struct datafile_options *options);
void datafile_build_id(struct datafile *d, const struct perf_build_id *b);
void datafile_mapping(struct datafile *d, const struct perf_mapping *m);
void datafile_exec(struct datafile *d, int32_t pid, const char *name);
void datafile_lost(struct datafile *d, uint64_t lost);
void datafile_sample(struct datafile *d, const struct perf_sample *s);
void datafile_close(struct datafile *d);

#endif
