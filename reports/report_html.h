/* SPDX-License-Identifier: MIT */
/*
 * report_html.h - HTML into memory, escaped
 *
 * html_raw() and html_add() take markup that this program wrote; whatever comes from a file
 * goes through html_text(), html_name() or the cells, which escape & < > " '. Names are
 * shortened in the middle: `shown_bytes` of them are seen, `name_bytes` are kept (in title, in
 * JSON), so that a name of 40 kB costs no more than a long one.
 *
 * Numbers that were not measured are NAN and become a dash. All memory is kept until the
 * program ends.
 */
#ifndef REPORTS_REPORT_HTML_H
#define REPORTS_REPORT_HTML_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { HTML_SHOWN_BYTES = 72 };

struct html {
	char *bytes; /* NUL-terminated after the first word */
	size_t n, room;
	size_t name_bytes; /* of a name, what is kept at most */
};

void html_raw(struct html *h, const char *markup);
void html_bytes(struct html *h, const char *markup, size_t n);
void html_add(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
void html_text(struct html *h, const char *text);

/* <p class="CLASS">text</p>; the class may be NULL. */
void html_paragraph(struct html *h, const char *class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* <code>, shortened, with the whole name as title if it was. NULL: a dash. */
void html_name(struct html *h, const char *name);

/* 1234567.8 -> "1,234,567.8"; NAN -> a dash. */
void html_number(struct html *h, double value, int decimals);

/* At most `limit` bytes of UTF-8: "begin…end". A new string. */
char *html_shortened(const char *name, size_t limit);

/* JSON that may stand in a <script>: every < is \u003c. */
void html_json(struct html *h, const json_t *value);

/*
 * Tables. A column whose title starts with '#' holds numbers (the sign is not shown). `searchable` puts a
 * search field above it; JavaScript makes every header a button that sorts. `id` is
 * part of the state in the address.
 */
struct html_table {
	const char *id, *caption;
	const char *const *columns; /* NULL at the end */
	bool searchable;
};

void html_table_begin(struct html *h, const struct html_table *t);
void html_table_end(struct html *h);
void html_row(struct html *h, const char *class);
void html_cell_text(struct html *h, const char *text);
void html_cell_name(struct html *h, const char *name);
void html_cell_number(struct html *h, double value, int decimals);

/* With its sign: "+1,234", "−12", "0". */
void html_cell_delta(struct html *h, double value, int decimals);

/* "−14.5 %", or `otherwise` if it is NAN. */
void html_cell_percent(struct html *h, double percent, const char *otherwise);

#endif
