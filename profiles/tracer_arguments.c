/* SPDX-License-Identifier: MIT */
#include "tracer_arguments.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/lib/util.h"

/*
 * Where Linux is entered. Of most entries only the first instruction: their code calls and is
 * returned to. A table's stubs are entered, each at its beginning, and never returned to.
 */
static const struct {
	const char *symbol, *key;
	bool table;
} entries[] = {
	{ "asm_exc_nmi", "interrupt", false },
	{ "asm_exc_*", "fault", false },
	{ "early_idt_handler_array", "fault", true },
	{ "asm_sysvec_*", "interrupt", false },
	{ "irq_entries_start", "interrupt", true },
	{ "spurious_entries_start", "interrupt", true },
};

/* QEMU splits its words at commas; a comma of the value's is written twice. */
static void put_path(FILE *f, const char *key, const char *path)
{
	fprintf(f, ",%s=", key);
	for (; *path; path++)
		fprintf(f, *path == ',' ? ",," : "%c", *path);
}

static void put_regions(FILE *f, const struct tracer_arguments *a)
{
	for (size_t i = 0; i < a->region_count; i++) {
		const struct ranges *code = &a->regions[i].map->code;

		for (size_t r = 0; r < code->n; r++)
			fprintf(f, ",region=%s:%" PRIx64 ":%" PRIx64, a->regions[i].name,
				code->v[r].start, code->v[r].end);
	}
}

static void put_entries(FILE *f, const struct elfmap *kernel)
{
	uint64_t last = 0;

	for (size_t i = 0; i < kernel->symbol_count; i++) {
		const struct elfmap_symbol *s = &kernel->symbols[i];

		for (size_t e = 0; e < ARRAY_SIZE(entries) && s->start != last; e++) {
			if (fnmatch(entries[e].symbol, s->name, 0))
				continue;
			fprintf(f, ",%s=%" PRIx64 ":%" PRIx64, entries[e].key, s->start,
				entries[e].table ? s->end : s->start + 1);
			last = s->start;
		}
	}
}

/* The kernel's first piece of code is mapped with pages of 2 MiB, and alone in them. */
static void put_huge(FILE *f, const struct elfmap *kernel)
{
	const uint64_t page = 2 << 20;
	const struct range *text = &kernel->code.v[0];

	fprintf(f, ",huge=%" PRIx64 ":%" PRIx64, text->start & -page,
		(text->end + page - 1) & -page);
}

char *tracer_arguments_word(const struct tracer_arguments *a)
{
	char *word = NULL;
	size_t bytes;
	FILE *f = open_memstream(&word, &bytes);

	if (!f)
		die("out of memory");
	for (const char *c = a->plugin; *c; c++)
		fprintf(f, *c == ',' ? ",," : "%c", *c);
	fprintf(f, ",window=%s,models=%s", a->whole ? "whole" : "control",
		a->models ? "on" : "off");
	if (a->out)
		put_path(f, "out", a->out);
	if (a->control)
		put_path(f, "control", a->control);
	if (a->functions) {
		fputs(",stacks=on", f);
		put_path(f, "functions", a->functions);
	}
	put_regions(f, a);
	for (size_t i = 0; i < a->exclusions->n; i++)
		fprintf(f, ",exclude=%" PRIx64 ":%" PRIx64, a->exclusions->v[i].start,
			a->exclusions->v[i].end);
	put_entries(f, a->kernel);
	put_huge(f, a->kernel);
	if (fclose(f))
		die("out of memory");
	return word;
}
