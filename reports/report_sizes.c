/* SPDX-License-Identifier: MIT */
/*
 * report_sizes.c - the treemap's data, and its upper levels as a table
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "report_sections.h"
#include "report_size.h"

/* The smallest threshold, doubled from nothing, with which the tree fits. */
static uint64_t threshold_for(const struct report_tree *t, size_t arrays)
{
	uint64_t threshold = 0;

	while (t && threshold < t->bytes && report_tree_arrays(t, threshold) > arrays)
		threshold = threshold ? threshold * 2 : 8;
	return threshold;
}

static const struct report_tree *child(const struct report_tree *t, const char *name)
{
	struct report_tree *found = NULL;

	if (t)
		HASH_FIND(hh, t->children, name, strlen(name), found);
	return found;
}

struct row {
	const char *unit, *part;
	uint64_t kept, dropped;
};

static int larger_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = strcmp(x->unit, y->unit);

	if (x->kept != y->kept)
		return x->kept < y->kept ? 1 : -1;
	if (x->dropped != y->dropped)
		return x->dropped < y->dropped ? 1 : -1;
	return order ? order : strcmp(x->part, y->part);
}

static size_t parts(const struct report_tree *t)
{
	size_t n = 0;

	for (const struct report_tree *u = t ? t->children : NULL; u; u = u->hh.next)
		n += u->children ? HASH_COUNT(u->children) : 1;
	return n;
}

/* The kept parts of a unit; a unit without parts is one itself. */
static size_t kept_parts(struct row *rows, const struct report_tree *unit,
			 const struct report_size *s)
{
	size_t n = 0;

	if (!unit->children)
		rows[n++] = (struct row){ unit->name, "", unit->bytes, 0 };
	for (const struct report_tree *p = unit->children; p; p = p->hh.next) {
		const struct report_tree *twin = child(child(s->dropped, unit->name), p->name);

		rows[n++] = (struct row){ unit->name, p->name, p->bytes, twin ? twin->bytes : 0 };
	}
	return n;
}

/* Parts of which nothing was kept. */
static size_t lost_parts(struct row *rows, const struct report_tree *unit,
			 const struct report_size *s)
{
	size_t n = 0;

	for (const struct report_tree *p = unit->children; p; p = p->hh.next)
		if (!child(child(s->kept, unit->name), p->name))
			rows[n++] = (struct row){ unit->name, p->name, 0, p->bytes };
	return n;
}

static size_t collect(struct row **rows, const struct report_size *s)
{
	size_t n = 0;

	*rows = xcalloc(parts(s->kept) + parts(s->dropped) + 1, sizeof(**rows));
	for (const struct report_tree *u = s->kept->children; u; u = u->hh.next)
		n += kept_parts(*rows + n, u, s);
	for (const struct report_tree *u = s->dropped ? s->dropped->children : NULL; u;
	     u = u->hh.next)
		n += lost_parts(*rows + n, u, s);
	return n;
}

static void table(struct html *h, const struct report_size *s)
{
	static const char *const columns[] = {
		"unit", "part", "#bytes", "#of the image, %", "#dropped, estimated", NULL
	};
	const struct html_table t = { "size-by-part", "What takes the space", columns, false };
	enum { ROWS = 30 };
	struct row *rows;
	size_t n = collect(&rows, s);

	qsort(rows, n, sizeof(*rows), larger_first);
	html_table_begin(h, &t);
	for (size_t i = 0; i < n && i < ROWS; i++) {
		html_row(h, NULL);
		html_cell_name(h, rows[i].unit);
		html_cell_name(h, rows[i].part);
		html_cell_number(h, (double)rows[i].kept, 0);
		html_cell_number(h, 100.0 * (double)rows[i].kept / (double)s->kept->bytes, 1);
		html_cell_number(h, rows[i].dropped ? (double)rows[i].dropped : (double)NAN, 0);
	}
	html_table_end(h);
	report_left_out(h, n, ROWS, "parts");
	free(rows);
}

static void data(struct html *h, const struct report_size *s, uint64_t threshold, size_t name_bytes)
{
	json_t *json = json_object();

	json_object_set_new(json, "kept", report_tree_json(s->kept, threshold, name_bytes));
	json_object_set_new(json, "dropped",
			    s->dropped ? report_tree_json(s->dropped, threshold, name_bytes)
				       : json_null());
	json_object_set(json, "reasons", s->reasons);
	html_raw(h, "<script type=\"application/json\" id=\"size-data\">");
	html_json(h, json);
	html_raw(h, "</script>\n");
	json_decref(json);
}

static void words(struct html *h, const struct report_size *s, uint64_t threshold)
{
	html_raw(h, "<p class=\"note\">");
	if (s->dropped) {
		html_raw(h, "Dropped by the shaker: ");
		html_number(h, (double)s->dropped_functions, 0);
		html_raw(h, " functions, about ");
		html_number(h, (double)s->dropped->bytes, 0);
		html_add(
			h,
			" bytes, estimated at %.2f bytes for an instruction of bitcode, as the kept ones "
			"take; data that went with them is not in it. ",
			s->bytes_per_instruction);
	}
	html_raw(
		h,
		"Each byte that is loaded counts once, inlined code where it is. Memory that is zeroed at boot (.bss, whole pages of zeros) takes no room in the image and is left out. ");
	if (threshold > 1)
		html_add(
			h,
			"So that this file stays small, symbols and directories below %llu bytes are grouped as \xe2\x80\x9cN smaller\xe2\x80\x9d.",
			(unsigned long long)threshold);
	html_raw(h, "</p>\n");
}

void report_sizes(struct html *h, const struct report_data *d, const struct report_contents *c,
		  const struct report_limits *l)
{
	const struct report_size *s = &c->size;
	uint64_t threshold, other;

	report_section_begin(h, "size", "Size");
	if (s->unreadable)
		html_paragraph(h, "missing", "%s", s->unreadable);
	if (!s->kept || !s->kept->bytes) {
		report_missing(h, "the generation has no ELF file with symbols",
			       xasprintf("make image APP=%s", d->app));
		report_section_end(h);
		return;
	}
	threshold = threshold_for(s->kept, l->size_arrays);
	other = threshold_for(s->dropped, l->size_arrays);
	threshold = other > threshold ? other : threshold;
	html_paragraph(h, NULL,
		       "Generation %u: the area of a rectangle is its bytes in the image%s->",
		       d->to->number,
		       s->dropped ? "; hatched, on the same scale, what the shaker dropped" : "");
	html_raw(
		h,
		"<noscript><p class=\"missing\">The treemap needs JavaScript; the table below has its upper levels.</p></noscript>\n"
		"<div id=\"treemap\" class=\"graph\" hidden></div>\n");
	data(h, s, threshold, l->name_bytes);
	words(h, s, threshold);
	table(h, s);
	report_section_end(h);
}
