/* SPDX-License-Identifier: MIT */
/*
 * flamegraph_svg.c - the picture: geometry, colours, text; flamegraph.css and flamegraph.js within
 *
 * The root is at the bottom, as Brendan Gregg's flamegraph.pl draws it. What is drawn is complete
 * without the script, which zooms, searches, and fits it to the window.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flamegraph.h"
#include "frametree.h"
#include "pipeline/lib/util.h"

/* clang knows C23's #embed in C11, too, and would say so each time */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char style[] = {
#embed "flamegraph.css"
	, 0
};

static const char script[] = {
#embed "flamegraph.js"
	, 0
};

/* Pixels; flamegraph.js has the first three, too. */
enum { FRAME_HEIGHT = 16, SIDE = 10, WIDTH = 1200, HEAD = 128, FOOT = 10 };
#define CHARACTER_WIDTH 7.23
#define NARROWEST 0.1

/* How strong a colour can be for a difference. */
enum { STRENGTHS = 7 };

struct drawing {
	FILE *out;
	const struct frametree *t;
	const struct flamegraph *f;
	double largest_change; /* of a share, without sign */
	size_t left_out;
	uint32_t deepest;
};

static void put_escaped(FILE *out, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		switch (text[i]) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\'': fputs("&#39;", out); break;
		default: putc(text[i], out);
		}
}

/* Bytes of the first `characters` characters. */
static size_t bytes_of(const char *text, size_t characters)
{
	size_t i = 0;

	while (text[i] && characters--)
		do
			i++;
		while (((unsigned char)text[i] & 0xc0) == 0x80);
	return i;
}

/* As much of the text as fits; nothing if that is hardly a letter. */
static void put_shortened(FILE *out, const char *text, double pixels)
{
	double room = floor((pixels - 4) / CHARACTER_WIDTH);
	size_t fits;

	if (room < 3)
		return;
	fits = bytes_of(text, (size_t)room);
	if (!text[fits]) {
		put_escaped(out, text, fits);
		return;
	}
	put_escaped(out, text, bytes_of(text, (size_t)room - 1));
	fputs("…", out);
}

/* "1,234,567"; valid until the next call but two. */
static const char *grouped(uint64_t number)
{
	static char texts[3][32];
	static unsigned turn;
	char digits[24], *to = texts[turn++ % 3], *start = to;
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return start;
}

static double change(const struct drawing *d, const struct frametree_node *node)
{
	double grew = frametree_share(d->t, node) - frametree_share_before(d->t, node);

	return d->f->negate ? -grew : grew;
}

static bool is_drawn(const struct drawing *d, const struct frametree_node *node)
{
	return frametree_share(d->t, node) * (WIDTH - 2 * SIDE) >= NARROWEST;
}

static void survey(struct drawing *d)
{
	for (size_t i = 0; i < d->t->n; i++) {
		const struct frametree_node *node = &d->t->v[i];

		if (i && !is_drawn(d, node)) {
			d->left_out += node->count > 0;
			continue;
		}
		if (node->depth > d->deepest)
			d->deepest = node->depth;
		if (fabs(change(d, node)) > d->largest_change)
			d->largest_change = fabs(change(d, node));
	}
}

/* The same name has the same shade everywhere (FNV-1a). */
static unsigned shade(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return (hash >> 16) % 4;
}

static void put_class(const struct drawing *d, const struct frametree_node *node)
{
	static const char letters[] = "klao";
	const char *name = d->t->names[node->name];
	double grew = change(d, node);
	int strength;

	if (!d->t->has_before) {
		fprintf(d->out, "%c s%u", node->depth ? letters[frame_kind(name)] : 'o',
			shade(name));
		return;
	}
	/* the root's of the changes, so that smaller ones are seen beside the largest */
	strength = d->largest_change > 0
			   ? (int)lround(sqrt(fabs(grew) / d->largest_change) * STRENGTHS)
			   : 0;
	if (!strength)
		fputc('n', d->out);
	else
		fprintf(d->out, "%c d%d", grew > 0 ? 'r' : 'b', strength);
}

/* "name (kernel, 1,234 samples, 1.20 %)"; flamegraph.js looks for the last " (". */
static void put_title(const struct drawing *d, const struct frametree_node *node, const char *name)
{
	static const char *const kinds[] = { "kernel, ", "C library, ", "", "" };
	enum frame_kind kind = frame_kind(d->t->names[node->name]);

	put_escaped(d->out, name, strlen(name));
	fprintf(d->out, " (%s%s %s, %.2f %%", node->depth ? kinds[kind] : "", grouped(node->count),
		d->f->unit, frametree_share(d->t, node) * 100);
	if (d->t->has_before)
		fprintf(d->out, "; %s %.2f %%, %+.2f points", d->f->negate ? "after" : "before",
			frametree_share_before(d->t, node) * 100, change(d, node) * 100);
	putc(')', d->out);
}

static void put_frame(const struct drawing *d, const struct frametree_node *node, uint64_t start)
{
	char *name = flamegraph_name(d->t->names[node->name], FLAMEGRAPH_NAME_MAX);
	double scale = d->t->total ? (WIDTH - 2 * SIDE) / (double)d->t->total : 0;
	double x = SIDE + (double)start * scale;
	double width = d->t->total ? (double)node->count * scale : WIDTH - 2 * SIDE;
	unsigned y = HEAD + (d->deepest - node->depth) * FRAME_HEIGHT;

	fputs("<g class=\"frame ", d->out);
	put_class(d, node);
	fputs("\"><title>", d->out);
	put_title(d, node, name);
	fprintf(d->out, "</title><rect x=\"%.3f\" y=\"%u\" width=\"%.3f\" height=\"%d\" rx=\"1\"/>",
		x, y, width, FRAME_HEIGHT - 1);
	if (width >= 3 * CHARACTER_WIDTH + 4) {
		fprintf(d->out, "<text x=\"%.2f\" y=\"%u\">", x + 3, y + 12);
		put_shortened(d->out, name, width);
		fputs("</text>", d->out);
	}
	fputs("</g>\n", d->out);
	free(name);
}

/* Nodes stand as the tree is walked, a node before its children and they side by side. */
static void put_frames(const struct drawing *d)
{
	uint64_t *next_start = xcalloc(d->t->n, sizeof(*next_start));

	put_frame(d, &d->t->v[0], 0);
	for (size_t i = 1; i < d->t->n; i++) {
		const struct frametree_node *node = &d->t->v[i];

		next_start[i] = next_start[node->parent];
		next_start[node->parent] += node->count;
		if (is_drawn(d, node))
			put_frame(d, node, next_start[i]);
	}
	free(next_start);
}

static void put_line(FILE *out, const char *class, unsigned y, const char *format, ...)
	PRINTF(4, 5);

static void put_line(FILE *out, const char *class, unsigned y, const char *format, ...)
{
	/* the title is set in larger letters */
	double pixels = strcmp(class, "title") ? WIDTH - SIDE : (WIDTH - SIDE) * 0.75;
	char *text, *clean;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		die("out of memory");
	va_end(args);
	clean = flamegraph_name(text, 4 * FLAMEGRAPH_NAME_MAX);
	fprintf(out, "<text class=\"line %s\" x=\"%d\" y=\"%u\" data-text=\"", class, SIDE, y);
	put_escaped(out, clean, strlen(clean));
	fputs("\">", out);
	put_shortened(out, clean, pixels);
	fputs("</text>\n", out);
	free(clean);
	free(text);
}

/* Which way the colours point, and how the two are compared. */
static void put_comparison(const struct drawing *d)
{
	const struct flamegraph *f = d->f;
	const char *older = f->negate ? f->name : f->before_name;
	const char *newer = f->negate ? f->before_name : f->name;

	put_line(
		d->out, "", 58,
		"red: a larger share in %s than in %s, blue: a smaller one; the stronger, the more. "
		"Frames only in %s are not here.",
		newer, older, f->before_name);
	put_line(d->out, "", 74, "widths: %s; %s has %s %s, scaled to the same total", f->name,
		 f->before_name, grouped(d->t->before_total), f->unit);
}

static void put_legend(const struct drawing *d)
{
	static const struct {
		const char *class, *text;
	} kinds[] = { { "k", "kernel" }, { "l", "C library" }, { "a", "app" }, { "o", "other" } };
	int x = SIDE;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fprintf(d->out,
			"<g class=\"%s\"><rect x=\"%d\" y=\"50\" width=\"12\" height=\"12\"/>"
			"<text x=\"%d\" y=\"60\">%s</text></g>\n",
			kinds[i].class, x, x + 16, kinds[i].text);
		x += 36 + (int)(strlen(kinds[i].text) * CHARACTER_WIDTH);
	}
}

/* What only the script needs. It learns here whether a search can miss something. */
static void put_controls(const struct drawing *d)
{
	fprintf(d->out,
		"<foreignObject id=\"controls\" class=\"script\" x=\"%d\" y=\"81\" width=\"280\" "
		"height=\"28\"><div xmlns=\"http://www.w3.org/1999/xhtml\">"
		"<input id=\"search\" type=\"search\" placeholder=\"search, key /\" "
		"aria-label=\"search for a regular expression\"/>"
		"<button id=\"reset\" type=\"button\">reset, Esc</button></div></foreignObject>\n"
		"<text id=\"matched\" x=\"%d\" y=\"98\" role=\"status\"",
		SIDE, SIDE + 285);
	if (d->left_out)
		fprintf(d->out, " data-left-out=\"%zu\"", d->left_out);
	if (d->t->cut_stacks)
		fprintf(d->out, " data-cut-stacks=\"%zu\"", d->t->cut_stacks);
	fprintf(d->out, "> </text>\n<text id=\"detail\" x=\"%d\" y=\"122\"> </text>\n", SIDE);
}

static void put_head(const struct drawing *d)
{
	const struct flamegraph *f = d->f;
	const char *title = f->title ? f->title : "Flame graph";
	char *left_out =
		xasprintf("; %s frames narrower than 0.1 px are left out", grouped(d->left_out));
	char *cut = xasprintf("; %zu stacks are cut at %d frames", d->t->cut_stacks,
			      FRAMETREE_DEPTH_MAX);

	if (d->t->has_before)
		put_line(d->out, "title", 22, "%s: %s %s %s", title, f->name,
			 f->negate ? "before" : "against", f->before_name);
	else
		put_line(d->out, "title", 22, "%s", f->title ? f->title : f->name);
	put_line(d->out, "", 42, "%s %s%s%s%s", grouped(d->t->total), f->unit,
		 d->left_out ? left_out : "", d->t->cut_stacks ? cut : "",
		 d->t->total ? "" : ": there is nothing to draw");
	if (d->t->has_before)
		put_comparison(d);
	else
		put_legend(d);
	put_controls(d);
	free(left_out);
	free(cut);
}

char *flamegraph_svg(const struct folded *now, const struct folded *before,
		     const struct flamegraph *f)
{
	struct frametree t;
	struct drawing d = { .t = &t, .f = f };
	unsigned height;
	size_t bytes;
	char *text;

	frametree_build(&t, now, before);
	survey(&d);
	height = HEAD + (d.deepest + 1) * FRAME_HEIGHT + FOOT;
	d.out = open_memstream(&text, &bytes);
	if (!d.out)
		die("out of memory");
	fprintf(d.out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" "
		"viewBox=\"0 0 %d %u\">\n<style>\n%s</style>\n",
		WIDTH, height, WIDTH, height, style);
	put_head(&d);
	put_frames(&d);
	fprintf(d.out, "<script><![CDATA[\n%s]]></script>\n</svg>\n", script);
	if (fclose(d.out))
		die("out of memory");
	frametree_release(&t);
	return text;
}
