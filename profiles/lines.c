/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/sample_text.h"
#include "../pipeline/lib/strlist.h"
#include "../pipeline/lib/util.h"
#include "code.h"
#include "profdata.h"

const double lines_least_percent = 50;

struct look {
	struct lines_share *share;
	struct strlist names; /* of the ELF's functions, sorted */
	bool has_uniq;	      /* the profile tells static functions apart */
};

/*
 * LLVM compares names without what it appended itself; "__uniq" only if the profile has none
 * at all (FunctionSamples::getCanonicalFnName).
 */
static char *canonical(const char *name, bool has_uniq)
{
	static const char *const suffixes[] = { ".llvm.", ".part.", ".__uniq." };
	char *copy = xstrdup(name);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes) - has_uniq; i++) {
		char *at = strstr(copy, suffixes[i]);

		if (at)
			*at = '\0';
	}
	return copy;
}

static void add_name(struct look *l, const char *name)
{
	char *plain;

	if (!name || !*name)
		return;
	plain = canonical(name, l->has_uniq);
	strlist_push(&l->names, plain);
	free(plain);
}

/* Functions of a unit of debug information, inlined ones too. */
static void add_inlined(struct look *l, Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;
	Dwarf_Die die;

	if (dwarf_child(unit, &die))
		return;
	do {
		if (dwarf_tag(&die) != DW_TAG_subprogram)
			continue;
		if (dwarf_attr(&die, DW_AT_linkage_name, &attribute))
			add_name(l, dwarf_formstring(&attribute));
		else
			add_name(l, dwarf_diename(&die));
	} while (!dwarf_siblingof(&die, &die));
}

static void add_debug_names(struct look *l, const struct code *code)
{
	Dwarf *dwarf = dwarf_begin_elf(code->elf, DWARF_C_READ, NULL);
	Dwarf_CU *unit = NULL;
	Dwarf_Half version;
	uint8_t type;
	Dwarf_Die die;

	while (dwarf && !dwarf_get_units(dwarf, unit, &unit, &version, &type, &die, NULL))
		add_inlined(l, &die);
	dwarf_end(dwarf);
}

static int compare(const void *key, const void *element)
{
	return strcmp(key, *(char *const *)element);
}

static void count(const char *function, uint64_t samples, void *context)
{
	struct look *l = context;
	char *plain = canonical(function, l->has_uniq);

	l->share->functions++;
	l->share->samples += samples;
	if (bsearch(plain, l->names.v, l->names.n, sizeof(*l->names.v), compare)) {
		l->share->known_functions++;
		l->share->known_samples += samples;
	}
	free(plain);
}

char *lines_look(struct lines_share *s, const char *prof, const char *elf)
{
	struct look l = { .share = s };
	struct code code;
	char *text, *error = profdata_text(&text, prof);

	*s = (struct lines_share){ 0 };
	if (error)
		return error;
	l.has_uniq = strstr(text, ".__uniq.") != NULL;
	error = code_open(&code, elf);
	if (!error) {
		for (size_t i = 0; i < code.symbol_count; i++)
			add_name(&l, code.symbols[i].name);
		add_debug_names(&l, &code);
		strlist_sort(&l.names);
		sample_text_each(text, count, &l);
		strlist_release(&l.names);
		code_release(&code);
	}
	free(text);
	return error;
}

double lines_percent(const struct lines_share *s)
{
	return s->samples ? 100 * (double)s->known_samples / (double)s->samples : 0;
}
