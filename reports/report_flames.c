/* SPDX-License-Identifier: MIT */
/*
 * report_flames.c - stacks of a traced run, of one generation or of two; and the table of the hottest stacks'
 * functions without a picture is report_functions.c
 */
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/fs.h"
#include "../pipeline/lib/util.h"
#include "flamegraph.h"
#include "report_sections.h"

/* NULL and the reason, if there are no stacks that can be used. */
static struct folded *stacks(const struct report_generation *g, char **why)
{
	char *path = xasprintf("%s/bench.folded", g->directory), *text, *wrong;
	struct folded *f = xcalloc(1, sizeof(*f));
	size_t bytes;

	*why = NULL;
	if (!g->bench) {
		*why = g->why_no_bench;
		return NULL;
	}
	text = fs_read(path, &bytes);
	if (!text) {
		*why = xasprintf("generation %u has no stacks (bench.folded)", g->number);
		return NULL;
	}
	wrong = folded_parse(f, text, bytes, "bench.folded");
	free(text);
	if (wrong) {
		*why = xasprintf("the stacks of generation %u are damaged: %s", g->number, wrong);
		return NULL;
	}
	folded_normalize(f);
	if (!f->total)
		*why = xasprintf("the stacks of generation %u are empty", g->number);
	return f->total ? f : NULL;
}

static void data(struct html *h, const struct report_data *d, const json_t *flame)
{
	json_t *json = json_object();

	json_object_set_new(json, "to", json_integer(d->to->number));
	json_object_set_new(json, "from", d->from ? json_integer(d->from->number) : json_null());
	json_object_set(json, "graph", (json_t *)flame);
	html_raw(h, "<script type=\"application/json\" id=\"flame-data\">");
	html_json(h, json);
	html_raw(h, "</script>\n");
	json_decref(json);
}

void report_flames_read(struct report_contents *c, const struct report_data *d)
{
	c->now = stacks(d->to, &c->why_not_now);
	if (c->now && d->from && d->from != d->to)
		c->before = stacks(d->from, &c->why_not_before);
}

void report_flames(struct html *h, const struct report_data *d, const struct report_contents *c,
		   const struct report_limits *l)
{
	json_t *flame;

	report_section_begin(h, "flame", "Stacks");
	if (!c->now) {
		report_missing(h, c->why_not_now, report_bench_command(d, d->to));
		report_section_end(h);
		return;
	}
	flame = flamegraph_json(c->now, c->before, l->flame_nodes);
	html_raw(
		h,
		"<p>Kernel, C library and app in one picture, from a traced run of its own, of at most 2,000 requests: every instruction is counted in "
		"the stack that executed it, waiting is left out. The width of a frame is its share of what was counted.</p>\n");
	html_raw(
		h,
		"<noscript><p class=\"missing\">The picture needs JavaScript; the functions are in the table below.</p></noscript>\n"
		"<div id=\"flamegraph\" class=\"graph\" hidden></div>\n");
	data(h, d, flame);
	if (report_number(flame, "pruned.nodes") > 0)
		html_paragraph(
			h, "note",
			"So that this file stays small, the %.0f smallest frames are left out.",
			report_number(flame, "pruned.nodes"));
	if (c->why_not_before)
		html_paragraph(h, "note", "Without a comparison: %s.", c->why_not_before);
	json_decref(flame);
	report_section_end(h);
}
