/* SPDX-License-Identifier: MIT */
/*
 * report_figures.c - the headline: a small chart for each figure over all generations, and the table
 *
 * Bars start at zero, so that their lengths compare.
 */
#include <math.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "report_sections.h"

enum { CHART_WIDTH = 240, CHART_HEIGHT = 92, BASE = 74, TOP = 8 };

struct figure {
	const char *title, *unit;
	const char *manifest, *bench; /* where it is: in one of the two */
	int decimals;
};

static const struct figure figures[] = {
	{ "image", "bytes", "image.bytes", NULL, 0 },
	{ "image under xz -9e", "bytes", "image.xz_bytes", NULL, 0 },
	{ "guest instructions", "per request", NULL, "per_request.instructions", 0 },
	{ "taken branches", "per request", NULL, "per_request.taken_branches", 0 },
	{ "L1I misses", "per request, modelled", NULL, "per_request.l1i_misses", 0 },
	{ "boot to first answer", "guest instructions", NULL, "boot.instructions", 0 },
};

static double value_of(const struct report_generation *g, const struct figure *f)
{
	return f->manifest ? report_number(g->manifest, f->manifest)
			   : report_number(g->bench, f->bench);
}

static const char *profile_of(const struct report_generation *g)
{
	return report_string(g->manifest, "profile");
}

static double greatest(const struct report_data *d, const struct figure *f)
{
	double most = 0;

	for (size_t i = 0; i < d->generation_count; i++) {
		double value = value_of(&d->generations[i], f);

		if (isfinite(value) && value > most)
			most = value;
	}
	return most;
}

static void bar(struct html *h, const struct report_data *d, size_t i, const struct figure *f,
		double most)
{
	const struct report_generation *g = &d->generations[i];
	double step = (double)CHART_WIDTH / (double)d->generation_count;
	double width = step > 30 ? 24 : step * 0.8, value = value_of(g, f);
	double x = ((double)i + 0.5) * step, height = value / most * (BASE - TOP);
	/* numbers below the bars: as many as fit */
	size_t every = 1 + (size_t)(18 / step);
	const char *profile = profile_of(g);

	if (isfinite(value) && value >= 0) {
		html_add(
			h,
			"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
			profile ? "bar profiled" : "bar", x - width / 2, BASE - height, width,
			height);
		html_add(h, "generation %u, ", g->number);
		html_text(h, profile ? "profile " : "no profile");
		html_text(h, profile ? profile : "");
		html_raw(h, ": ");
		html_number(h, value, f->decimals);
		html_raw(h, "</title></rect>");
	}
	if (i % every == 0)
		html_add(h, "<text class=\"tick%s\" x=\"%.1f\" y=\"88\">%u</text>",
			 g == d->to || g == d->from ? " strong" : "", x, g->number);
}

static void last_value(struct html *h, const struct report_data *d, const struct figure *f)
{
	double now = value_of(d->to, f);
	double before = d->from ? value_of(d->from, f) : (double)NAN;

	html_raw(h, "<strong>");
	html_number(h, now, f->decimals);
	html_raw(h, "</strong>");
	if (isfinite(now) && isfinite(before) && before > 0 && d->from != d->to) {
		double percent = (now / before - 1) * 100;

		html_raw(h, " <span class=\"change\">");
		html_raw(h, percent > 0 ? "+" : "");
		html_number(h, percent, 1);
		html_add(h, "\xc2\xa0%% from %u</span>", d->from->number);
	}
}

static void chart(struct html *h, const struct report_data *d, const struct figure *f)
{
	double most = greatest(d, f);

	if (most <= 0)
		return;
	html_raw(h, "<figure class=\"panel\"><figcaption>");
	html_add(h, "%s<br><span class=\"unit\">%s</span><br>", f->title, f->unit);
	last_value(h, d, f);
	html_raw(h, "</figcaption>\n");
	html_add(
		h,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s by generation; the table below has the numbers\">",
		CHART_WIDTH, CHART_HEIGHT, f->title);
	html_add(h, "<path class=\"axis\" d=\"M0 %d.5H%d\"/>", BASE, CHART_WIDTH);
	for (size_t i = 0; i < d->generation_count; i++)
		bar(h, d, i, f, most);
	html_raw(h, "</svg></figure>\n");
}

static void row(struct html *h, const struct report_data *d, const struct report_generation *g)
{
	static const char *const measured[] = { "per_request.instructions",
						"per_request.taken_branches",
						"per_request.l1i_misses", "per_request.itlb_misses",
						"boot.instructions" };
	char *number = xasprintf("%u", g->number);

	html_row(h, g == d->to ? "now" : g == d->from ? "then" : NULL);
	html_add(h, "<td class=\"n\">%s", number);
	html_cell_name(h, profile_of(g));
	html_cell_number(h, report_number(g->manifest, "image.bytes"), 0);
	html_cell_number(h, report_number(g->manifest, "image.xz_bytes"), 0);
	html_cell_number(h, report_number(g->manifest, "kernel.text_bytes"), 0);
	html_cell_number(h, report_number(g->manifest, "app_elf.bytes"), 0);
	html_cell_number(h, report_number(g->manifest, "kernel.functions"), 0);
	html_cell_number(
		h,
		report_value(g->manifest, "syscalls.kept")
			? (double)json_array_size(report_value(g->manifest, "syscalls.kept"))
			: (double)NAN,
		0);
	for (size_t i = 0; i < ARRAY_SIZE(measured); i++)
		html_cell_number(h, report_number(g->bench, measured[i]), i == 3 ? 3 : 0);
	html_cell_number(h, report_number(g->manifest, "boot.ready_ms"), 0);
}

void report_figures(struct html *h, const struct report_data *d)
{
	static const char *const columns[] = {
		"#generation",	       "profile",	  "#image, bytes",
		"#under xz -9e",       "#kernel text",	  "#app",
		"#kernel functions",   "#system calls",	  "#instructions a request",
		"#taken branches",     "#L1I misses",	  "#iTLB misses",
		"#boot, instructions", "#first boot, ms", NULL
	};
	const struct html_table table = { "generations", "All generations", columns, false };
	bool measured = false;

	report_section_begin(h, "figures", "Figures");
	html_raw(h, "<div class=\"panels\">\n");
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		chart(h, d, &figures[i]);
	html_raw(
		h,
		"</div>\n<p class=\"note\">A bar is a generation. <span class=\"key\"><span class=\"swatch profiled\"></span> linked with a "
		"profile,</span> <span class=\"key\"><span class=\"swatch\"></span> without one.</span></p>\n");
	for (size_t i = 0; i < d->generation_count; i++)
		measured = measured || d->generations[i].bench;
	if (!measured)
		report_missing(h, d->to->why_no_bench, report_bench_command(d, NULL));
	html_table_begin(h, &table);
	for (size_t i = 0; i < d->generation_count; i++)
		row(h, d, &d->generations[i]);
	html_table_end(h);
	for (size_t i = 0; measured && i < d->generation_count; i++)
		if (!d->generations[i].bench)
			html_paragraph(h, "note", "Without figures: %s.",
				       d->generations[i].why_no_bench);
	report_section_end(h);
}
