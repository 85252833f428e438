/* SPDX-License-Identifier: MIT */
#include "sources.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline/lib/util.h"
#include "sketch.h"

enum { DEEPEST = 200 };

/* A piece of code of one function; those inlined into it lie within. */
struct piece {
	uint64_t start, end, function;
	unsigned depth;
};

struct pieces {
	struct piece *v;
	size_t n, room;
};

static void push_piece(struct pieces *p, struct piece piece)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 4096;
		p->v = xrealloc(p->v, p->room * sizeof(*p->v));
	}
	p->v[p->n++] = piece;
}

static void push_row(struct sources *s, uint64_t address, uint64_t function)
{
	if (s->n && s->v[s->n - 1].address == address) {
		s->v[s->n - 1].function = function;
		return;
	}
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 4096;
		s->v = xrealloc(s->v, s->room * sizeof(*s->v));
	}
	s->v[s->n++] = (struct source_row){ address, function };
}

static void take(struct pieces *p, Dwarf_Die *die, unsigned depth)
{
	/* of an inlined function, the name is at the one it is a copy of */
	const char *name = dwarf_diename(die);
	uint64_t function = name ? sketch_hash_name("", name, strlen(name)) : 0;
	Dwarf_Addr base, start, end;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(die, at, &base, &start, &end)) > 0)
		if (start && start < end) /* 0: was dropped by the linker */
			push_piece(p, (struct piece){ start, end, function, depth });
}

/* The functions below `die`, and those inlined into them. */
static void descend(struct pieces *p, Dwarf_Die *die, unsigned depth)
{
	Dwarf_Die child;

	if (depth > DEEPEST || dwarf_child(die, &child))
		return;
	do {
		int tag = dwarf_tag(&child);

		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
			take(p, &child, depth);
		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine ||
		    tag == DW_TAG_lexical_block)
			descend(p, &child, depth + 1);
	} while (!dwarf_siblingof(&child, &child));
}

/* The outer one first. */
static int compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return (x->function > y->function) - (x->function < y->function);
}

/* End those pieces that are open and do not reach `until`; what is left is theirs again. */
static size_t close_pieces(struct sources *s, const struct piece **open, size_t n, uint64_t until)
{
	while (n && open[n - 1]->end <= until) {
		uint64_t end = open[--n]->end;

		while (n && open[n - 1]->end <= end)
			n--;
		push_row(s, end, n ? open[n - 1]->function : 0);
	}
	return n;
}

/* One row wherever the innermost function changes. */
static void flatten(struct sources *s, const struct pieces *p)
{
	const struct piece **open = xcalloc(p->n + 1, sizeof(*open));
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		n = close_pieces(s, open, n, p->v[i].start);
		push_row(s, p->v[i].start, p->v[i].function);
		open[n++] = &p->v[i];
	}
	close_pieces(s, open, n, UINT64_MAX);
	free(open);
}

void sources_read(struct sources *s, const char *elf)
{
	struct pieces p = { 0 };
	Dwarf_CU *unit = NULL;
	Dwarf_Half version;
	Dwarf_Die die;
	uint8_t type;
	int fd = open(elf, O_RDONLY | O_CLOEXEC);
	Dwarf *dwarf = fd < 0 ? NULL : dwarf_begin(fd, DWARF_C_READ);

	*s = (struct sources){ 0 };
	while (dwarf && !dwarf_get_units(dwarf, unit, &unit, &version, &type, &die, NULL))
		descend(&p, &die, 0);
	dwarf_end(dwarf);
	if (fd >= 0)
		close(fd);
	if (p.n) {
		qsort(p.v, p.n, sizeof(*p.v), compare);
		flatten(s, &p);
	}
	free(p.v);
}

const struct source_row *sources_find(const struct sources *s, uint64_t address)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->v[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &s->v[low - 1] : NULL;
}

void sources_release(struct sources *s)
{
	free(s->v);
	*s = (struct sources){ 0 };
}
