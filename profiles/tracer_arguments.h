/* SPDX-License-Identifier: MIT */
/*
 * tracer_arguments.h - what the tracer is told about an image, from its ELF files
 */
#ifndef PROFILES_TRACER_ARGUMENTS_H
#define PROFILES_TRACER_ARGUMENTS_H

#include <stdbool.h>

#include "exclusions.h"
#include "symbolize.h"

struct tracer_arguments {
	const char *plugin;    /* tracer.so */
	const char *out;       /* directory, or NULL */
	const char *control;   /* socket, or NULL */
	const char *functions; /* file, or NULL: no stacks */
	bool whole, models;
	const struct symbolize_region *regions; /* their code does not overlap */
	size_t region_count;
	const struct elfmap *kernel;
	const struct exclusions *exclusions;
};

/* The word behind -plugin; the caller frees. */
char *tracer_arguments_word(const struct tracer_arguments *a);

#endif
