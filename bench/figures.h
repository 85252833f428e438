/* SPDX-License-Identifier: MIT */
/*
 * figures.h - what is counted, and for which parts of an image
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

/* As trace.json calls them (profiles/tracefiles.h). */
enum { EXACT_FIGURES = 5 };
extern const char *const exact_figures[EXACT_FIGURES];

/* In this order wherever they are listed. */
enum component {
	COMPONENT_KERNEL,
	COMPONENT_LIBC,
	COMPONENT_APP,
	COMPONENT_LIBRARIES,
	COMPONENT_USER, /* user code of a subject that tells no more */
	COMPONENT_OTHER,
	COMPONENT_COUNT
};

extern const char *const component_names[COMPONENT_COUNT];

#endif
