/* SPDX-License-Identifier: MIT */
#include "debuginfo.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

#include "code.h"

/* Addresses that are code of a function with a name and lines. */
static void mark(struct code *c, uint64_t start, uint64_t end)
{
	size_t low = 0, high = c->function_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->functions[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->function_count && c->functions[low].start < end; low++)
		c->functions[low].has_debug_info = true;
}

static int visit(Dwarf_Die *function, void *argument)
{
	struct code *c = argument;
	Dwarf_Addr base, start, end;
	ptrdiff_t at = 0;
	bool has_code = false;

	while ((at = dwarf_ranges(function, at, &base, &start, &end)) > 0) {
		if (!start) /* was dropped by the linker */
			continue;
		has_code = true;
		mark(c, start, end);
	}
	c->debug_function_count += has_code;
	return DWARF_CB_OK;
}

static bool has_frame(Dwarf_CFI *frames, const struct code_function *f)
{
	Dwarf_Frame *frame;

	if (!frames || dwarf_cfi_addrframe(frames, f->start, &frame))
		return false;
	free(frame);
	return true;
}

static void mark_assembly(struct code *c, Dwarf *dwarf)
{
	Dwarf_CFI *debug_frame = dwarf_getcfi(dwarf), *eh_frame = dwarf_getcfi_elf(c->elf);

	for (size_t i = 0; i < c->function_count; i++) {
		struct code_function *f = &c->functions[i];

		f->is_assembly = !f->has_debug_info && !has_frame(debug_frame, f) &&
				 (debug_frame || !has_frame(eh_frame, f));
	}
	dwarf_cfi_end(eh_frame);
}

void debuginfo_mark(struct code *c)
{
	Dwarf *dwarf = dwarf_begin_elf(c->elf, DWARF_C_READ, NULL);
	Dwarf_CU *unit = NULL;
	Dwarf_Half version;
	uint8_t type;
	Dwarf_Die die;

	while (dwarf && !dwarf_get_units(dwarf, unit, &unit, &version, &type, &die, NULL))
		dwarf_getfuncs(&die, visit, c, 0);
	mark_assembly(c, dwarf);
	dwarf_end(dwarf);
}
