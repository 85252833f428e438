/* SPDX-License-Identifier: MIT */
#include "store_lines.h"

#include <stdlib.h>
#include <string.h>

#include "../bitcode/sample_text.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "check.h"
#include "lines.h"
#include "profdata.h"

struct hot {
	char *name;
	uint64_t samples;
};

struct hots {
	struct hot *v;
	size_t n, room;
};

static void push(const char *function, uint64_t samples, void *context)
{
	struct hots *h = context;

	if (h->n == h->room) {
		h->room = h->room ? 2 * h->room : 256;
		h->v = xrealloc(h->v, h->room * sizeof(*h->v));
	}
	h->v[h->n++] = (struct hot){ xstrdup(function), samples };
}

static int by_samples(const void *a, const void *b)
{
	const struct hot *x = a, *y = b;

	if (x->samples != y->samples)
		return x->samples > y->samples ? -1 : 1;
	return strcmp(x->name, y->name);
}

static json_t *hot_list(char *text, uint64_t all)
{
	struct hots h = { 0 };
	json_t *list = json_array();

	sample_text_each(text, push, &h);
	qsort(h.v, h.n, sizeof(*h.v), by_samples);
	for (size_t i = 0; i < h.n; i++) {
		if (i < CHECK_HOT_FUNCTIONS)
			json_array_append_new(
				list, json_pack("{s:s, s:I, s:o, s:b}", "name", h.v[i].name,
						"instructions", (json_int_t)h.v[i].samples,
						"percent", check_json_percent(h.v[i].samples, all),
						"debug_info", 1));
		free(h.v[i].name);
	}
	free(h.v);
	return list;
}

char *xstore_lines(const char *from, const char *elf, const char *output, json_t **result)
{
	struct strlist inputs = STRLIST_INIT;
	struct lines_share share = { 0 };
	struct profdata made = { 0 };
	char *error, *text = NULL;

	strlist_pushf(&inputs, "1,%s", from);
	error = profdata_merge(&inputs, output);
	strlist_release(&inputs);
	if (!error)
		error = profdata_look(&made, output);
	if (!error)
		error = profdata_text(&text, output);
	if (!error)
		error = lines_look(&share, output, elf);
	if (error)
		die("cannot take the profile '%s': %s", from, error);
	*result = json_pack("{s:I, s:o, s:i, s:I, s:I, s:b, s:o}", "instructions",
			    (json_int_t)share.samples, "symbolized_percent",
			    check_json_percent(share.known_samples, share.samples),
			    "assembly_percent", 0, "profile_functions", (json_int_t)made.functions,
			    "samples", (json_int_t)made.samples, "fs_discriminators",
			    (int)made.fs_discriminators, "hot", hot_list(text, share.samples));
	free(text);
	if (!share.samples)
		return xstrdup("the profile is empty");
	if (lines_percent(&share) < lines_least_percent)
		return xasprintf(
			"only %.2f %% of the samples are in functions that the program has: "
			"this is a profile of another one",
			lines_percent(&share));
	return NULL;
}
