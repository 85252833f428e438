/* SPDX-License-Identifier: MIT */
/*
 * page.h - headings, sentences and tables, for a terminal or as Markdown
 *
 * Text keeps to 80 columns: sentences are wrapped at blanks, cells that are too long lose
 * their middle. Control characters become question marks, so that a symbol's name cannot
 * speak to a terminal; in Markdown names cannot be mistaken for markup.
 */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct page_column {
	const char *title;
	int width; /* of text; negative: on the left */
};

struct page {
	FILE *to;
	bool is_markdown;
	const struct page_column *columns;
	size_t column_count;
	enum page_block { PAGE_NOTHING, PAGE_PARAGRAPH, PAGE_ITEM, PAGE_TABLE } last;
};

void page_heading(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * A paragraph; continued lines of text are indented by as much as `label` is long. With a
 * label that begins with blanks it is an item of a list, in Markdown.
 */
void page_paragraph(struct page *p, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, of one status word in `color` (lib/term.h) and a sentence. */
void page_status(struct page *p, const char *color, const char *word, const char *sentence);

/* Start a table; `columns` must live until its last row. Without titles in text if all are "". */
void page_table(struct page *p, const struct page_column *columns, size_t n);

/* One row: as many cells as there are columns; NULL is an empty one. */
void page_row(struct page *p, const char *const *cells);

/* At most `columns` wide, the middle replaced by "..."; whole characters. The caller frees. */
char *page_shortened(const char *text, size_t columns);

#endif
