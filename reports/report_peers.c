/* SPDX-License-Identifier: MIT */
/*
 * report_peers.c - what users have today, measured in the same way
 */
#include <math.h>
#include <string.h>

#include "../pipeline/lib/util.h"
#include "report_sections.h"

static const char *const measured[] = { "per_request.instructions", "per_request.taken_branches",
					"per_request.l1i_misses",   "per_request.itlb_misses",
					"boot.instructions",	    "memory_peak_bytes" };

static double shipped(const struct report_peer *p)
{
	json_t *part;
	double sum = 0;
	size_t i;

	json_array_foreach(json_object_get(p->peer, "shipped"), i, part) {
		double bytes = report_number(part, "xz_bytes");

		if (isfinite(bytes))
			sum += bytes;
	}
	return sum > 0 ? sum : (double)NAN;
}

static void figures(struct html *h, const json_t *bench)
{
	for (size_t i = 0; i < ARRAY_SIZE(measured); i++)
		html_cell_number(h, report_number(bench, measured[i]), i == 3 ? 3 : 0);
}

void report_peers(struct html *h, const struct report_data *d)
{
	static const char *const columns[] = { "image",
					       "#shipped, under xz -9e",
					       "#instructions a request",
					       "#taken branches",
					       "#L1I misses",
					       "#iTLB misses",
					       "#boot, instructions",
					       "#memory, peak bytes",
					       NULL };
	const struct html_table table = { "peer-table", "This image and its peers", columns,
					  false };

	if (!d->peer_count)
		return;
	report_section_begin(h, "peers", "Peers");
	html_table_begin(h, &table);
	html_row(h, "now");
	html_cell_text(h, xasprintf("%s, generation %u", d->app, d->to->number));
	html_cell_number(h, report_number(d->to->manifest, "image.xz_bytes"), 0);
	figures(h, d->to->bench);
	for (size_t i = 0; i < d->peer_count; i++) {
		const struct report_peer *p = &d->peers[i];
		const char *title = report_string(p->peer, "title");

		html_row(h, NULL);
		html_cell_text(h, title ? title : p->name);
		html_cell_number(h, shipped(p), 0);
		figures(h, p->bench);
	}
	html_table_end(h);
	html_raw(h, "<dl>\n");
	for (size_t i = 0; i < d->peer_count; i++) {
		const struct report_peer *p = &d->peers[i];
		const char *title = report_string(p->peer, "title");
		const char *describe = report_string(p->peer, "describe");

		html_raw(h, "<dt>");
		html_text(h, title ? title : p->name);
		html_raw(h, "</dt><dd>");
		html_text(h, describe ? describe : "");
		if (p->why_no_bench)
			html_text(h, xasprintf(" Without figures: %s. Run: make bench-peers APP=%s",
					       p->why_no_bench, d->app));
		html_raw(h, "</dd>\n");
	}
	html_raw(h, "</dl>\n");
	report_section_end(h);
}
