/* SPDX-License-Identifier: MIT */
#include "tracer_options.h"

#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "pipeline/lib/util.h"

enum { PAGE_BYTES = 4096, HUGE_PAGE_BYTES = 2 << 20 };

/* "a:b:c", `count` positive decimal numbers. */
static bool read_numbers(const char *text, uint64_t *numbers, int count)
{
	for (int i = 0; i < count; i++) {
		char *end;

		if (*text < '0' || *text > '9')
			return false;
		numbers[i] = strtoull(text, &end, 10);
		if (!numbers[i] || numbers[i] > 1 << 30 || *end != (i + 1 < count ? ':' : '\0'))
			return false;
		text = end + 1;
	}
	return true;
}

/* Whether a cache can have this shape. */
static bool has_shape(const struct geometry *g)
{
	struct cache c;

	if (g->bytes % g->line_bytes ||
	    !cache_init(&c, g->bytes / g->line_bytes, g->ways, g->line_bytes))
		return false;
	cache_release(&c);
	return true;
}

static const char *read_cache(struct geometry *g, const char *text)
{
	uint64_t n[3];

	if (!read_numbers(text, n, 3))
		return "it is not BYTES:WAYS:LINE";
	*g = (struct geometry){ n[0], n[1], n[2] };
	return has_shape(g) ? NULL : "lines and sets have to be powers of two";
}

static const char *read_tlb(struct geometry *g, const char *text)
{
	uint64_t n[2];

	if (!read_numbers(text, n, 2))
		return "it is not ENTRIES:WAYS";
	*g = (struct geometry){ n[0] * PAGE_BYTES, n[1], PAGE_BYTES };
	return has_shape(g) ? NULL : "the number of sets has to be a power of two";
}

static const char *read_huge_tlb(struct geometry *g, const char *text)
{
	uint64_t entries;

	if (!read_numbers(text, &entries, 1))
		return "it is not a number";
	*g = (struct geometry){ entries * HUGE_PAGE_BYTES, entries, HUGE_PAGE_BYTES };
	return has_shape(g) ? NULL : "that is too many";
}

static const char *read_choice(bool *first, const char *text, const char *yes, const char *no)
{
	*first = !strcmp(text, yes);
	return *first || !strcmp(text, no) ? NULL : "there is no such choice";
}

static const char *read_path(char **path, const char *text)
{
	if (!*text)
		return "it is empty";
	*path = xstrdup(text);
	return NULL;
}

static const char *set(struct tracer_options *o, const char *key, const char *value)
{
	if (!strcmp(key, "out"))
		return read_path(&o->out, value);
	if (!strcmp(key, "control"))
		return read_path(&o->control, value);
	if (!strcmp(key, "window"))
		return read_choice(&o->whole, value, "whole", "control");
	if (!strcmp(key, "models"))
		return read_choice(&o->models, value, "on", "off");
	if (!strcmp(key, "stacks"))
		return read_choice(&o->stacks, value, "on", "off");
	if (!strcmp(key, "functions"))
		return read_path(&o->functions, value);
	if (!strcmp(key, "l1i"))
		return read_cache(&o->l1i, value);
	if (!strcmp(key, "l1d"))
		return read_cache(&o->l1d, value);
	if (!strcmp(key, "itlb"))
		return read_tlb(&o->itlb, value);
	if (!strcmp(key, "itlb_huge"))
		return read_huge_tlb(&o->itlb_huge, value);
	if (!strcmp(key, "region"))
		return ranges_parse(&o->regions, value, true);
	if (!strcmp(key, "exclude"))
		return ranges_parse(&o->excluded, value, false);
	if (!strcmp(key, "fault"))
		return ranges_parse(&o->faults, value, false);
	if (!strcmp(key, "interrupt"))
		return ranges_parse(&o->interrupts, value, false);
	if (!strcmp(key, "huge"))
		return ranges_parse(&o->huge, value, false);
	return "there is no such argument";
}

static void name_regions(struct tracer_options *o)
{
	for (size_t i = 0; i < o->regions.n; i++)
		if (!strlist_has(&o->region_names, o->regions.v[i].name))
			strlist_push(&o->region_names, o->regions.v[i].name);
	strlist_sort(&o->region_names);
}

const char *tracer_options_parse(struct tracer_options *o, int argc, char **argv)
{
	static char *sentence;

	*o = (struct tracer_options){
		.whole = true,
		.l1i = { 32 << 10, 8, 64 },
		.l1d = { 32 << 10, 8, 64 },
		.itlb = { 64 * PAGE_BYTES, 8, PAGE_BYTES },
		.itlb_huge = { (uint64_t)8 * HUGE_PAGE_BYTES, 8, HUGE_PAGE_BYTES },
	};
	for (int i = 0; i < argc; i++) {
		size_t key_bytes = strcspn(argv[i], "=");
		char *key = xstrndup(argv[i], key_bytes);
		const char *wrong = argv[i][key_bytes] ? set(o, key, argv[i] + key_bytes + 1)
						       : "it has no value";

		free(key);
		free(sentence);
		sentence = NULL;
		if (wrong) {
			sentence = xasprintf("the argument '%s' is not understood: %s", argv[i],
					     wrong);
			return sentence;
		}
	}
	name_regions(o);
	if (o->region_names.n > REGIONS_MAX)
		return "there are more than 16 regions";
	if (!o->whole && !o->control)
		return "window=control needs control=PATH, the socket to be controlled by";
	if (o->whole && !o->out && !o->control)
		return "out=DIR is missing, the directory to write to";
	if (o->stacks && !o->functions)
		return "stacks=on needs functions=FILE, what code belongs to";
	return NULL;
}

int tracer_options_region(const struct tracer_options *o, uint64_t address)
{
	const struct range *range = ranges_find(&o->regions, address);

	for (size_t i = 0; range && i < o->region_names.n; i++)
		if (!strcmp(o->region_names.v[i], range->name))
			return (int)i;
	return -1;
}
