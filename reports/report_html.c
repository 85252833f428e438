/* SPDX-License-Identifier: MIT */
#include "report_html.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

static const char dash[] = "\xe2\x80\x93", minus[] = "\xe2\x88\x92", ellipsis[] = "\xe2\x80\xa6";

void html_bytes(struct html *h, const char *markup, size_t n)
{
	if (h->n + n + 1 > h->room) {
		h->room = (h->n + n + 1) * 2;
		h->bytes = xrealloc(h->bytes, h->room);
	}
	memcpy(h->bytes + h->n, markup, n);
	h->n += n;
	h->bytes[h->n] = 0;
}

void html_raw(struct html *h, const char *markup)
{
	html_bytes(h, markup, strlen(markup));
}

void html_add(struct html *h, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	html_raw(h, text);
	free(text);
}

void html_text(struct html *h, const char *text)
{
	for (const char *c = text; *c;) {
		size_t plain = strcspn(c, "&<>\"'");

		html_bytes(h, c, plain);
		c += plain;
		switch (*c) {
		case '&': html_raw(h, "&amp;"); break;
		case '<': html_raw(h, "&lt;"); break;
		case '>': html_raw(h, "&gt;"); break;
		case '"': html_raw(h, "&quot;"); break;
		case '\'': html_raw(h, "&#39;"); break;
		default: return;
		}
		c++;
	}
}

void html_paragraph(struct html *h, const char *class, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	if (class)
		html_add(h, "<p class=\"%s\">", class);
	else
		html_raw(h, "<p>");
	html_text(h, text);
	html_raw(h, "</p>\n");
	free(text);
}

/* Not inside a character of several bytes. */
static size_t boundary(const char *s, size_t at)
{
	while (at && ((unsigned char)s[at] & 0xc0) == 0x80)
		at--;
	return at;
}

char *html_shortened(const char *name, size_t limit)
{
	size_t length = strlen(name), head, tail;

	if (length <= limit)
		return xstrdup(name);
	head = boundary(name, limit * 2 / 3);
	tail = length - (limit - limit * 2 / 3 - (sizeof(ellipsis) - 1));
	while (((unsigned char)name[tail] & 0xc0) == 0x80)
		tail++;
	return xasprintf("%.*s%s%s", (int)head, name, ellipsis, name + tail);
}

void html_name(struct html *h, const char *name)
{
	char *shown, *kept;

	if (!name) {
		html_raw(h, dash);
		return;
	}
	shown = html_shortened(name, HTML_SHOWN_BYTES);
	if (!strcmp(shown, name)) {
		html_raw(h, "<code>");
	} else {
		kept = html_shortened(name, h->name_bytes);
		html_raw(h, "<code title=\"");
		html_text(h, kept);
		html_raw(h, "\">");
		free(kept);
	}
	html_text(h, shown);
	html_raw(h, "</code>");
	free(shown);
}

void html_number(struct html *h, double value, int decimals)
{
	char digits[400];
	size_t whole;

	if (!isfinite(value)) {
		html_raw(h, dash);
		return;
	}
	snprintf(digits, sizeof(digits), "%.*f", decimals, fabs(value));
	if (value < 0 && digits[strspn(digits, "0.")])
		html_raw(h, minus);
	whole = strcspn(digits, ".");
	for (size_t i = 0; digits[i]; i++) {
		if (i && i < whole && (whole - i) % 3 == 0)
			html_raw(h, ",");
		html_bytes(h, digits + i, 1);
	}
}

void html_json(struct html *h, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(8));

	if (!text)
		die("cannot encode JSON");
	for (const char *c = text; *c;) {
		size_t plain = strcspn(c, "<");

		html_bytes(h, c, plain);
		c += plain;
		if (*c) {
			html_raw(h, "\\u003c");
			c++;
		}
	}
	free(text);
}

void html_table_begin(struct html *h, const struct html_table *t)
{
	if (t->searchable)
		html_add(
			h,
			"<p class=\"find\" hidden><label>search <input type=\"search\" data-table=\"%s\" "
			"autocomplete=\"off\" spellcheck=\"false\"></label> "
			"<span class=\"found\" role=\"status\"></span></p>\n",
			t->id);
	html_add(h, "<div class=\"scroll%s\" role=\"region\" tabindex=\"0\" aria-label=\"",
		 t->searchable ? " long" : "");
	html_text(h, t->caption);
	html_add(h, "\">\n<table id=\"%s\"><caption>", t->id);
	html_text(h, t->caption);
	html_raw(h, "</caption>\n<thead><tr>");
	for (const char *const *c = t->columns; *c; c++) {
		html_raw(h, **c == '#' ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
		html_text(h, **c == '#' ? *c + 1 : *c);
		html_raw(h, "</th>");
	}
	html_raw(h, "</tr></thead>\n<tbody>");
}

void html_table_end(struct html *h)
{
	html_raw(h, "</tbody></table></div>\n");
}

/* A row ends where the next one begins: </tr> and </td> may be left out in HTML. */
void html_row(struct html *h, const char *class)
{
	if (class)
		html_add(h, "\n<tr class=\"%s\">", class);
	else
		html_raw(h, "\n<tr>");
}

void html_cell_text(struct html *h, const char *text)
{
	html_raw(h, "<td>");
	html_text(h, text ? text : dash);
}

void html_cell_name(struct html *h, const char *name)
{
	html_raw(h, "<td>");
	html_name(h, name);
}

void html_cell_number(struct html *h, double value, int decimals)
{
	html_raw(h, "<td class=\"n\">");
	html_number(h, value, decimals);
}

static void sign(struct html *h, double value)
{
	if (isfinite(value) && value > 0)
		html_raw(h, "+");
}

void html_cell_delta(struct html *h, double value, int decimals)
{
	html_raw(h, "<td class=\"n\">");
	sign(h, value);
	html_number(h, value, decimals);
}

void html_cell_percent(struct html *h, double percent, const char *otherwise)
{
	html_raw(h, "<td class=\"n\">");
	if (!isfinite(percent)) {
		html_text(h, otherwise);
		return;
	}
	sign(h, percent);
	html_number(h, percent, 1);
	html_raw(h, " %");
}
