/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/term.h"
#include "../pipeline/lib/util.h"

enum { TEXT_COLUMNS = 80, LONGEST_MARKDOWN = 120 };

/* A byte that starts a character of UTF-8; the others take no column. */
static bool starts_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t columns_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += starts_character(*s);
	return n;
}

/* Bytes of the first n characters. */
static size_t bytes_of(const char *s, size_t n)
{
	size_t i = 0;

	while (s[i] && (n || !starts_character(s[i])))
		n -= starts_character(s[i++]);
	return i;
}

char *page_shortened(const char *text, size_t columns)
{
	size_t all = columns_of(text), head, tail;

	if (all <= columns || columns < 5)
		return xstrdup(text);
	head = (columns - 3 + 1) / 2;
	tail = columns - 3 - head;
	return xasprintf("%.*s...%s", (int)bytes_of(text, head), text,
			 text + bytes_of(text, all - tail));
}

/* No control characters, neither ASCII's nor, as UTF-8, those from 0x80 to 0x9f. */
static char *printable(const char *text)
{
	char *copy = xstrdup(text);

	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
		if ((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] >= 0x80 &&
		    (unsigned char)c[1] < 0xa0)
			c[0] = c[1] = '?';
	}
	return copy;
}

/* Markdown's own characters lose their meaning; HTML, too. */
static void put_escaped(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '&')
			fputs("&amp;", to);
		else if (strchr("\\`*_{}[]()#|!~", *text))
			fprintf(to, "\\%c", *text);
		else
			fputc(*text, to);
	}
}

static char *format_text(const char *format, va_list ap)
{
	char *text, *clean;

	if (vasprintf(&text, format, ap) < 0)
		die("out of memory");
	clean = printable(text);
	free(text);
	return clean;
}

/* In Markdown a blank line tells blocks apart; not the items of a list. */
static void begin_block(struct page *p, enum page_block block)
{
	if (p->last != PAGE_NOTHING && !(block == PAGE_ITEM && p->last == PAGE_ITEM))
		fputc('\n', p->to);
	p->last = block;
}

void page_heading(struct page *p, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = format_text(format, ap);
	va_end(ap);
	if (p->is_markdown) {
		begin_block(p, PAGE_PARAGRAPH);
		fputs("## ", p->to);
		put_escaped(p->to, text);
		fputc('\n', p->to);
	} else {
		fprintf(p->to, "\n%s\n", text);
	}
	free(text);
}

/* Words of `text` on lines; the first begins at column `at`. */
static void wrap(FILE *to, const char *text, size_t at, size_t indent)
{
	bool is_first = true;

	while (*text) {
		size_t length = strcspn(text, " ");
		char *word = xstrndup(text, length);
		size_t columns = columns_of(word);

		if (!is_first && at + 1 + columns > TEXT_COLUMNS) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!is_first) {
			fputc(' ', to);
			at++;
		}
		fputs(word, to);
		at += columns;
		is_first = false;
		text += length + (text[length] == ' ');
		free(word);
	}
	fputc('\n', to);
}

static void markdown_paragraph(struct page *p, const char *label, const char *text)
{
	int blanks = (int)strspn(label, " ");

	begin_block(p, blanks ? PAGE_ITEM : PAGE_PARAGRAPH);
	if (blanks)
		fprintf(p->to, "%*s- ", blanks > 2 ? blanks - 2 : 0, "");
	put_escaped(p->to, label + blanks);
	put_escaped(p->to, text);
	fputc('\n', p->to);
}

void page_paragraph(struct page *p, const char *label, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = format_text(format, ap);
	va_end(ap);
	if (p->is_markdown) {
		markdown_paragraph(p, label, text);
	} else {
		fputs(label, p->to);
		wrap(p->to, text, strlen(label), strlen(label));
	}
	free(text);
}

/* lib/term.h decides for standard error; the answer may go elsewhere. */
static bool may_color(FILE *to)
{
	return isatty(fileno(to)) || getenv("MAKE_TERMOUT") || getenv("COLOR");
}

void page_status(struct page *p, const char *color, const char *word, const char *sentence)
{
	char *clean = printable(sentence);

	if (p->is_markdown) {
		begin_block(p, PAGE_PARAGRAPH);
		fprintf(p->to, "**%s** ", word);
		put_escaped(p->to, clean);
		fputc('\n', p->to);
	} else {
		fprintf(p->to, "%s ", may_color(p->to) ? term_color(color, word) : word);
		wrap(p->to, clean, strlen(word) + 1, 2);
	}
	free(clean);
}

static void text_cell(FILE *to, const char *cell, int width)
{
	size_t wide = (size_t)abs(width);
	char *clean = printable(cell), *shown = page_shortened(clean, wide);
	int fill = (int)wide - (int)columns_of(shown);

	if (width > 0)
		fprintf(to, "%*s%s", fill, "", shown);
	else
		fprintf(to, "%s%*s", shown, fill, "");
	free(shown);
	free(clean);
}

/* In Markdown indentation would be lost: a part of a part gets a dash for each level. */
static void markdown_cell(FILE *to, const char *cell)
{
	char *clean = printable(cell), *shown = page_shortened(clean, LONGEST_MARKDOWN);
	size_t blanks = strspn(shown, " ");

	fputs("| ", to);
	for (size_t i = 2; i < blanks; i += 2)
		fputs("- ", to);
	put_escaped(to, shown + blanks);
	fputc(' ', to);
	free(shown);
	free(clean);
}

static void text_row(struct page *p, const char *const *cells)
{
	char *line = NULL;
	size_t length;
	FILE *to = open_memstream(&line, &length);

	if (!to)
		die("out of memory");
	for (size_t i = 0; i < p->column_count; i++) {
		if (i)
			fputc(' ', to);
		text_cell(to, cells[i] ? cells[i] : "", p->columns[i].width);
	}
	fclose(to);
	while (length && line[length - 1] == ' ')
		length--;
	fprintf(p->to, "%.*s\n", (int)length, line);
	free(line);
}

void page_row(struct page *p, const char *const *cells)
{
	if (!p->is_markdown) {
		text_row(p, cells);
		return;
	}
	for (size_t i = 0; i < p->column_count; i++)
		markdown_cell(p->to, cells[i] ? cells[i] : "");
	fputs("|\n", p->to);
}

void page_table(struct page *p, const struct page_column *columns, size_t n)
{
	const char **titles = xcalloc(n, sizeof(*titles));
	bool any = false;

	if (p->is_markdown)
		begin_block(p, PAGE_TABLE);
	p->columns = columns;
	p->column_count = n;
	for (size_t i = 0; i < n; i++) {
		titles[i] = columns[i].title;
		any = any || *columns[i].title;
	}
	if (any || p->is_markdown)
		page_row(p, titles);
	for (size_t i = 0; p->is_markdown && i < n; i++)
		fprintf(p->to, "| %s ", columns[i].width < 0 ? "---" : "---:");
	if (p->is_markdown)
		fputs("|\n", p->to);
	free(titles);
}
