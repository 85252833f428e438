/* SPDX-License-Identifier: MIT */
/*
 * folded.h - folded stacks: the text that flame graphs are made of
 *
 * FlameGraph's format (github.com/brendangregg/FlameGraph): one stack a line,
 * "frame;frame;frame COUNT", the outermost frame first. Frames may hold blanks and any
 * byte but ';', newline and NUL; those of the kernel end with "_[k]". COUNT is a whole
 * number, of guest instructions or of samples. What is written is sorted by bytes,
 * each stack once.
 */
#ifndef REPORTS_FOLDED_H
#define REPORTS_FOLDED_H

#include <stddef.h>
#include <stdint.h>

/* Sums up to this are exact in every reader of JSON, too: 2^53. */
#define FOLDED_TOTAL_MAX ((uint64_t)1 << 53)

struct folded_stack {
	char *frames; /* "a;b;c" */
	uint64_t count;
};

struct folded {
	struct folded_stack *v;
	size_t n, room;
	uint64_t total; /* the sum of all counts */
};

#define FOLDED_INIT { NULL, 0, 0, 0 }

/*
 * Add the stacks of a text; lines of nothing but blanks and counts of 0 are passed over.
 * NULL, or what is wrong with which line, a sentence that starts with "WHERE:LINE: " and
 * that the caller frees. Warns if each line ends with two numbers, as difffolded.pl writes them.
 */
char *folded_parse(struct folded *f, const char *text, size_t bytes, const char *where);

/* A file into an empty `f`, normalized; dies with file and line if it is not understood. */
void xfolded_read(struct folded *f, const char *path);

/* Count a stack; the text is copied. Dies if the total would pass FOLDED_TOTAL_MAX. */
void xfolded_add(struct folded *f, const char *frames, uint64_t count);

/* Sort by bytes, and make stacks that are the same one. */
void folded_normalize(struct folded *f);

/* Normalize and write, whole or not at all. */
void xfolded_write(struct folded *f, const char *path);

void folded_release(struct folded *f);

#endif
