/* SPDX-License-Identifier: MIT */
#include "patched.h"

#include <stdlib.h>
#include <string.h>

#include "../pipeline/lib/util.h"

enum {
	/* arch/x86/include/asm/alternative.h: struct alt_instr, packed */
	ALTERNATIVE_BYTES = 14,
	ALTERNATIVE_LENGTH_AT = 12,
	/* include/linux/jump_label.h: struct jump_entry with relative members */
	JUMP_ENTRY_BYTES = 16,
	JUMP_TARGET_AT = 4,
	/* include/linux/static_call_types.h: struct static_call_site */
	STATIC_CALL_BYTES = 8,
	/* the tables of thunks: one relative address each */
	THUNK_BYTES = 4,
	LONGEST_CALL = 6, /* jcc to a thunk */
};

static void push(struct patched *p, uint64_t start, uint64_t bytes, enum patch_kind kind,
		 uint64_t target)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 256;
		p->v = xrealloc(p->v, p->room * sizeof(*p->v));
	}
	p->v[p->n++] = (struct patch_site){ start, start + bytes, kind, target };
}

/* An address that is stored as its distance from where it is stored. */
static uint64_t relative(const uint8_t *entry, uint64_t address, size_t at)
{
	int32_t distance;

	memcpy(&distance, entry + at, sizeof(distance));
	return address + at + (uint64_t)(int64_t)distance;
}

/* Bytes of the instruction at `address`, or `otherwise` if that is not code. */
static uint64_t length_at(struct code *c, uint64_t address, uint64_t otherwise)
{
	const struct code_function *f = code_find(c, address);

	return f ? f->v[code_index(f, address)].length : otherwise;
}

typedef void read_entry(struct patched *p, struct code *c, const uint8_t *entry, uint64_t address);

static void read_table(struct patched *p, struct code *c, const char *first, const char *last,
		       size_t entry_bytes, read_entry *read)
{
	uint64_t start, end;
	const uint8_t *bytes;

	if (!code_symbol(c, first, &start) || !code_symbol(c, last, &end) || end <= start)
		return;
	bytes = code_bytes(c, start, end - start);
	for (uint64_t at = 0; bytes && at + entry_bytes <= end - start; at += entry_bytes)
		read(p, c, bytes + at, start + at);
}

static void read_alternative(struct patched *p, struct code *c, const uint8_t *entry,
			     uint64_t address)
{
	(void)c;
	push(p, relative(entry, address, 0), entry[ALTERNATIVE_LENGTH_AT], PATCH_ALTERNATIVE, 0);
}

static void read_jump_label(struct patched *p, struct code *c, const uint8_t *entry,
			    uint64_t address)
{
	uint64_t site = relative(entry, address, 0);

	push(p, site, length_at(c, site, 5), PATCH_JUMP_LABEL,
	     relative(entry, address, JUMP_TARGET_AT));
}

static void read_call(struct patched *p, struct code *c, const uint8_t *entry, uint64_t address)
{
	uint64_t site = relative(entry, address, 0);

	push(p, site, length_at(c, site, LONGEST_CALL), PATCH_CALL, 0);
}

static void read_trampolines(struct patched *p, const struct code *c)
{
	static const char prefix[] = "__SCT__";

	for (size_t i = 0; i < c->symbol_count; i++)
		if (c->symbols[i].in_code && !strncmp(c->symbols[i].name, prefix, strlen(prefix)))
			push(p, c->symbols[i].address, c->symbols[i].bytes, PATCH_CALL, 0);
}

static int compare(const void *a, const void *b)
{
	const struct patch_site *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

void patched_read(struct patched *p, struct code *c)
{
	*p = (struct patched){ 0 };
	read_table(p, c, "__alt_instructions", "__alt_instructions_end", ALTERNATIVE_BYTES,
		   read_alternative);
	read_table(p, c, "__start___jump_table", "__stop___jump_table", JUMP_ENTRY_BYTES,
		   read_jump_label);
	read_table(p, c, "__start_static_call_sites", "__stop_static_call_sites", STATIC_CALL_BYTES,
		   read_call);
	read_table(p, c, "__retpoline_sites", "__retpoline_sites_end", THUNK_BYTES, read_call);
	read_table(p, c, "__return_sites", "__return_sites_end", THUNK_BYTES, read_call);
	read_table(p, c, "__call_sites", "__call_sites_end", THUNK_BYTES, read_call);
	read_table(p, c, "__ibt_endbr_seal", "__ibt_endbr_seal_end", THUNK_BYTES, read_call);
	read_trampolines(p, c);
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare);
}

/* Sites may overlap: several alternatives of one place. They are short and few. */
const struct patch_site *patched_find(const struct patched *p, uint64_t address)
{
	enum { LONGEST_SITE = 256 };
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->v[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low-- > 0 && p->v[low].start + LONGEST_SITE > address)
		if (address < p->v[low].end)
			return &p->v[low];
	return NULL;
}

void patched_release(struct patched *p)
{
	free(p->v);
	*p = (struct patched){ 0 };
}
