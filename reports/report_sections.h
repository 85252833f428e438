/* SPDX-License-Identifier: MIT */
/*
 * report_sections.h - the parts of the page, in its order
 *
 * Each writes one <section>. What is missing is said in its place, with the command that
 * makes it. `limits` keep the page small whatever the data: they are lowered until it fits.
 */
#ifndef REPORTS_REPORT_SECTIONS_H
#define REPORTS_REPORT_SECTIONS_H

#include "report_data.h"
#include "report_html.h"
#include "report_size.h"

struct folded;

struct report_limits {
	size_t size_arrays; /* nodes of the tree of sizes, kept and dropped each */
	size_t flame_nodes;
	size_t rows;	   /* of one table */
	size_t name_bytes; /* of one name */
};

/* What is long to read, and read once, however often the page is made. */
struct report_contents {
	struct report_size size;
	struct folded *now, *before; /* stacks of `to` and `from`; NULL: none that can be used */
	char *why_not_now, *why_not_before; /* sentences; NULL also if none was asked for */
};

/* Fill `now` and `before`. */
void report_flames_read(struct report_contents *c, const struct report_data *d);

/* <section id="ID"><h2>title</h2>, its link in the navigation is `id`, too. */
void report_section_begin(struct html *h, const char *id, const char *title);
void report_section_end(struct html *h);

/* "Not measured: WHY. Run: COMMAND" */
void report_missing(struct html *h, const char *why, const char *command);

/* "N more, ..., are left out", if `all` is more than `shown`. */
void report_left_out(struct html *h, size_t all, size_t shown, const char *what);

/* "make bench APP=nginx GEN=7"; NULL: of all. A new string. */
char *report_bench_command(const struct report_data *d, const struct report_generation *g);

/* 1: size, xz, instructions and others of all generations. */
void report_figures(struct html *h, const struct report_data *d);

/* 2: what takes the space. Writes the tree's JSON, too. */
void report_sizes(struct html *h, const struct report_data *d, const struct report_contents *c,
		  const struct report_limits *l);

/* 3: stacks of a traced run of its own. */
void report_flames(struct html *h, const struct report_data *d, const struct report_contents *c,
		   const struct report_limits *l);

/* 4: percentiles of latency. */
void report_latency(struct html *h, const struct report_data *d);

/* 5: instructions of a request by function. */
void report_functions(struct html *h, const struct report_data *d, const struct report_limits *l);

/* 6: system calls that were kept, and those that were not. */
void report_syscalls(struct html *h, const struct report_data *d, const struct report_limits *l);

/* 7: other images, measured in the same way. Nothing if there is none. */
void report_peers(struct html *h, const struct report_data *d);

/* The app's own tests. */
void report_tests(struct html *h, const struct report_data *d, const struct report_limits *l);

/* 8: the comparison. */
void report_diff(struct html *h, const struct report_data *d, const struct report_limits *l);

/* 9: what the images were made from, how was measured, what that is worth. */
void report_conditions(struct html *h, const struct report_data *d);
void report_explanation(struct html *h, const struct report_data *d);

#endif
