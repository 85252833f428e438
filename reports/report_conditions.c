/* SPDX-License-Identifier: MIT */
/*
 * report_conditions.c - the manifest, how was measured, and what the figures are worth
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "report_sections.h"

/* A scalar, or an array of them; objects become several rows. A new string or NULL. */
static char *scalar_text(const json_t *value)
{
	struct strlist words = STRLIST_INIT;
	json_t *element;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_STRING: return xstrdup(json_string_value(value));
	case JSON_INTEGER: return xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	case JSON_REAL: return xasprintf("%.6g", json_real_value(value));
	case JSON_TRUE: return xstrdup("yes");
	case JSON_FALSE: return xstrdup("no");
	case JSON_NULL: return xstrdup("none");
	case JSON_ARRAY:
		json_array_foreach(value, i, element) {
			char *text = scalar_text(element);

			if (!text)
				return NULL;
			strlist_push(&words, text);
		}
		return strlist_join(&words, " ");
	default: return NULL;
	}
}

/* {"a": {"b": 1}} -> a row "a b", 1. Sorted by key. Arrays of objects are passed over. */
static void rows(struct html *h, const char *prefix, const json_t *object, unsigned depth)
{
	struct strlist keys = STRLIST_INIT;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
		strlist_push(&keys, key);
	strlist_sort(&keys);
	for (size_t i = 0; i < keys.n; i++) {
		char *name = xasprintf("%s%s%s", prefix, *prefix ? ", " : "", keys.v[i]), *text;

		value = json_object_get(object, keys.v[i]);
		text = scalar_text(value);
		for (char *c = name; *c; c++)
			if (*c == '_')
				*c = ' ';
		if (text) {
			html_row(h, NULL);
			html_raw(h, "<th scope=\"row\">");
			html_text(h, html_shortened(name, h->name_bytes));
			html_raw(h, "</th><td>");
			html_text(h, html_shortened(text, 2000));
		} else if (depth < 8) {
			rows(h, name, value, depth + 1);
		}
	}
	strlist_release(&keys);
}

static void object_table(struct html *h, const char *id, const char *caption, const json_t *object)
{
	static const char *const columns[] = { "what", "value", NULL };
	const struct html_table table = { id, caption, columns, false };

	if (!json_object_size(object))
		return;
	html_table_begin(h, &table);
	rows(h, "", object, 0);
	html_table_end(h);
}

static void components(struct html *h, const json_t *manifest)
{
	static const char *const columns[] = { "component", "version", "sha256 of the source",
					       "capsule", NULL };
	const struct html_table table = { "components", "Made of", columns, false };
	json_t *component;
	size_t i;

	html_table_begin(h, &table);
	json_array_foreach(json_object_get(manifest, "components"), i, component) {
		html_row(h, NULL);
		html_cell_name(h, report_string(component, "name"));
		html_cell_name(h, report_string(component, "version"));
		html_cell_name(h, report_string(component, "source_sha256"));
		html_cell_name(h, report_string(component, "capsule"));
	}
	html_table_end(h);
}

/* The manifest without what has a table of its own. */
static json_t *plain_manifest(const json_t *manifest)
{
	json_t *copy = json_copy((json_t *)manifest);

	json_object_del(copy, "components");
	json_object_del(copy, "seconds");
	json_object_del(copy, "syscalls");
	return copy;
}

void report_conditions(struct html *h, const struct report_data *d)
{
	const json_t *bench = d->to->bench;

	report_section_begin(h, "conditions", "Manifest and conditions");
	object_table(h, "manifest", xasprintf("Generation %u", d->to->number),
		     plain_manifest(d->to->manifest));
	components(h, d->to->manifest);
	object_table(h, "seconds", "Seconds of the build",
		     json_object_get(d->to->manifest, "seconds"));
	if (bench)
		object_table(h, "bench-conditions", "Measured under these conditions",
			     json_object_get(bench, "conditions"));
	else
		report_missing(h, d->to->why_no_bench, report_bench_command(d, d->to));
	report_section_end(h);
}

static const char *const explanation[][2] = {
	{ "Exact",
	  "Sizes, functions and system calls are read from the files of the image. Guest instructions and taken branches "
	  "are counted one by one by a tracer in the emulator: every instruction the guest executed, in "
	  "kernel, libraries and app, with no sampling. Two runs of one image still differ a little (up to 0.7 % in one run of make bench, up to 4 % "
	  "between two on a machine that is busy with other things, too), because requests "
	  "arrive from outside at other moments; figures are medians of several runs. Those in guest time "
	  "(icount) have their client inside the guest and are the same at each repetition, to the byte." },
	{ "Modelled",
	  "Misses of the instruction cache, the data cache and the instruction TLB are counted exactly, too, but in a "
	  "simple model of a cache, not in a processor: no prefetching, no speculation, nothing shared. They tell two images "
	  "apart; they do not predict a processor's counters." },
	{ "Emulated",
	  "Wall-clock times (boot in milliseconds, latency, throughput) depend on the machine that ran the guest. Where "
	  "they are marked emulated, QEMU translated the guest's instructions instead of letting the processor run "
	  "them, and time is far from that of real hardware. They compare only within one run of make bench, and no verdict rests on them." },
	{ "Estimated",
	  "What the shaker dropped never had a size, because it was never linked. Its bytes are estimated from "
	  "its bitcode instructions and from what the kept ones became in this kernel." },
};

void report_explanation(struct html *h, const struct report_data *d)
{
	(void)d;
	report_section_begin(h, "worth", "What the figures are worth");
	html_raw(h, "<dl>\n");
	for (size_t i = 0; i < ARRAY_SIZE(explanation); i++) {
		html_add(h, "<dt>%s</dt><dd>", explanation[i][0]);
		html_text(h, explanation[i][1]);
		html_raw(h, "</dd>\n");
	}
	html_raw(
		h,
		"</dl>\n<p>A figure that was not measured is shown as a dash, never as zero.</p>\n");
	report_section_end(h);
}
