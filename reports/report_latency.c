/* SPDX-License-Identifier: MIT */
/*
 * report_latency.c - latency by percentile
 *
 * Across, the share of requests that were slower: 1/2, 1/10, 1/100, 1/1000, each step as wide
 * as its digits; upwards, the latency, logarithmic. So the tail, which users feel, has room.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "report_sections.h"

enum { WIDTH = 420, HEIGHT = 240, LEFT = 56, RIGHT = 28, TOP = 12, BOTTOM = 40, SERIES_MAX = 6 };

static const struct percentile {
	const char *key, *title;
	double slower; /* share of requests */
} percentiles[] = {
	{ "p50", "50 %", 0.5 },
	{ "p90", "90 %", 0.1 },
	{ "p99", "99 %", 0.01 },
	{ "p999", "99.9 %", 0.001 },
};

struct series {
	char *title;
	const json_t *values; /* p50, p90 ... in nanoseconds */
};

struct chart {
	struct series series[SERIES_MAX];
	size_t n;
	double least, most; /* powers of ten, in nanoseconds */
};

static double at(const struct series *s, size_t i)
{
	double value = report_number(s->values, percentiles[i].key);

	return value > 0 ? value : (double)NAN;
}

static void add(struct chart *c, const struct report_generation *g, const char *key,
		const char *what)
{
	const json_t *values = report_value(g->bench, key);
	bool emulated = json_is_true(report_value(g->bench, "emulated"));

	if (c->n < SERIES_MAX && isfinite(report_number(values, "p50")))
		c->series[c->n++] = (struct series){
			xasprintf("generation %u, %s%s", g->number, what,
				  emulated && strncmp(key, "icount", 6) ? ", emulated" : ""),
			values
		};
}

static void scale(struct chart *c)
{
	double least = INFINITY, most = 0;

	for (size_t s = 0; s < c->n; s++)
		for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++) {
			double value = at(&c->series[s], i);

			if (!isfinite(value))
				continue;
			least = fmin(least, value);
			most = fmax(most, value);
		}
	c->least = floor(log10(least));
	c->most = fmax(ceil(log10(most)), c->least + 1);
}

static double x_of(double slower)
{
	double first = -log10(0.5), last = 3;

	return LEFT + (-log10(slower) - first) / (last - first) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct chart *c, double ns)
{
	return TOP + (c->most - log10(ns)) / (c->most - c->least) * (HEIGHT - TOP - BOTTOM);
}

static void axes(struct html *h, const struct chart *c)
{
	static const char *const units[] = { "ns", "\xc2\xb5s", "ms", "s" };

	for (int power = (int)c->least; power <= (int)c->most; power++) {
		int unit = power < 0 ? 0 : power / 3 > 3 ? 3 : power / 3;
		double y = y_of(c, pow(10, power));

		html_add(
			h,
			"<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"tick end\" x=\"%d\" y=\"%.1f\">%g %s</text>",
			LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, pow(10, power - unit * 3),
			units[unit]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		html_add(h, "<text class=\"tick\" x=\"%.1f\" y=\"%d\">%s</text>",
			 x_of(percentiles[i].slower), HEIGHT - 18, percentiles[i].title);
	html_add(h, "<text class=\"tick end\" x=\"%d\" y=\"%d\">of requests are faster</text>",
		 WIDTH - RIGHT, HEIGHT - 3);
}

static void line(struct html *h, const struct chart *c, size_t number)
{
	const struct series *s = &c->series[number];
	bool begun = false;

	html_add(h, "<path class=\"series s%zu\" d=\"", number);
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		if (isfinite(at(s, i))) {
			html_add(h, "%s%.1f %.1f", begun ? "L" : "M", x_of(percentiles[i].slower),
				 y_of(c, at(s, i)));
			begun = true;
		}
	html_raw(h, "\"/>");
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		if (isfinite(at(s, i))) {
			html_add(
				h,
				"<circle class=\"dot s%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>",
				number, x_of(percentiles[i].slower), y_of(c, at(s, i)));
			html_text(h, s->title);
			html_add(h, ", %s: ", percentiles[i].title);
			html_number(h, at(s, i), 0);
			html_raw(h, " ns</title></circle>");
		}
}

static void draw(struct html *h, const struct chart *c)
{
	html_add(
		h,
		"<figure class=\"latency\"><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Latency by percentile; the table below has the numbers\">\n",
		WIDTH, HEIGHT);
	axes(h, c);
	for (size_t s = 0; s < c->n; s++)
		line(h, c, s);
	html_raw(h, "</svg>\n<figcaption><ul class=\"legend\">");
	for (size_t s = 0; s < c->n; s++) {
		html_add(
			h,
			"<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\"><path class=\"series s%zu\" d=\"M0 5H28\"/></svg> ",
			s);
		html_text(h, c->series[s].title);
	}
	html_raw(h, "</ul></figcaption></figure>\n");
}

static void write_table(struct html *h, const struct chart *c)
{
	static const char *const columns[] = {
		"latency, microseconds", "#50 %", "#90 %", "#99 %", "#99.9 %", NULL
	};
	const struct html_table table = { "latencies", "Latency: so many requests are faster",
					  columns, false };

	html_table_begin(h, &table);
	for (size_t s = 0; s < c->n; s++) {
		html_row(h, NULL);
		html_cell_text(h, c->series[s].title);
		for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
			html_cell_number(h, at(&c->series[s], i) / 1000, 1);
	}
	html_table_end(h);
}

/* Wall-clock times of two runs of bench compare nothing but the days. */
static const char *session_of(const json_t *bench)
{
	const char *own = report_string(json_object_get(bench, "sessions"), "wall");

	return own ? own : report_string(bench, "session");
}

static bool same_session(const struct report_data *d)
{
	const char *a = session_of(d->from->bench), *b = session_of(d->to->bench);

	return a && b && !strcmp(a, b);
}

static void collect(struct html *h, const struct report_data *d, struct chart *c)
{
	const struct report_generation *from =
		d->from && d->from != d->to && d->from->bench ? d->from : NULL;

	add(c, d->to, "latency_ns", "open loop");
	if (from && same_session(d))
		add(c, from, "latency_ns", "open loop");
	add(c, d->to, "closed_latency_ns", "closed loop");
	if (from && same_session(d))
		add(c, from, "closed_latency_ns", "closed loop");
	add(c, d->to, "icount.latency_ns", "guest time");
	if (from)
		add(c, from, "icount.latency_ns", "guest time");
	if (from && !same_session(d))
		html_paragraph(
			h, "note",
			"Generations %u and %u were measured in different runs of make bench: the wall-clock "
			"times of %u are left out, because they would compare the machine's load.",
			from->number, d->to->number, from->number);
}

void report_latency(struct html *h, const struct report_data *d)
{
	const char *no_icount = report_string(d->to->bench, "icount.reason");
	struct chart chart = { .n = 0 };

	report_section_begin(h, "latency", "Latency");
	if (!d->to->bench) {
		report_missing(h, d->to->why_no_bench, report_bench_command(d, d->to));
		report_section_end(h);
		return;
	}
	collect(h, d, &chart);
	if (chart.n) {
		scale(&chart);
		draw(h, &chart);
		write_table(h, &chart);
		html_raw(
			h,
			"<p class=\"note\">Open loop: requests are sent at a fixed rate, and the time counts from when each was "
			"planned. Closed loop: the next is sent when the answer is there. Guest time: a client inside the guest, "
			"time counted in executed instructions; the same at each repetition, and comparable only with itself.");
		if (json_is_true(report_value(d->to->bench, "emulated")))
			html_raw(
				h,
				" <strong>Emulated</strong>: without hardware virtualization wall-clock times say little about real ones.");
		html_raw(h, "</p>\n");
	} else {
		report_missing(h, "bench.json has no latency", report_bench_command(d, d->to));
	}
	if (no_icount)
		html_paragraph(h, "note", "No latency in guest time: %s", no_icount);
	report_section_end(h);
}
