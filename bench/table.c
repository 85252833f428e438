/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/fs.h"
#include "pipeline/lib/util.h"

enum { NAME_WIDTH = 24, COLUMN_WIDTH = 10 };

enum unit { UNIT_COUNT, UNIT_SMALL, UNIT_MILLIONS, UNIT_BYTES, UNIT_NS, UNIT_MS, UNIT_RATE };

struct row {
	const char *title;
	const char *path; /* "boot.instructions"; "by:kernel.instructions", "size:image" */
	enum unit unit;
};

/* A row without a path is a heading. */
static const struct row rows[] = {
	{ "a request", NULL, UNIT_COUNT },
	{ "guest instructions", "per_request.instructions", UNIT_COUNT },
	{ "  kernel", "by:kernel.instructions", UNIT_COUNT },
	{ "  libc", "by:libc.instructions", UNIT_COUNT },
	{ "  app", "by:app.instructions", UNIT_COUNT },
	{ "  libraries", "by:libraries.instructions", UNIT_COUNT },
	{ "  user, not told apart", "by:user.instructions", UNIT_COUNT },
	{ "taken branches", "per_request.taken_branches", UNIT_COUNT },
	{ "L1I misses (model)", "per_request.l1i_misses", UNIT_COUNT },
	{ "L1D misses (model)", "per_request.l1d_misses", UNIT_COUNT },
	{ "iTLB misses (model)", "per_request.itlb_misses", UNIT_SMALL },
	{ "under -icount", NULL, UNIT_COUNT },
	{ "guest instructions", "icount.per_request.instructions", UNIT_COUNT },
	{ "latency p50, guest time", "icount.latency_ns.p50", UNIT_NS },
	{ "latency p99, guest time", "icount.latency_ns.p99", UNIT_NS },
	{ "boot to first answer", NULL, UNIT_COUNT },
	{ "million instructions", "boot.instructions", UNIT_MILLIONS },
	{ "wall clock", "boot.wall_ms", UNIT_MS },
	{ "wall clock", NULL, UNIT_COUNT },
	{ "latency p50, open loop", "latency_ns.p50", UNIT_NS },
	{ "latency p99, open loop", "latency_ns.p99", UNIT_NS },
	{ "throughput, closed loop", "throughput_rps", UNIT_RATE },
	{ "memory", NULL, UNIT_COUNT },
	{ "peak used", "memory_peak_bytes", UNIT_BYTES },
	{ "least that serves", "memory_min_bytes", UNIT_BYTES },
	{ "size", NULL, UNIT_COUNT },
	{ "image", "size:image", UNIT_BYTES },
	{ "shipped, xz", "size:image, xz", UNIT_BYTES },
};

static const json_t *named(const json_t *list, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		const char *of = json_string_value(json_object_get(one, "name"));

		if (of && !strcmp(of, name))
			return one;
	}
	return NULL;
}

/* The figure at a row's path, or NULL. */
static const json_t *figure(const json_t *bench, const char *path)
{
	char *copy = xstrdup(path), *save, *part;
	const json_t *at = bench;

	if (!strncmp(path, "size:", 5)) {
		at = json_object_get(named(json_object_get(bench, "size"), path + 5), "bytes");
	} else if (!strncmp(path, "by:", 3)) {
		part = strtok_r(copy + 3, ".", &save);
		at = named(json_object_get(bench, "per_request_by"), part);
		at = json_object_get(at, save);
	} else {
		for (part = strtok_r(copy, ".", &save); part; part = strtok_r(NULL, ".", &save))
			at = json_object_get(at, part);
	}
	free(copy);
	return json_is_number(at) ? at : NULL;
}

/* 30233 as "30,233". */
static char *grouped(double value)
{
	char *digits = xasprintf("%.0f", value), *result = xstrdup("");
	size_t length = strlen(digits);

	for (size_t i = 0; i < length; i++) {
		char *longer = xasprintf(
			"%s%s%c", result,
			i && (length - i) % 3 == 0 && digits[i - 1] != '-' ? "," : "", digits[i]);

		free(result);
		result = longer;
	}
	free(digits);
	return result;
}

static char *format_time(double ns)
{
	if (ns >= 1e6)
		return xasprintf("%.2f ms", ns / 1e6);
	return xasprintf("%.1f us", ns / 1e3);
}

static char *format_figure(const json_t *number, enum unit unit)
{
	double value = json_number_value(number);

	if (!number)
		return xstrdup("-");
	switch (unit) {
	case UNIT_SMALL: return value < 10 ? xasprintf("%.3f", value) : grouped(value);
	case UNIT_MILLIONS: return xasprintf("%.1f", value / 1e6);
	case UNIT_BYTES: return fs_human_bytes((uint64_t)value);
	case UNIT_NS: return format_time(value);
	case UNIT_MS: return xasprintf("%.0f ms", value);
	case UNIT_RATE: return xasprintf("%.0f/s", value);
	default: return grouped(value);
	}
}

static void begin_line(enum table_format format, const char *title)
{
	if (format == TABLE_MARKDOWN)
		printf("| %s |", title);
	else
		printf("%-*s", NAME_WIDTH, title);
}

/* What the column of a subject is headed with; the caller frees. */
static char *heading_of(const json_t *bench)
{
	const char *name = json_string_value(json_object_get(bench, "subject"));
	bool is_generation = json_is_integer(json_object_get(bench, "generation"));

	return xasprintf("%s%s", is_generation ? "gen " : "", name ? name : "?");
}

static void put_cell(const json_t *bench, enum table_format format, const char *text)
{
	char *heading = heading_of(bench);
	int width = (int)strlen(heading);

	if (format == TABLE_MARKDOWN)
		printf(" %s |", text);
	else
		printf(" %*s", width > COLUMN_WIDTH ? width : COLUMN_WIDTH, text);
	free(heading);
}

static void print_heading(const json_t *benches, enum table_format format)
{
	const json_t *bench;
	size_t i;

	begin_line(format, "");
	json_array_foreach(benches, i, bench) {
		char *cell = heading_of(bench);

		put_cell(bench, format, cell);
		free(cell);
	}
	puts("");
	if (format != TABLE_MARKDOWN)
		return;
	printf("| --- |");
	for (i = 0; i < json_array_size(benches); i++)
		printf(" ---: |");
	puts("");
}

static void print_figures(const json_t *benches, const struct row *row, enum table_format format)
{
	const json_t *bench;
	size_t i;

	begin_line(format, row->title);
	json_array_foreach(benches, i, bench) {
		char *text = format_figure(figure(bench, row->path), row->unit);

		put_cell(bench, format, text);
		free(text);
	}
	puts("");
}

/* Each subject's figure divided by the first one's. */
static void print_ratios(const json_t *benches, const struct row *row, enum table_format format)
{
	const json_t *first = figure(json_array_get(benches, 0), row->path), *bench;
	size_t i;

	if (!first || !(json_number_value(first) > 0))
		return;
	begin_line(format, "");
	json_array_foreach(benches, i, bench) {
		const json_t *this = figure(bench, row->path);
		char *text = xstrdup("");

		if (i && this) {
			free(text);
			text = xasprintf("x %.3f",
					 json_number_value(this) / json_number_value(first));
		}
		put_cell(bench, format, text);
		free(text);
	}
	puts("");
}

static void print_group(const json_t *benches, const char *title, enum table_format format)
{
	if (format == TABLE_TEXT) {
		puts(title);
		return;
	}
	printf("| **%s** |", title);
	for (size_t i = 0; i < json_array_size(benches); i++)
		printf(" |");
	puts("");
}

static bool somebody_has(const json_t *benches, const struct row *row)
{
	const json_t *bench;
	size_t i;

	json_array_foreach(benches, i, bench)
		if (figure(bench, row->path))
			return true;
	return false;
}

/* Whether anything below this heading was measured. */
static bool is_used(const json_t *benches, const struct row *heading)
{
	for (const struct row *row = heading + 1; row < rows + ARRAY_SIZE(rows) && row->path; row++)
		if (somebody_has(benches, row))
			return true;
	return false;
}

void table_print(const json_t *benches, enum table_format format, bool ratios)
{
	print_heading(benches, format);
	for (const struct row *row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		if (!row->path) {
			if (is_used(benches, row))
				print_group(benches, row->title, format);
			continue;
		}
		if (!somebody_has(benches, row))
			continue;
		print_figures(benches, row, format);
		if (ratios)
			print_ratios(benches, row, format);
	}
}
